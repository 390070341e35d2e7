/* Answers every call with 200 from on_incoming_call: the limit a binding is measured against.
 *
 *     churn SIP_PORT RTP_PORT MAX_CALLS
 *
 * Says "ready" when it listens and obeys the lines of agents/control.py: memory, trim, the end of input. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>

static unsigned answered, ended;

static void need(pj_status_t status, const char *what)
{
    char text[PJ_ERR_MSG_SIZE];

    if (status == PJ_SUCCESS)
        return;
    pj_strerror(status, text, sizeof(text));
    fprintf(stderr, "%s: %s\n", what, text);
    exit(1);
}

static void on_incoming_call(pjsua_acc_id acc_id, pjsua_call_id call_id, pjsip_rx_data *rdata)
{
    PJ_UNUSED_ARG(acc_id);
    PJ_UNUSED_ARG(rdata);
    if (pjsua_call_answer(call_id, 200, NULL, NULL) == PJ_SUCCESS)
        answered++;
}

static void on_call_state(pjsua_call_id call_id, pjsip_event *e)
{
    pjsua_call_info info;

    PJ_UNUSED_ARG(e);
    if (pjsua_call_get_info(call_id, &info) == PJ_SUCCESS && info.state == PJSIP_INV_STATE_DISCONNECTED)
        ended++;
}

static void on_call_media_state(pjsua_call_id call_id)
{
    pjsua_call_info info;

    pjsua_call_get_info(call_id, &info);
}

static void keep_only_pcmu(void)
{
    pjsua_codec_info codecs[64];
    unsigned count = PJ_ARRAY_SIZE(codecs);
    pj_str_t pcmu = pj_str("PCMU/8000/1");

    need(pjsua_enum_codecs(codecs, &count), "codecs");
    for (unsigned i = 0; i < count; i++)
        pjsua_codec_set_priority(&codecs[i].codec_id, 0);
    need(pjsua_codec_set_priority(&pcmu, PJMEDIA_CODEC_PRIO_HIGHEST), "PCMU");
}

static void print_memory(void)
{
    const pj_caching_pool *pools = (const pj_caching_pool *)pjsua_get_pool_factory();
    struct mallinfo2 heap = mallinfo2();

    printf("{\"pools\": %lu, \"heap_used\": %zu, \"heap_free\": %zu, \"answered\": %u, \"ended\": %u}\n",
           (unsigned long)pools->used_count, heap.uordblks + heap.hblkhd, heap.fordblks, answered, ended);
    fflush(stdout);
}

int main(int argc, char *argv[])
{
    pjsua_config ua;
    pjsua_logging_config log;
    pjsua_media_config media;
    pjsua_transport_config transport;
    pjsua_acc_config account;
    char id[64], line[64];

    if (argc != 4) {
        fprintf(stderr, "usage: churn SIP_PORT RTP_PORT MAX_CALLS\n");
        return 2;
    }
    need(pjsua_create(), "create");
    pjsua_config_default(&ua);
    ua.max_calls = (unsigned)atoi(argv[3]);
    ua.thread_cnt = 1;
    ua.cb.on_incoming_call = on_incoming_call;
    ua.cb.on_call_state = on_call_state;
    ua.cb.on_call_media_state = on_call_media_state;
    pjsua_logging_config_default(&log);
    log.level = log.console_level = 0;
    log.msg_logging = PJ_FALSE;
    pjsua_media_config_default(&media);
    media.clock_rate = 16000;
    media.ec_tail_len = 0;
    need(pjsua_init(&ua, &log, &media), "init");
    need(pjsua_set_null_snd_dev(), "null device");
    keep_only_pcmu();

    pjsua_transport_config_default(&transport);
    transport.port = (unsigned)atoi(argv[1]);
    transport.bound_addr = pj_str("127.0.0.1");
    need(pjsua_transport_create(PJSIP_TRANSPORT_UDP, &transport, NULL), "transport");
    need(pjsua_start(), "start");

    pjsua_acc_config_default(&account);
    snprintf(id, sizeof(id), "sip:churn@127.0.0.1:%s", argv[1]);
    account.id = pj_str(id);
    account.rtp_cfg = transport;
    account.rtp_cfg.port = (unsigned)atoi(argv[2]);
    need(pjsua_acc_add(&account, PJ_TRUE, NULL), "account");

    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        if (!strncmp(line, "trim", 4))
            malloc_trim(0);
        print_memory();
    }
    return pjsua_destroy() != PJ_SUCCESS;
}
