#include "stun_wait.h"

#include <pthread.h>

#include <pjsua-lib/pjsua_internal.h>

#include "held.h"
#include "held_decisions.h"

#define THIS_FILE "stun_wait.c"

enum { TICK_MS = 20 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int ticking, closed;

/* Of any account: whose the call will be is not known before pjsua has looked. */
static int any_account(int stun_use)
{
    if (!pjsua_var.ua_cfg.stun_srv_cnt)
        return 0;
    for (pjsua_acc_id i = 0; i < PJSUA_MAX_ACC; i++)
        if (pjsua_var.acc[i].valid && (pjsua_var.acc[i].cfg.media_stun_use & stun_use) == stun_use
            && pjsua_media_acc_is_using_stun(i))
            return 1;
    return 0;
}

static int not_found(void)
{
    return pjsua_var.stun_status != PJ_EPENDING
           && (pjsua_var.stun_status != PJ_SUCCESS || !pjsua_var.stun_srv.addr.sa_family);
}

/* Whether pjsua would wait: for a search that is on, or one it would begin since the last found nothing. */
static int must_wait(void)
{
    if (!any_account(0))
        return 0;
    if (pjsua_var.stun_status == PJ_EPENDING || pjsua_var.stun_status == PJ_EUNKNOWN)
        return 1;
    return not_found() && any_account(PJSUA_STUN_RETRY_ON_FAILURE);
}

static void search_again(void)
{
    if (not_found())
        pjsua_var.stun_status = PJ_EUNKNOWN;
    resolve_stun_server(PJ_FALSE, PJ_FALSE, pjsua_var.stun_opt);
}

/* Without a server pjsua would search once more. "Found, and it is nowhere" is what it goes on with instead. */
static int give_up(void)
{
    if (pjsua_var.stun_status == PJ_SUCCESS || pjsua_var.stun_status == PJ_EPENDING)
        return 1;
    if (!pjsua_var.ua_cfg.stun_ignore_failure)
        return 0;
    pj_bzero(&pjsua_var.stun_srv, sizeof(pjsua_var.stun_srv));
    pjsua_var.stun_status = PJ_SUCCESS;
    return 1;
}

static int waits_for_it(const pyj_held *one, const void *nothing)
{
    PJ_UNUSED_ARG(nothing);
    return one->kind == PYJ_HELD_FOR_STUN;
}

static pyj_held *take_first(void)
{
    pyj_held *one;

    pthread_mutex_lock(&mutex);
    one = pyj_held_take(&waits_for_it, NULL);
    if (!one)
        ticking = 0;
    pthread_mutex_unlock(&mutex);
    return one;
}

static void release(pyj_held *one)
{
    if (!give_up()) {
        PJ_PERROR(2, (THIS_FILE, pjsua_var.stun_status, "No STUN server: an incoming call is refused with 503"));
        pyj_held_refuse(one, PJSIP_SC_SERVICE_UNAVAILABLE, NULL, NULL);
    } else if (pyj_decide_later(one->rdata)) {
        pyj_held_forget(one);
    } else {
        pyj_held_go_on(one);
    }
}

static void tick(void *nothing)
{
    pyj_held *one;

    if (pjsua_var.stun_status == PJ_EPENDING) {
        pjsua_schedule_timer2(&tick, nothing, TICK_MS);
        return;
    }
    while ((one = take_first()))
        release(one);
}

static void respond(pjsip_rx_data *rdata, int code)
{
    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, code, NULL, NULL, NULL);
}

/* A call that will find no slot need not wait for that. */
static int is_too_much(const pjsip_rx_data *rdata)
{
    return (!rdata->msg_info.to || !rdata->msg_info.to->tag.slen)
           && pyj_held_count(PYJ_HELD_FOR_STUN) >= pjsua_var.ua_cfg.max_calls;
}

static int hold(pjsip_rx_data *rdata)
{
    static const pyj_about nobody = {-1, -1, 0, 0};
    pyj_held *one;
    int begin;

    /* In one: who ticks for the last time must not miss it. */
    pthread_mutex_lock(&mutex);
    one = closed || is_too_much(rdata) ? NULL : pyj_held_add(rdata, PYJ_HELD_FOR_STUN, &nobody);
    begin = one && !ticking;
    if (one)
        ticking = 1;
    pthread_mutex_unlock(&mutex);
    if (!one) {
        respond(rdata, PJSIP_SC_SERVICE_UNAVAILABLE);
        return 1;
    }
    respond(rdata, PJSIP_SC_TRYING);
    if (begin) {
        PJ_LOG(4, (THIS_FILE, "An incoming call waits for a STUN server"));
        search_again();
        pjsua_schedule_timer2(&tick, NULL, TICK_MS);
    }
    return 1;
}

int pyj_stun_hold(pjsip_rx_data *rdata)
{
    return rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD && rdata->msg_info.via
           && rdata->msg_info.cid && rdata->msg_info.from && rdata->msg_info.cseq && must_wait() && hold(rdata);
}

void pyj_stun_settle(pjsua_acc_id acc_id)
{
    if (!pjsua_media_acc_is_using_stun(acc_id) || !must_wait())
        return;
    search_again();
    while (pjsua_var.stun_status == PJ_EPENDING) {
        if (pjsua_var.thread[0])
            pj_thread_sleep(TICK_MS);
        else
            pjsua_handle_events(TICK_MS);
    }
    give_up();
}

void pyj_stun_wait_open(void)
{
    pthread_mutex_lock(&mutex);
    closed = ticking = 0;
    pthread_mutex_unlock(&mutex);
}

void pyj_stun_wait_close(void)
{
    pthread_mutex_lock(&mutex);
    closed = 1;
    pthread_mutex_unlock(&mutex);
}
