#include "stun_wait.h"

#include <pthread.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#define THIS_FILE "stun_wait.c"

enum { TICK_MS = 20 };

typedef struct held {
    struct held *next;
    pjsip_rx_data *rdata;
} held;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static held *first; /* in the order they came */
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

static held *take_first(void)
{
    held *one;

    pthread_mutex_lock(&mutex);
    one = first;
    if (one)
        first = one->next;
    else
        ticking = 0;
    pthread_mutex_unlock(&mutex);
    return one;
}

static void forget(held *one)
{
    pjsip_rx_data_free_cloned(one->rdata);
    free(one);
}

static void respond(pjsip_rx_data *rdata, int code)
{
    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, code, NULL, NULL, NULL);
}

static void release(held *one)
{
    pjsip_process_rdata_param where;
    pj_bool_t handled = PJ_FALSE;

    if (!give_up()) {
        PJ_PERROR(2, (THIS_FILE, pjsua_var.stun_status, "No STUN server: an incoming call is refused with 503"));
        respond(one->rdata, PJSIP_SC_SERVICE_UNAVAILABLE);
    } else {
        pjsip_process_rdata_param_default(&where);
        where.start_prio = PJSIP_MOD_PRIORITY_TSX_LAYER;
        pjsip_endpt_process_rx_data(pjsua_var.endpt, one->rdata, &where, &handled);
    }
    forget(one);
}

static void tick(void *nothing)
{
    held *one;

    if (pjsua_var.stun_status == PJ_EPENDING) {
        pjsua_schedule_timer2(&tick, nothing, TICK_MS);
        return;
    }
    while ((one = take_first()))
        release(one);
}

static int same_transaction(const pjsip_rx_data *one, const pjsip_rx_data *other)
{
    return !pj_strcmp(&one->msg_info.via->branch_param, &other->msg_info.via->branch_param)
           && !pj_strcmp(&one->msg_info.cid->id, &other->msg_info.cid->id)
           && !pj_strcmp(&one->msg_info.from->tag, &other->msg_info.from->tag)
           && one->msg_info.cseq->cseq == other->msg_info.cseq->cseq;
}

/* The INVITE this belongs to; taken out for a CANCEL. */
static held *find(const pjsip_rx_data *rdata, int take)
{
    held **at, *found;

    pthread_mutex_lock(&mutex);
    for (at = &first; *at && !same_transaction((*at)->rdata, rdata); at = &(*at)->next)
        ;
    found = *at;
    if (found && take)
        *at = found->next;
    pthread_mutex_unlock(&mutex);
    return found;
}

static int hold(pjsip_rx_data *rdata)
{
    held *one = calloc(1, sizeof(*one)), **at;
    int begin = 0, shut;

    if (!one || pjsip_rx_data_clone(rdata, 0, &one->rdata) != PJ_SUCCESS) {
        free(one);
        respond(rdata, PJSIP_SC_SERVICE_UNAVAILABLE);
        return 1;
    }
    pthread_mutex_lock(&mutex);
    shut = closed;
    if (!shut) {
        for (at = &first; *at; at = &(*at)->next)
            ;
        *at = one;
        begin = !ticking;
        ticking = 1;
    }
    pthread_mutex_unlock(&mutex);
    if (shut) {
        respond(rdata, PJSIP_SC_SERVICE_UNAVAILABLE);
        forget(one);
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
    pjsip_method_e method = rdata->msg_info.msg->line.req.method.id;
    held *one;

    if (method != PJSIP_INVITE_METHOD && (method != PJSIP_CANCEL_METHOD || !first))
        return 0;
    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.cseq)
        return 0;
    one = find(rdata, method == PJSIP_CANCEL_METHOD);
    if (method == PJSIP_CANCEL_METHOD) {
        if (!one)
            return 0;
        respond(rdata, PJSIP_SC_OK);
        respond(one->rdata, PJSIP_SC_REQUEST_TERMINATED);
        forget(one);
        return 1;
    }
    return one || (must_wait() && hold(rdata));
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
    held *one;

    pthread_mutex_lock(&mutex);
    closed = 1;
    pthread_mutex_unlock(&mutex);
    while ((one = take_first()))
        forget(one);
}
