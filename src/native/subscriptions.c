#include "subscriptions.h"

#include <stdlib.h>

#include "emit.h"
#include "event_packages.h"
#include "events_presence.h"
#include "evsubs.h"
#include "tables.h"

typedef struct subscription {
    pyj_evsub base;
    pj_str_t event, accept; /* in the dialog's pool */
    unsigned expires;       /* as asked for */
    int starting, ended;    /* the first SUBSCRIBE is being sent; and it came to nothing */
} subscription;

static pyj_evsubs all = PYJ_EVSUBS;

static void forget(subscription *one)
{
    pjsip_evsub_set_mod_data(one->base.sub, pyj_evsub_module(), NULL);
    pyj_evsubs_forget(&all, &one->base);
}

/* -- what PJSIP calls, with the dialog held */

static void on_state(pjsip_evsub *sub, pjsip_event *event)
{
    subscription *one = pjsip_evsub_get_mod_data(sub, pyj_evsub_module());
    pjsip_evsub_state state = pjsip_evsub_get_state(sub);
    pyj_on_subscription_state out = {0};

    if (!one || state == PJSIP_EVSUB_STATE_NULL || state == PJSIP_EVSUB_STATE_SENT)
        return;
    if (one->starting) {
        one->ended = state == PJSIP_EVSUB_STATE_TERMINATED;
        return;
    }
    if (pyj_wanted(PYJ_OnSubscriptionState)) {
        out.subscription = pyj_evsub_id(&one->base);
        out.state = state;
        out.state_name = pjsip_evsub_get_state_name(sub);
        if (event && event->type == PJSIP_EVENT_TSX_STATE && event->body.tsx_state.tsx->role == PJSIP_ROLE_UAC)
            out.status_code = event->body.tsx_state.tsx->status_code;
        if (state == PJSIP_EVSUB_STATE_TERMINATED)
            out.reason = *pjsip_evsub_get_termination_reason(sub);
        pyj_emit_about(PYJ_OnSubscriptionState, &out, &one->base.about, pyj_message_from_event(event), 0);
    }
    if (state == PJSIP_EVSUB_STATE_TERMINATED)
        forget(one);
}

static void on_notify(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                      pjsip_msg_body **body)
{
    static const pj_str_t name = {"Subscription-State", 18};
    const pjsip_sub_state_hdr *hdr = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL);
    const subscription *one = pjsip_evsub_get_mod_data(sub, pyj_evsub_module());
    pyj_on_notify out = {0};

    PJ_UNUSED_ARG(code);
    PJ_UNUSED_ARG(text);
    PJ_UNUSED_ARG(headers);
    PJ_UNUSED_ARG(body);
    if (!one || !hdr || !pyj_wanted(PYJ_OnNotify))
        return;
    out.subscription = pyj_evsub_id(&one->base);
    out.event = one->event;
    out.state = hdr->sub_state;
    out.reason = hdr->reason_param;
    out.expires = hdr->expires_param == PJSIP_EXPIRES_NOT_SPECIFIED ? -1 : (int)(hdr->expires_param & 0x7fffffff);
    out.retry_after = hdr->retry_after < 0 ? -1 : (int)hdr->retry_after;
    pyj_emit_about(PYJ_OnNotify, &out, &one->base.about, pyj_message_from_rdata(rdata), 0);
}

/* PJSIP puts the package's Accept into each SUBSCRIBE, which is one for all. */
static void set_accept(const subscription *one, pjsip_tx_data *tdata)
{
    static const pj_str_t name = {"Accept", 6};

    while (pjsip_msg_find_remove_hdr(tdata->msg, PJSIP_H_ACCEPT, NULL))
        ;
    if (one->accept.slen)
        pjsip_msg_add_hdr(tdata->msg, (pjsip_hdr *)pjsip_generic_string_hdr_create(tdata->pool, &name, &one->accept));
}

