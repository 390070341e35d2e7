#include "notifier.h"

#include <stdlib.h>

#include "decisions.h"
#include "emit.h"
#include "events_notifier.h"
#include "evsubs.h"
#include "ids.h"
#include "subscribe_requests.h"
#include "tables.h"

typedef struct subscriber {
    pyj_evsub base;
    unsigned expires, min_expires;
    int resend;
    int fetch;               /* one NOTIFY, and the end */
    pjsip_evsub_state state; /* as it was told */
    pj_time_val until;       /* when it expires */
    int too_brief;           /* the SUBSCRIBE that is being dealt with asks for too little */
    /* The CSeq of the NOTIFY that is being sent, which may be 0, and one more; its answer, where that is 401 or 407. */
    intptr_t sending;
    int challenged;
    pj_pool_t *pool;
    pjsua_msg_data *last; /* what was told last; in the pool */
} subscriber;

static pyj_evsubs all = PYJ_EVSUBS;

static const pj_str_t timeout = {"timeout", 7};

static void on_tsx_state_of_dialog(pjsip_transaction *tsx, pjsip_event *event);

static pjsip_module module = {
    .name = {"pyjsua-notifier", 15},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_APPLICATION,
    .on_tsx_state = on_tsx_state_of_dialog,
};

pj_status_t pyj_notifier_register(pjsip_endpoint *endpt)
{
    module.id = -1;
    module.prev = module.next = NULL;
    return pjsip_endpt_register_module(endpt, &module);
}

pj_status_t pyj_acc_register_pkg(pjsua_acc_id acc_id, const pyj_package *package)
{
    pj_status_t status;

    PJSUA_LOCK();
    status = pyj_evsub_know_package(&package->event);
    PJSUA_UNLOCK();
    return status == PJ_SUCCESS ? pyj_package_set(pyj_acc_serial(acc_id), package) : status;
}

pj_status_t pyj_acc_unregister_pkg(pjsua_acc_id acc_id, const pj_str_t *event)
{
    return pyj_package_drop(pyj_acc_serial(acc_id), event);
}

static void forget(subscriber *one)
{
    pjsip_evsub_set_mod_data(one->base.sub, pyj_evsub_module(), NULL);
    if (one->pool)
        pj_pool_release(one->pool);
    pyj_evsubs_forget(&all, &one->base);
}

static subscriber *of(const pjsip_evsub *sub)
{
    return pjsip_evsub_get_mod_data(sub, pyj_evsub_module());
}

/* -- NOTIFY */

static void keep(subscriber *one, const pjsua_msg_data *msg_data)
{
    pj_pool_t *pool = pjsua_pool_create("notify", 512, 512);

    if (!pool)
        return;
    one->last = pjsua_msg_data_clone(pool, msg_data);
    if (one->pool)
        pj_pool_release(one->pool);
    one->pool = pool;
}

static void finish_header(pjsip_tx_data *tdata, int retry_after)
{
    static const pj_str_t name = {"Subscription-State", 18};
    pjsip_sub_state_hdr *hdr = pjsip_msg_find_hdr_by_name(tdata->msg, &name, NULL);

    hdr->retry_after = retry_after;
    /* A timer that comes late leaves less than nothing. */
    if (hdr->expires_param != PJSIP_EXPIRES_NOT_SPECIFIED && hdr->expires_param > INT32_MAX)
        hdr->expires_param = 0;
}

