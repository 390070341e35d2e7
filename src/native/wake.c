#include "wake.h"

#if defined(__linux__) && !defined(PYJ_WAKE_PORTABLE)
#define LINUX_WAKE 1
#include <limits.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#else
#include <pthread.h>
#endif
#include <errno.h>
#ifdef _WIN32
#include <winsock2.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif
#include <time.h>

/* -- the descriptor */

#ifdef _WIN32

int pyj_wake_open(pyj_wake *wake)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int len = sizeof(addr);
    u_long on = 1;
    WSADATA data;
    SOCKET made;

    if (WSAStartup(MAKEWORD(2, 2), &data)) {
        errno = EIO;
        return -1;
    }
    made = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    /* A socket's number is a handle: those fit in 32 bits. */
    if (made != INVALID_SOCKET && !bind(made, (struct sockaddr *)&addr, sizeof(addr))
        && !getsockname(made, (struct sockaddr *)&addr, &len) && !connect(made, (struct sockaddr *)&addr, len)
        && !ioctlsocket(made, (long)FIONBIO, &on)) {
        wake->read_fd = wake->write_fd = (int)made;
        return 0;
    }
    if (made != INVALID_SOCKET)
        closesocket(made);
    WSACleanup();
    errno = EIO; /* winsock has numbers of its own */
    return -1;
}

void pyj_wake_close(pyj_wake *wake)
{
    if (wake->read_fd < 0)
        return;
    closesocket((SOCKET)wake->read_fd);
    WSACleanup();
    wake->read_fd = wake->write_fd = -1;
}

void pyj_wake_write(const pyj_wake *wake)
{
    send((SOCKET)wake->write_fd, "", 1, 0);
}

void pyj_wake_read(const pyj_wake *wake)
{
    char sink[8];

    while (recv((SOCKET)wake->read_fd, sink, sizeof(sink), 0) > 0)
        ;
}

int pyj_wake_wait(const pyj_wake *wake, int timeout_ms)
{
    WSAPOLLFD poller = {.fd = (SOCKET)wake->read_fd, .events = POLLRDNORM};

    return WSAPoll(&poller, 1, timeout_ms);
}

#else

int pyj_wake_open(pyj_wake *wake)
{
#ifdef LINUX_WAKE
    wake->read_fd = wake->write_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return wake->read_fd < 0 ? -1 : 0;
#else
    int fds[2];

    if (pipe(fds))
        return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    wake->read_fd = fds[0];
    wake->write_fd = fds[1];
    return 0;
#endif
}

void pyj_wake_close(pyj_wake *wake)
{
    if (wake->read_fd < 0)
        return;
    close(wake->read_fd);
    if (wake->write_fd != wake->read_fd)
        close(wake->write_fd);
    wake->read_fd = wake->write_fd = -1;
}

void pyj_wake_write(const pyj_wake *wake)
{
    /* An eventfd wants eight bytes. */
    static const uint64_t one = 1;

    while (write(wake->write_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void pyj_wake_read(const pyj_wake *wake)
{
    char sink[512];
    ssize_t got;

    do
        got = read(wake->read_fd, sink, sizeof(sink));
    while (got == (ssize_t)sizeof(sink) || (got < 0 && errno == EINTR));
}

int pyj_wake_wait(const pyj_wake *wake, int timeout_ms)
{
    struct pollfd poller = {.fd = wake->read_fd, .events = POLLIN};

    return poll(&poller, 1, timeout_ms);
}

#endif

/* -- the counter */

#ifdef LINUX_WAKE

void pyj_park(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec left = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &left, NULL, 0);
}

void pyj_unpark(const _Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#else

/* One for all words: whoever is woken for another's looks at its own again. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void pyj_park(const _Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    ns += (uint64_t)end.tv_nsec;
    end.tv_sec += (time_t)(ns / 1000000000u);
    end.tv_nsec = (long)(ns % 1000000000u);
    pthread_mutex_lock(&mutex);
    if (atomic_load(word) == seen)
        pthread_cond_timedwait(&changed, &mutex, &end);
    pthread_mutex_unlock(&mutex);
}

void pyj_unpark(const _Atomic uint32_t *word)
{
    (void)word;
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

#endif
