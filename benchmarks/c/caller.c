/* Calls one at a time and prints what each INVITE waited for its 200, in microseconds, one per line.
 *
 *     caller SIP_PORT CALLS CALLS_PER_SECOND
 *
 * SIPp's clock has milliseconds, and the differences looked for are tenths of that. Plain sockets, so that
 * the caller costs next to nothing. Exit 1 when a call is not answered within two seconds. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int sip, sip_port, rtp_port, target_port;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int bound(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
        getsockname(fd, (struct sockaddr *)&address, &length)) {
        perror("socket");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void send_request(const char *method, int call, const char *to_tag, const char *body)
{
    char text[2000];
    int length = snprintf(text, sizeof(text),
        "%s sip:churn@127.0.0.1:%d SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK-%d-%d-%s;rport\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:caller@127.0.0.1:%d>;tag=%d\r\n"
        "To: <sip:churn@127.0.0.1:%d>%s\r\n"
        "Call-ID: %d-%d@127.0.0.1\r\n"
        "CSeq: %d %s\r\n"
        "Contact: <sip:caller@127.0.0.1:%d>\r\n"
        "%s"
        "Content-Length: %zu\r\n\r\n%s",
        method, target_port, sip_port, (int)getpid(), call, method, sip_port, call, target_port, to_tag, (int)getpid(),
        call, strcmp(method, "BYE") ? 1 : 2, method, sip_port, *body ? "Content-Type: application/sdp\r\n" : "",
        strlen(body), body);

    send(sip, text, (size_t)length, 0);
}

/* Waits for the final response to `method` of this call, and takes the To tag from it; 0 after two seconds. */
static int wait_final(const char *method, int call, char *to_tag, size_t size)
{
    char text[4096], call_id[64], cseq[32], *to, *tag;
    double end = now() + 2;

    snprintf(call_id, sizeof(call_id), "Call-ID: %d-%d@", (int)getpid(), call);
    snprintf(cseq, sizeof(cseq), " %s\r\n", method);
    while (now() < end) {
        ssize_t length = recv(sip, text, sizeof(text) - 1, 0);

        if (length <= 0)
            continue;
        text[length] = '\0';
        if (strncmp(text, "SIP/2.0 ", 8) || text[8] == '1' || !strstr(text, call_id) || !strstr(text, cseq))
            continue;
        to = strstr(text, "\r\nTo:");
        tag = to ? strstr(to, ";tag=") : NULL;
        if (tag)
            snprintf(to_tag, size, "%.*s", (int)strcspn(tag, "\r\n"), tag);
        return strncmp(text + 8, "200", 3) == 0;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    struct timeval timeout = {.tv_sec = 1};
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char sdp[300], tag[200];
    int calls, rtp;
    double interval, next;

    if (argc != 4) {
        fprintf(stderr, "usage: caller SIP_PORT CALLS CALLS_PER_SECOND\n");
        return 2;
    }
    target_port = atoi(argv[1]);
    calls = atoi(argv[2]);
    interval = 1 / atof(argv[3]);
    target.sin_port = htons((unsigned short)target_port);
    sip = bound(&sip_port);
    rtp = bound(&rtp_port);
    setsockopt(sip, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    if (connect(sip, (struct sockaddr *)&target, sizeof(target))) {
        perror("connect");
        return 1;
    }
    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
             "m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n", rtp_port);
    next = now();
    for (int call = 0; call < calls; call++, next += interval) {
        double wait = next - now(), start;

        if (wait > 0)
            usleep((useconds_t)(wait * 1e6));
        tag[0] = '\0';
        start = now();
        send_request("INVITE", call, "", sdp);
        if (!wait_final("INVITE", call, tag, sizeof(tag))) {
            fprintf(stderr, "call %d was not answered\n", call);
            return 1;
        }
        printf("%.1f\n", (now() - start) * 1e6);
        send_request("ACK", call, tag, "");
        send_request("BYE", call, tag, "");
        if (!wait_final("BYE", call, tag, sizeof(tag))) {
            fprintf(stderr, "the BYE of call %d was not answered\n", call);
            return 1;
        }
    }
    close(rtp);
    close(sip);
    return 0;
}