static pj_status_t send_notify(subscriber *one, const pyj_notify *what)
{
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_evsub_notify(one->base.sub, what->state, what->state_str, what->reason, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    finish_header(tdata, what->retry_after);
    pyj_package_set_allow_events(one->base.about.acc_serial, tdata);
    pjsua_process_msg_data(tdata, what->msg_data);
    status = pjsip_tx_data_encode(tdata);
    if (status != PJ_SUCCESS) {
        pjsip_tx_data_dec_ref(tdata);
        return status;
    }
    if (one->resend && what->state != PJSIP_EVSUB_STATE_TERMINATED && what->msg_data != one->last)
        keep(one, what->msg_data);
    one->sending = (intptr_t)one->base.dlg->local.cseq + 1;
    return pjsip_evsub_send_request(one->base.sub, tdata);
}

static pj_status_t send_last(subscriber *one, pjsip_evsub_state state, const pj_str_t *state_str, const pj_str_t *reason)
{
    pyj_notify what = {state, state_str, reason, -1, one->resend ? one->last : NULL};

    return send_notify(one, &what);
}

/* The end, whether or not it can be told. */
static void finish(subscriber *one, const pj_str_t *reason)
{
    pjsip_evsub *sub = one->base.sub;

    one->base.ending = 1;
    if (send_last(one, PJSIP_EVSUB_STATE_TERMINATED, NULL, reason) != PJ_SUCCESS)
        pjsip_evsub_terminate(sub, PJ_TRUE);
}

pj_status_t pyj_subscriber_notify(int id, uint64_t serial, const pyj_notify *what, int *cseq)
{
    pyj_notify now = *what;
    pyj_evsub_held held;
    subscriber *one;
    pj_status_t status = pyj_evsubs_hold(&all, id, serial, &held);

    if (status != PJ_SUCCESS)
        return status;
    one = (subscriber *)held.one;
    *cseq = (int)held.dlg->local.cseq;
    if (one->fetch) {
        now.state = PJSIP_EVSUB_STATE_TERMINATED;
        now.state_str = NULL;
        now.reason = what->reason ? what->reason : &timeout;
    }
    status = send_notify(one, &now);
    /* What cannot be told ends all the same; of what is too long less may be told. */
    if (status != PJ_SUCCESS && status != PJSIP_EMSGTOOLONG && now.state == PJSIP_EVSUB_STATE_TERMINATED)
        pjsip_evsub_terminate(held.sub, PJ_TRUE);
    pyj_evsub_let_go(&held);
    return status;
}

/* -- what PJSIP calls, with the dialog held */

static void tell_answer(const subscriber *one, int cseq, const pjsip_transaction *tsx, pjsip_event *event)
{
    pyj_on_notify_status out = {.subscriber = pyj_evsub_id(&one->base), .cseq = cseq};

    if (!pyj_wanted(PYJ_OnNotifyStatus))
        return;
    out.status_code = tsx->status_code;
    out.reason = tsx->status_text;
    pyj_emit_about(PYJ_OnNotifyStatus, &out, &one->base.about, pyj_message_from_event(event), 0);
}

static void tell_state(const subscriber *one, pjsip_event *event)
{
    const pjsip_transaction *tsx = event->type == PJSIP_EVENT_TSX_STATE ? event->body.tsx_state.tsx : NULL;
    pyj_on_subscriber_state out = {.subscriber = pyj_evsub_id(&one->base), .state = one->state};

    if (!pyj_wanted(PYJ_OnSubscriberState))
        return;
    out.state_name = pjsip_evsub_get_state_name(one->base.sub);
    if (one->challenged)
        out.status_code = one->challenged;
    else if (tsx && tsx->role == PJSIP_ROLE_UAC)
        out.status_code = tsx->status_code;
    if (one->state == PJSIP_EVSUB_STATE_TERMINATED)
        out.reason = *pjsip_evsub_get_termination_reason(one->base.sub);
    pyj_emit_about(PYJ_OnSubscriberState, &out, &one->base.about, pyj_message_from_event(event), 0);
}

static void on_state(pjsip_evsub *sub, pjsip_event *event)
{
    subscriber *one = of(sub);
    pjsip_evsub_state state = pjsip_evsub_get_state(sub);

    if (!one || state == PJSIP_EVSUB_STATE_NULL)
        return;
    /* Each NOTIFY sets it anew. */
    if (state != one->state || state == PJSIP_EVSUB_STATE_UNKNOWN) {
        one->state = state;
        tell_state(one, event);
    }
    if (state == PJSIP_EVSUB_STATE_TERMINATED)
        forget(one);
}

static int is_challenge(const pjsip_transaction *tsx)
{
    return tsx->state == PJSIP_TSX_STATE_COMPLETED && (tsx->status_code == 401 || tsx->status_code == 407);
}

static void on_notify_tsx(subscriber *one, pjsip_transaction *tsx, pjsip_event *event)
{
    void **sent = &tsx->mod_data[module.id];
    intptr_t number;

    if (tsx->state == PJSIP_TSX_STATE_CALLING && one->sending) {
        *sent = (void *)one->sending;
        one->sending = one->challenged = 0;
    }
    /* PJSIP would take it for a refusal. */
    if (tsx->state == PJSIP_TSX_STATE_PROCEEDING)
        tsx->status_code = PJSIP_SC_OK;
    number = (intptr_t)*sent;
    if (!number || (tsx->state != PJSIP_TSX_STATE_COMPLETED && tsx->state != PJSIP_TSX_STATE_TERMINATED))
        return;
    *sent = NULL;
    if (!is_challenge(tsx) || tsx->last_tx->auth_retry)
        tell_answer(one, (int)(number - 1), tsx, event);
    if (is_challenge(tsx)) {
        one->challenged = tsx->status_code;
        /* Sent anew in a moment, with credentials. A second challenge PJSIP leaves to others. */
        if (tsx->last_tx->auth_retry)
            pjsip_evsub_terminate(one->base.sub, PJ_TRUE);
        else
            one->sending = number;
    }
}

/* Before PJSIP looks at it. */
static void on_refresh_tsx(subscriber *one, pjsip_event *event)
{
    pjsip_rx_data *rdata = event->body.tsx_state.src.rdata;
    unsigned asked = pyj_granted(rdata, one->expires);
    pj_time_val left = one->until, now;

    pj_gettimeofday(&now);
    PJ_TIME_VAL_SUB(left, now);
    one->too_brief = pyj_is_brief(asked, one->min_expires);
    if (one->too_brief) {
        /* Refused, it goes on as it was. */
        asked = left.sec > 0 ? (unsigned)left.sec : 1;
    } else {
        one->until = now;
        one->until.sec += asked;
    }
    pyj_set_expires(rdata, asked);
}

static void on_tsx_state(pjsip_evsub *sub, pjsip_transaction *tsx, pjsip_event *event)
{
    subscriber *one = of(sub);

    if (!one || event->type != PJSIP_EVENT_TSX_STATE)
        return;
    if (tsx->role == PJSIP_ROLE_UAC)
        on_notify_tsx(one, tsx, event);
    else if (tsx->state == PJSIP_TSX_STATE_TRYING && event->body.tsx_state.type == PJSIP_EVENT_RX_MSG)
        on_refresh_tsx(one, event);
}

static void on_rx_refresh(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                          pjsip_msg_body **body)
{
    subscriber *one = of(sub);
    pjsip_evsub_state state = pjsip_evsub_get_state(sub);
    pyj_on_subscriber_refresh out = {.expires = pjsip_evsub_get_expires(sub)};
    pj_str_t name = pj_str((char *)pjsip_evsub_get_state_name(sub));

    PJ_UNUSED_ARG(text);
    PJ_UNUSED_ARG(body);
    if (!one)
        return;
    if (one->too_brief) {
        *code = PJSIP_SC_INTERVAL_TOO_BRIEF;
        pj_list_push_back(headers, pjsip_min_expires_hdr_create(rdata->tp_info.pool, one->min_expires));
        return;
    }
    out.subscriber = pyj_evsub_id(&one->base);
    if (pyj_wanted(PYJ_OnSubscriberRefresh))
        pyj_emit_about(PYJ_OnSubscriberRefresh, &out, &one->base.about, pyj_message_from_rdata(rdata), 0);
    if (state == PJSIP_EVSUB_STATE_TERMINATED)
        finish(one, &timeout);
    else if (one->last)
        send_last(one, state, state == PJSIP_EVSUB_STATE_UNKNOWN ? &name : NULL, NULL);
}

static void on_timeout(pjsip_evsub *sub)
{
    subscriber *one = of(sub);

    if (one)
        finish(one, &timeout);
}

static const pjsip_evsub_user callbacks = {
    .on_evsub_state = on_state,
    .on_tsx_state = on_tsx_state,
    .on_rx_refresh = on_rx_refresh,
    .on_server_timeout = on_timeout,
};

/* A SUBSCRIBE in the dialog that is of no subscription there, or of one that has ended, PJSIP would answer 500. */
static void on_tsx_state_of_dialog(pjsip_transaction *tsx, pjsip_event *event)
{
    pjsip_dialog *dlg = pjsip_tsx_get_dlg(tsx);
    pjsip_tx_data *tdata;

    if (!dlg || tsx->role != PJSIP_ROLE_UAS || tsx->state != PJSIP_TSX_STATE_TRYING || pjsip_tsx_get_evsub(tsx)
        || event->body.tsx_state.type != PJSIP_EVENT_RX_MSG
        || pjsip_method_cmp(&tsx->method, pjsip_get_subscribe_method()))
        return;
    if (pjsip_dlg_create_response(dlg, event->body.tsx_state.src.rdata, PJSIP_SC_CALL_TSX_DOES_NOT_EXIST, NULL, &tdata)
        == PJ_SUCCESS)
        pjsip_dlg_send_response(dlg, tsx, tdata);
}

/* -- accepting */

/* With PJSUA_LOCK. The dialog comes held, and the request has its transaction. */
static pj_status_t create_dialog(const pjsua_acc *acc, pjsip_rx_data *rdata, pjsip_dialog **dlg)
{
    char target[PJSIP_MAX_URL_SIZE];
    pj_str_t contact = acc->contact, uri = {target, 0};
    pj_status_t status = PJ_SUCCESS;
    int len;

    if (!contact.slen)
        status = pjsua_acc_create_uas_contact(rdata->tp_info.pool, &contact, acc->index, rdata);
    if (status == PJ_SUCCESS)
        status = pjsip_dlg_create_uas_and_inc_lock(pjsip_ua_instance(), rdata, &contact, dlg);
    if (status != PJ_SUCCESS)
        return status;
    len = pjsip_uri_print(PJSIP_URI_IN_REQ_URI, (*dlg)->target, target, sizeof(target));
    uri.slen = len > 0 ? len : 0;
    pyj_evsub_set_up_dialog(acc, *dlg, &uri);
    return PJ_SUCCESS;
}

static void refuse_in_dialog(pjsip_dialog *dlg, pjsip_rx_data *rdata, int code)
{
    pjsip_tx_data *tdata;

    if (pjsip_dlg_create_response(dlg, rdata, code, NULL, &tdata) == PJ_SUCCESS)
        pjsip_dlg_send_response(dlg, pjsip_rdata_get_tsx(rdata), tdata);
}

static void init(subscriber *one, const pyj_held *request, const pyj_package *package)
{
    unsigned expires = pyj_granted(request->rdata, package->expires);

    one->base.about = request->about;
    one->expires = package->expires;
    one->min_expires = package->min_expires;
    one->resend = package->resend;
    one->fetch = expires == 0;
    one->state = PJSIP_EVSUB_STATE_ACCEPTED;
    pj_gettimeofday(&one->until);
    one->until.sec += expires;
}

/* The dialog is held, and the evsub has one reference more. */
static pj_status_t answer(subscriber *one, pjsip_rx_data *rdata, int code, const pjsua_msg_data *msg_data)
{
    pj_status_t status = pyj_evsubs_add(&all, &one->base);

    if (status != PJ_SUCCESS) {
        pjsip_evsub_terminate(one->base.sub, PJ_FALSE);
        free(one);
        return status;
    }
    pjsip_evsub_set_mod_data(one->base.sub, pyj_evsub_module(), one);
    pjsip_dlg_add_usage(one->base.dlg, &module, NULL);
    status = pjsip_evsub_accept(one->base.sub, rdata, code, msg_data ? &msg_data->hdr_list : NULL);
    if (status != PJ_SUCCESS) {
        pjsip_evsub_terminate(one->base.sub, PJ_FALSE);
        forget(one);
    } else if (one->fetch) {
        /* Its time was over at once. */
        pjsip_evsub_uas_set_timeout(one->base.sub, PJ_MAX((unsigned)pyj_policies.later_ms / 1000, 1));
    }
    return status;
}

pj_status_t pyj_subscriber_accept(pyj_held *request, int code, const pjsua_msg_data *msg_data,
                                  const pyj_package *package, pyj_serial_id *out)
{
    pjsip_rx_data *rdata = request->rdata;
    subscriber *one = calloc(1, sizeof(*one));
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
    pj_status_t status = PJ_ENOMEM;

    if (one) {
        init(one, request, package);
        /* Nobody knows the dialog yet, so it may be taken the other way round. */
        PJSUA_LOCK();
        status = create_dialog(&pjsua_var.acc[request->about.acc_id], rdata, &dlg);
        PJSUA_UNLOCK();
    }
    if (status != PJ_SUCCESS) {
        pyj_held_refuse(request, one ? PJSIP_SC_BAD_REQUEST : PJSIP_SC_INTERNAL_SERVER_ERROR, NULL, NULL);
        free(one);
        return status;
    }
    status = pjsip_evsub_create_uas(dlg, &callbacks, rdata, 0, &sub);
    if (status != PJ_SUCCESS) {
        free(one);
        refuse_in_dialog(dlg, rdata, PJSIP_SC_BAD_REQUEST);
        pjsip_dlg_dec_lock(dlg);
        pyj_held_forget(request);
        return status;
    }
    pjsip_evsub_add_ref(sub);
    one->base.sub = sub;
    one->base.dlg = dlg;
    status = answer(one, rdata, code, msg_data);
    if (status == PJ_SUCCESS)
        *out = pyj_evsub_id(&one->base);
    pjsip_dlg_dec_lock(dlg);
    pjsip_evsub_dec_ref(sub);
    pyj_held_forget(request);
    return status;
}

/* -- the end */

void pyj_subscribers_end(uint64_t acc_serial)
{
    static const pj_str_t reason = {"noresource", 10};
    uint64_t serial;

    if (acc_serial)
        pyj_subscribe_acc_ended(acc_serial);
    for (int id = 0; pyj_evsubs_next(&all, acc_serial, &id, &serial); id++) {
        pyj_evsub_held held;

        if (pyj_evsubs_hold(&all, id, serial, &held) != PJ_SUCCESS)
            continue;
        finish((subscriber *)held.one, &reason);
        pyj_evsub_let_go(&held);
    }
    if (acc_serial)
        pyj_packages_drop_all(acc_serial);
}

void pyj_notifier_close(void)
{
    pyj_evsubs_close(&all);
    pyj_packages_drop_all(0);
}