static pj_status_t send_subscribe(subscription *one, unsigned expires, const pjsua_msg_data *msg_data)
{
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_evsub_initiate(one->base.sub, NULL, expires, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    set_accept(one, tdata);
    pyj_package_set_allow_events(one->base.about.acc_serial, tdata);
    pjsua_process_msg_data(tdata, msg_data);
    return pjsip_evsub_send_request(one->base.sub, tdata);
}

static void on_refresh(pjsip_evsub *sub)
{
    subscription *one = pjsip_evsub_get_mod_data(sub, pyj_evsub_module());

    if (one)
        send_subscribe(one, one->expires, NULL);
}

static const pjsip_evsub_user callbacks = {
    .on_evsub_state = on_state,
    .on_rx_notify = on_notify,
    .on_client_refresh = on_refresh,
};

/* -- subscribing */

static void keep_headers(subscription *one, const pjsua_msg_data *msg_data)
{
    for (pjsip_hdr *hdr = msg_data->hdr_list.next; hdr && hdr != &msg_data->hdr_list; hdr = hdr->next) {
        pjsip_hdr list;

        if (hdr->type == PJSIP_H_MAX_FORWARDS)
            continue;
        pj_list_init(&list);
        pj_list_push_back(&list, (pjsip_hdr *)pjsip_hdr_clone(one->base.dlg->pool, hdr));
        pjsip_evsub_add_header(one->base.sub, &list);
    }
}

/* The dialog comes held. */
static pj_status_t create_dialog(pjsua_acc *acc, const pj_str_t *uri, const pjsua_msg_data *msg_data,
                                 pjsip_dialog **dlg)
{
    const pj_str_t *target = msg_data && msg_data->target_uri.slen ? &msg_data->target_uri : NULL;
    pj_pool_t *pool = pjsua_pool_create("subscribe", 512, 256);
    pj_str_t contact = acc->contact;
    pj_status_t status = PJ_SUCCESS;

    if (!pool)
        return PJ_ENOMEM;
    if (!contact.slen)
        status = pjsua_acc_create_uac_contact(pool, &contact, acc->index, target ? target : uri);
    if (status == PJ_SUCCESS)
        status = pjsip_dlg_create_uac(pjsip_ua_instance(), &acc->cfg.id, &contact, uri, target, dlg);
    pj_pool_release(pool);
    if (status != PJ_SUCCESS)
        return status;
    pjsip_dlg_inc_lock(*dlg);
    pyj_evsub_set_up_dialog(acc, *dlg, target ? target : uri);
    if (!pj_list_empty(&acc->route_set))
        pjsip_dlg_set_route_set(*dlg, &acc->route_set);
    return PJ_SUCCESS;
}

static pj_status_t start(subscription *one, const pjsua_msg_data *msg_data)
{
    pj_status_t status = pyj_evsubs_add(&all, &one->base);

    if (status != PJ_SUCCESS) {
        pjsip_evsub_terminate(one->base.sub, PJ_FALSE);
        free(one);
        return status;
    }
    pjsip_evsub_set_mod_data(one->base.sub, pyj_evsub_module(), one);
    one->starting = 1;
    status = send_subscribe(one, one->expires, msg_data);
    one->starting = 0;
    if (one->ended && status == PJ_SUCCESS)
        status = PJSIP_ERRNO_FROM_SIP_STATUS(PJSIP_SC_SERVICE_UNAVAILABLE);
    if (status == PJ_SUCCESS) {
        if (msg_data)
            keep_headers(one, msg_data);
        return PJ_SUCCESS;
    }
    if (!one->ended)
        pjsip_evsub_terminate(one->base.sub, PJ_FALSE);
    forget(one);
    return status;
}

pj_status_t pyj_acc_subscribe(pjsua_acc_id acc_id, const pj_str_t *uri, const pj_str_t *event,
                              const pj_str_t *accept, unsigned expires, const pjsua_msg_data *msg_data,
                              pyj_serial_id *out)
{
    subscription *one = calloc(1, sizeof(*one));
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
    pj_status_t status;

    if (!one)
        return PJ_ENOMEM;
    one->base.about = pyj_about_acc(acc_id);
    one->expires = expires;
    /* Nobody knows the dialog yet, so it may be taken the other way round. */
    PJSUA_LOCK();
    status = pyj_evsub_know_package(event);
    if (status == PJ_SUCCESS)
        status = create_dialog(&pjsua_var.acc[acc_id], uri, msg_data, &dlg);
    PJSUA_UNLOCK();
    if (status != PJ_SUCCESS) {
        free(one);
        return status;
    }
    status = pjsip_evsub_create_uac(dlg, &callbacks, event, PJSIP_EVSUB_NO_EVENT_ID, &sub);
    if (status != PJ_SUCCESS) {
        pjsip_dlg_dec_lock(dlg);
        free(one);
        return status;
    }
    pjsip_evsub_add_ref(sub);
    one->base.sub = sub;
    one->base.dlg = dlg;
    pj_strdup(dlg->pool, &one->event, event);
    pj_strdup(dlg->pool, &one->accept, accept);
    status = start(one, msg_data);
    if (status == PJ_SUCCESS)
        *out = pyj_evsub_id(&one->base);
    pjsip_dlg_dec_lock(dlg);
    pjsip_evsub_dec_ref(sub);
    return status;
}

pj_status_t pyj_subscription_refresh(int id, uint64_t serial, int expires)
{
    pyj_evsub_held held;
    subscription *one;
    pj_status_t status = pyj_evsubs_hold(&all, id, serial, &held);

    if (status != PJ_SUCCESS)
        return status;
    one = (subscription *)held.one;
    if (expires >= 0)
        one->expires = (unsigned)expires;
    one->base.ending = one->expires == 0;
    status = send_subscribe(one, one->expires, NULL);
    pyj_evsub_let_go(&held);
    return status;
}

unsigned pyj_subscriptions_count(void)
{
    return pyj_evsubs_live(&all);
}

unsigned pyj_subscriptions_end(uint64_t acc_serial)
{
    unsigned count = 0;
    uint64_t serial;

    for (int id = 0; pyj_evsubs_next(&all, acc_serial, &id, &serial); id++) {
        count++;
        pyj_subscription_refresh(id, serial, 0);
    }
    return count;
}

void pyj_subscriptions_close(void)
{
    pyj_evsubs_close(&all);
}
