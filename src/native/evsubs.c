#include "evsubs.h"

#include <stdlib.h>
#include <string.h>

#include <pjsip-simple/errno.h>

#include "gate.h"
#include "ids.h"

/* In whose name PJSIP keeps packages, and the data of a subscription. */
static pjsip_module module = {
    .name = {"pyjsua-evsub", 12},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_APPLICATION,
};

pj_status_t pyj_evsubs_register(pjsip_endpoint *endpt)
{
    module.id = -1;
    module.prev = module.next = NULL;
    return pjsip_endpt_register_module(endpt, &module);
}

unsigned pyj_evsub_module(void)
{
    return (unsigned)module.id;
}

/* -- the table */

pj_status_t pyj_evsubs_add(pyj_evsubs *all, pyj_evsub *one)
{
    pj_status_t status = PJ_SUCCESS;
    int at = 0;

    one->serial = pyj_serial_new();
    pthread_mutex_lock(&all->mutex);
    while (at < all->count && all->entries[at])
        at++;
    if (at == all->count) {
        int count = all->count ? 2 * all->count : 16;
        pyj_evsub **grown = realloc(all->entries, (size_t)count * sizeof(*grown));

        if (grown) {
            memset(grown + all->count, 0, (size_t)(count - all->count) * sizeof(*grown));
            all->entries = grown;
            all->count = count;
        } else {
            status = PJ_ENOMEM;
        }
    }
    if (status == PJ_SUCCESS) {
        all->entries[at] = one;
        one->id = at;
        all->live++;
    }
    pthread_mutex_unlock(&all->mutex);
    return status;
}

void pyj_evsubs_forget(pyj_evsubs *all, pyj_evsub *one)
{
    pthread_mutex_lock(&all->mutex);
    all->entries[one->id] = NULL;
    all->live--;
    pthread_mutex_unlock(&all->mutex);
    free(one);
}

unsigned pyj_evsubs_live(pyj_evsubs *all)
{
    unsigned count;

    pthread_mutex_lock(&all->mutex);
    count = all->live;
    pthread_mutex_unlock(&all->mutex);
    return count;
}

static pyj_evsub *find(const pyj_evsubs *all, int id, uint64_t serial)
{
    pyj_evsub *one = id >= 0 && id < all->count ? all->entries[id] : NULL;

    return one && (!serial || one->serial == serial) ? one : NULL;
}

/* PJSIP's threads come with the dialog and take the table, so with that taken a dialog is kept alive and no more. */
pj_status_t pyj_evsubs_hold(pyj_evsubs *all, int id, uint64_t serial, pyj_evsub_held *held)
{
    pthread_mutex_lock(&all->mutex);
    held->one = find(all, id, serial);
    if (held->one) {
        serial = held->one->serial;
        held->sub = held->one->sub;
        held->dlg = held->one->dlg;
        pjsip_evsub_add_ref(held->sub);
    }
    pthread_mutex_unlock(&all->mutex);
    if (!held->one)
        return PYJ_ESTALE;
    pjsip_dlg_inc_lock(held->dlg);
    pthread_mutex_lock(&all->mutex);
    held->one = find(all, id, serial);
    pthread_mutex_unlock(&all->mutex);
    if (held->one)
        return PJ_SUCCESS;
    pyj_evsub_let_go(held);
    return PYJ_ESTALE;
}

void pyj_evsub_let_go(const pyj_evsub_held *held)
{
    pjsip_dlg_dec_lock(held->dlg);
    pjsip_evsub_dec_ref(held->sub);
}

int pyj_evsubs_next(pyj_evsubs *all, uint64_t acc_serial, int *id, uint64_t *serial)
{
    int found = 0;

    pthread_mutex_lock(&all->mutex);
    for (; *id < all->count && !found; ++*id) {
        const pyj_evsub *one = all->entries[*id];

        found = one && !one->ending && (!acc_serial || one->about.acc_serial == acc_serial);
        if (found) {
            *serial = one->serial;
            break;
        }
    }
    pthread_mutex_unlock(&all->mutex);
    return found;
}

void pyj_evsubs_close(pyj_evsubs *all)
{
    for (int id = 0; id < all->count; id++) {
        pyj_evsub_held held;

        if (pyj_evsubs_hold(all, id, 0, &held) != PJ_SUCCESS)
            continue;
        pjsip_evsub_terminate(held.sub, PJ_TRUE);
        pyj_evsub_let_go(&held);
    }
}

pyj_serial_id pyj_evsub_id(const pyj_evsub *one)
{
    pyj_serial_id out = {one->id, (unsigned long)one->serial};

    return out;
}

/* -- packages and dialogs */

/* PJSIP forgets a package with the endpoint only, and appends it to a list that others may walk. */
pj_status_t pyj_evsub_know_package(const pj_str_t *event)
{
    static const pj_str_t any = {"*/*", 3};
    pjsip_accept_hdr *all = (pjsip_accept_hdr *)pjsip_endpt_get_capability(pjsua_var.endpt, PJSIP_H_ACCEPT, NULL);
    unsigned before = all ? all->count : 0;
    pj_status_t status;

    /* It writes one more without a look. */
    if (!all || before >= PJ_ARRAY_SIZE(all->values))
        return PJ_ETOOMANY;
    /* It grants nobody more than the package has, which each account says for itself. */
    status = pjsip_evsub_register_pkg(&module, event, INT32_MAX, 1, &any);
    /* What we take of a package is not what we take of anything. */
    all->count = before;
    return status == PJSIP_SIMPLE_EPKGEXISTS ? PJ_SUCCESS : status;
}

/* shared_auth_sess goes with the account, and a dialog may outlive that. */
void pyj_evsub_set_up_dialog(const pjsua_acc *acc, pjsip_dialog *dlg, const pj_str_t *uri)
{
    pjsip_tpselector selector;
    pjsip_host_port via;
    const void *transport;

    if (acc->cfg.allow_via_rewrite && acc->via_addr.host.slen > 0)
        pjsip_dlg_set_via_sent_by(dlg, (pjsip_host_port *)&acc->via_addr, acc->via_tp);
    else if (!pjsua_sip_acc_is_using_stun(acc->index) && !pjsua_sip_acc_is_using_upnp(acc->index)
             && pjsua_acc_get_uac_addr(acc->index, dlg->pool, uri, &via, NULL, NULL, &transport) == PJ_SUCCESS)
        pjsip_dlg_set_via_sent_by(dlg, &via, (pjsip_transport *)transport);
    pjsua_init_tpselector(acc->index, &selector);
    pjsip_dlg_set_transport(dlg, &selector);
    if (acc->cred_cnt)
        pjsip_auth_clt_set_credentials(&dlg->auth_sess, (int)acc->cred_cnt, acc->cred);
    pjsip_auth_clt_set_prefs(&dlg->auth_sess, &acc->cfg.auth_pref);
}
