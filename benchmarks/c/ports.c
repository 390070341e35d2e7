/* Full duplex ports of plain C in pairs, at 16 kHz: what the bridge itself takes, and no binding can be below.
 *
 *     ports COUNT SECONDS
 *
 * Says what agents/streams.py says of its ports, as one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <pjsua-lib/pjsua.h>

enum { RATE = 16000, FRAME = RATE / 50 };

typedef struct port {
    pjmedia_port base;
    pj_int16_t said[FRAME], heard[FRAME];
} port;

static unsigned long frames;

static void need(pj_status_t status, const char *what)
{
    if (status != PJ_SUCCESS) {
        fprintf(stderr, "%s: %d\n", what, status);
        exit(1);
    }
}

static pj_status_t get_frame(pjmedia_port *base, pjmedia_frame *frame)
{
    port *self = base->port_data.pdata;

    memcpy(frame->buf, self->said, sizeof(self->said));
    frame->type = PJMEDIA_FRAME_TYPE_AUDIO;
    frame->size = sizeof(self->said);
    frames++;
    return PJ_SUCCESS;
}

static pj_status_t put_frame(pjmedia_port *base, pjmedia_frame *frame)
{
    port *self = base->port_data.pdata;

    if (frame->type == PJMEDIA_FRAME_TYPE_AUDIO)
        memcpy(self->heard, frame->buf, sizeof(self->heard));
    return PJ_SUCCESS;
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long resident_kb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

int main(int argc, char *argv[])
{
    unsigned count = argc > 2 ? (unsigned)atoi(argv[1]) : 0;
    double seconds = argc > 2 ? atof(argv[2]) : 0, took, used, core;
    pjsua_logging_config logging;
    pjsua_media_config media;
    pj_str_t name = pj_str("port");
    pj_pool_t *pool;
    unsigned long before;
    long rss;
    int *slots;

    if (!count || count % 2 || seconds <= 0) {
        fprintf(stderr, "ports COUNT SECONDS, COUNT even\n");
        return 2;
    }
    pj_log_set_level(0);
    need(pjsua_create(), "create");
    pjsua_logging_config_default(&logging);
    logging.level = logging.console_level = 0;
    pjsua_media_config_default(&media);
    media.max_media_ports = count + 16;
    media.snd_auto_close_time = -1;
    need(pjsua_init(NULL, &logging, &media), "init");
    need(pjsua_set_null_snd_dev(), "null device");
    need(pjsua_start(), "start");
    rss = resident_kb();
    pool = pjsua_pool_create("ports", 4000, 4000);
    slots = calloc(count, sizeof(*slots));
    for (unsigned i = 0; i < count; i++) {
        port *one = pj_pool_zalloc(pool, sizeof(*one));

        pjmedia_port_info_init(&one->base.info, &name, PJMEDIA_SIG_CLASS_APP('B', 'M', 'K'), RATE, 1, 16, FRAME);
        one->base.port_data.pdata = one;
        one->base.get_frame = get_frame;
        one->base.put_frame = put_frame;
        need(pjsua_conf_add_port(pool, &one->base, &slots[i]), "port");
    }
    for (unsigned i = 0; i < count; i++)
        need(pjsua_conf_connect(slots[i], slots[i ^ 1]), "connect");
    pj_thread_sleep(1500);
    before = frames;
    took = seconds_of(CLOCK_MONOTONIC);
    used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    pj_thread_sleep((unsigned)(seconds * 1000));
    took = seconds_of(CLOCK_MONOTONIC) - took;
    core = (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - used) / took;
    printf("{\"ports\": %u, \"kept\": %f, \"core\": %f, \"core_per_port\": %f, \"kb_per_stream\": %f}\n", count,
           (double)(frames - before) / (took * 50 * count), core, core / count, (double)(resident_kb() - rss) / count);
    fflush(stdout);
    /* Nobody calls: there is nothing to say goodbye to. */
    _Exit(0);
}
