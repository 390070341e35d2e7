#include "subscriptions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pjsip-simple/errno.h>
#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "events.h"
#include "events_presence.h"
#include "gate.h"
#include "ids.h"
#include "tables.h"

/* Made and freed with its dialog held. */
typedef struct subscription {
    int id;
    uint64_t serial;
    pyj_about about;
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
    pj_str_t event, accept; /* in the dialog's pool */
    unsigned expires;       /* as asked for */
    int starting, ended;    /* the first SUBSCRIBE is being sent; and it came to nothing */
    int ending;             /* Expires 0 was sent */
} subscription;

/* A leaf: nothing is waited for under it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static subscription **entries;
static int entry_count;
static unsigned live;

static pjsip_module module = {
    .name = {"pyjsua-evsub", 12},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_APPLICATION,
};

pj_status_t pyj_subscriptions_register(pjsip_endpoint *endpt)
{
    module.id = -1;
    module.prev = module.next = NULL;
    return pjsip_endpt_register_module(endpt, &module);
}

/* -- the table */

static pj_status_t add(subscription *one)
{
    pj_status_t status = PJ_SUCCESS;
    int at = 0;

    one->serial = pyj_serial_new();
    pthread_mutex_lock(&mutex);
    while (at < entry_count && entries[at])
        at++;
    if (at == entry_count) {
        int count = entry_count ? 2 * entry_count : 16;
        subscription **grown = realloc(entries, (size_t)count * sizeof(*grown));

        if (grown) {
            memset(grown + entry_count, 0, (size_t)(count - entry_count) * sizeof(*grown));
            entries = grown;
            entry_count = count;
        } else {
            status = PJ_ENOMEM;
        }
    }
    if (status == PJ_SUCCESS) {
        entries[at] = one;
        one->id = at;
        live++;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}

static void forget(subscription *one)
{
    pjsip_evsub_set_mod_data(one->sub, (unsigned)module.id, NULL);
    pthread_mutex_lock(&mutex);
    entries[one->id] = NULL;
    live--;
    pthread_mutex_unlock(&mutex);
    free(one);
}

static subscription *find(int id, uint64_t serial)
{
    subscription *one = id >= 0 && id < entry_count ? entries[id] : NULL;

    return one && (!serial || one->serial == serial) ? one : NULL;
}

/* PJSIP's threads come with the dialog and take the table, so with that taken a dialog is kept alive and no more. */
static pj_status_t hold(int id, uint64_t serial, subscription **out, pjsip_evsub **sub, pjsip_dialog **dlg)
{
    pthread_mutex_lock(&mutex);
    *out = find(id, serial);
    if (*out) {
        serial = (*out)->serial;
        *sub = (*out)->sub;
        *dlg = (*out)->dlg;
        pjsip_evsub_add_ref(*sub);
    }
    pthread_mutex_unlock(&mutex);
    if (!*out)
        return PYJ_ESTALE;
    pjsip_dlg_inc_lock(*dlg);
    pthread_mutex_lock(&mutex);
    *out = find(id, serial);
    pthread_mutex_unlock(&mutex);
    if (*out)
        return PJ_SUCCESS;
    pjsip_dlg_dec_lock(*dlg);
    pjsip_evsub_dec_ref(*sub);
    return PYJ_ESTALE;
}

static void let_go(pjsip_evsub *sub, pjsip_dialog *dlg)
{
    pjsip_dlg_dec_lock(dlg);
    pjsip_evsub_dec_ref(sub);
}

/* -- what PJSIP calls, with the dialog held */

static pyj_serial_id id_of(const subscription *one)
{
    pyj_serial_id out = {one->id, (unsigned long)one->serial};

    return out;
}

static void on_state(pjsip_evsub *sub, pjsip_event *event)
{
    subscription *one = pjsip_evsub_get_mod_data(sub, (unsigned)module.id);
    pjsip_evsub_state state = pjsip_evsub_get_state(sub);
    pyj_on_subscription_state out = {0};

    if (!one || state == PJSIP_EVSUB_STATE_NULL || state == PJSIP_EVSUB_STATE_SENT)
        return;
    if (one->starting) {
        one->ended = state == PJSIP_EVSUB_STATE_TERMINATED;
        return;
    }
    if (pyj_wanted(PYJ_OnSubscriptionState)) {
        out.subscription = id_of(one);
        out.state = state;
        out.state_name = pjsip_evsub_get_state_name(sub);
        if (event && event->type == PJSIP_EVENT_TSX_STATE && event->body.tsx_state.tsx->role == PJSIP_ROLE_UAC)
            out.status_code = event->body.tsx_state.tsx->status_code;
        if (state == PJSIP_EVSUB_STATE_TERMINATED)
            out.reason = *pjsip_evsub_get_termination_reason(sub);
        pyj_emit_about(PYJ_OnSubscriptionState, &out, &one->about, pyj_message_from_event(event), 0);
    }
    if (state == PJSIP_EVSUB_STATE_TERMINATED)
        forget(one);
}

static void on_notify(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                      pjsip_msg_body **body)
{
    static const pj_str_t name = {"Subscription-State", 18};
    const pjsip_sub_state_hdr *hdr = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL);
    const subscription *one = pjsip_evsub_get_mod_data(sub, (unsigned)module.id);
    pyj_on_notify out = {0};

    PJ_UNUSED_ARG(code);
    PJ_UNUSED_ARG(text);
    PJ_UNUSED_ARG(headers);
    PJ_UNUSED_ARG(body);
    if (!one || !hdr || !pyj_wanted(PYJ_OnNotify))
        return;
    out.subscription = id_of(one);
    out.event = one->event;
    out.state = hdr->sub_state;
    out.reason = hdr->reason_param;
    out.expires = hdr->expires_param == PJSIP_EXPIRES_NOT_SPECIFIED ? -1 : (int)(hdr->expires_param & 0x7fffffff);
    out.retry_after = hdr->retry_after < 0 ? -1 : (int)hdr->retry_after;
    pyj_emit_about(PYJ_OnNotify, &out, &one->about, pyj_message_from_rdata(rdata), 0);
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
    pj_status_t status = pjsip_evsub_initiate(one->sub, NULL, expires, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    set_accept(one, tdata);
    pjsua_process_msg_data(tdata, msg_data);
    return pjsip_evsub_send_request(one->sub, tdata);
}

static void on_refresh(pjsip_evsub *sub)
{
    subscription *one = pjsip_evsub_get_mod_data(sub, (unsigned)module.id);

    if (one)
        send_subscribe(one, one->expires, NULL);
}

static const pjsip_evsub_user callbacks = {
    .on_evsub_state = on_state,
    .on_rx_notify = on_notify,
    .on_client_refresh = on_refresh,
};

/* -- subscribing */

/* With PJSUA_LOCK. PJSIP forgets a package with the endpoint only, and appends it to a list that others may walk. */
static pj_status_t know_package(const pj_str_t *event)
{
    static const pj_str_t any = {"*/*", 3};
    pjsip_accept_hdr *all = (pjsip_accept_hdr *)pjsip_endpt_get_capability(pjsua_var.endpt, PJSIP_H_ACCEPT, NULL);
    unsigned before = all ? all->count : 0;
    pj_status_t status;

    /* It writes one more without a look. */
    if (!all || before >= PJ_ARRAY_SIZE(all->values))
        return PJ_ETOOMANY;
    status = pjsip_evsub_register_pkg(&module, event, 3600, 1, &any);
    /* What we take of a package is not what we take of anything. */
    all->count = before;
    return status == PJSIP_SIMPLE_EPKGEXISTS ? PJ_SUCCESS : status;
}

static void keep_headers(subscription *one, const pjsua_msg_data *msg_data)
{
    for (pjsip_hdr *hdr = msg_data->hdr_list.next; hdr && hdr != &msg_data->hdr_list; hdr = hdr->next) {
        pjsip_hdr list;

        if (hdr->type == PJSIP_H_MAX_FORWARDS)
            continue;
        pj_list_init(&list);
        pj_list_push_back(&list, (pjsip_hdr *)pjsip_hdr_clone(one->dlg->pool, hdr));
        pjsip_evsub_add_header(one->sub, &list);
    }
}

/* As pjsua's own subscriptions have it; shared_auth_sess goes with the account, and a dialog may outlive that. */
static void set_up(pjsua_acc *acc, pjsip_dialog *dlg, const pj_str_t *uri)
{
    pjsip_tpselector selector;
    pjsip_host_port via;
    const void *transport;

    if (acc->cfg.allow_via_rewrite && acc->via_addr.host.slen > 0)
        pjsip_dlg_set_via_sent_by(dlg, &acc->via_addr, acc->via_tp);
    else if (!pjsua_sip_acc_is_using_stun(acc->index) && !pjsua_sip_acc_is_using_upnp(acc->index)
             && pjsua_acc_get_uac_addr(acc->index, dlg->pool, uri, &via, NULL, NULL, &transport) == PJ_SUCCESS)
        pjsip_dlg_set_via_sent_by(dlg, &via, (pjsip_transport *)transport);
    pjsua_init_tpselector(acc->index, &selector);
    pjsip_dlg_set_transport(dlg, &selector);
    if (!pj_list_empty(&acc->route_set))
        pjsip_dlg_set_route_set(dlg, &acc->route_set);
    if (acc->cred_cnt)
        pjsip_auth_clt_set_credentials(&dlg->auth_sess, (int)acc->cred_cnt, acc->cred);
    pjsip_auth_clt_set_prefs(&dlg->auth_sess, &acc->cfg.auth_pref);
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
    set_up(acc, *dlg, target ? target : uri);
    return PJ_SUCCESS;
}

static pj_status_t start(subscription *one, const pjsua_msg_data *msg_data)
{
    pj_status_t status = add(one);

    if (status != PJ_SUCCESS) {
        pjsip_evsub_terminate(one->sub, PJ_FALSE);
        free(one);
        return status;
    }
    pjsip_evsub_set_mod_data(one->sub, (unsigned)module.id, one);
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
        pjsip_evsub_terminate(one->sub, PJ_FALSE);
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
    one->about = pyj_about_acc(acc_id);
    one->expires = expires;
    /* Nobody knows the dialog yet, so it may be taken the other way round. */
    PJSUA_LOCK();
    status = know_package(event);
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
    one->sub = sub;
    one->dlg = dlg;
    pj_strdup(dlg->pool, &one->event, event);
    pj_strdup(dlg->pool, &one->accept, accept);
    status = start(one, msg_data);
    if (status == PJ_SUCCESS)
        *out = id_of(one);
    let_go(sub, dlg);
    return status;
}

pj_status_t pyj_subscription_refresh(int id, uint64_t serial, int expires)
{
    subscription *one;
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
    pj_status_t status = hold(id, serial, &one, &sub, &dlg);

    if (status != PJ_SUCCESS)
        return status;
    if (expires >= 0)
        one->expires = (unsigned)expires;
    one->ending = one->expires == 0;
    status = send_subscribe(one, one->expires, NULL);
    let_go(sub, dlg);
    return status;
}

unsigned pyj_subscriptions_count(void)
{
    unsigned count;

    pthread_mutex_lock(&mutex);
    count = live;
    pthread_mutex_unlock(&mutex);
    return count;
}

unsigned pyj_subscriptions_end(uint64_t acc_serial)
{
    unsigned count = 0;

    for (int id = 0;; id++) {
        const subscription *one;
        uint64_t serial = 0;
        int more;

        pthread_mutex_lock(&mutex);
        more = id < entry_count;
        one = more ? entries[id] : NULL;
        if (one && !one->ending && (!acc_serial || one->about.acc_serial == acc_serial))
            serial = one->serial;
        pthread_mutex_unlock(&mutex);
        if (!more)
            return count;
        if (serial) {
            count++;
            pyj_subscription_refresh(id, serial, 0);
        }
    }
}

void pyj_subscriptions_close(void)
{
    for (int id = 0; id < entry_count; id++) {
        subscription *one;
        pjsip_evsub *sub;
        pjsip_dialog *dlg;

        if (hold(id, 0, &one, &sub, &dlg) != PJ_SUCCESS)
            continue;
        pjsip_evsub_terminate(sub, PJ_TRUE);
        let_go(sub, dlg);
    }
}
