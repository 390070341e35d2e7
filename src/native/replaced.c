#include "replaced.h"

#include <pjsua-lib/pjsua_internal.h>

#include "held.h"
#include "ids.h"

static const pjsip_replaces_hdr *replaces_of(const pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Replaces", 8};
    const pjsip_msg *msg = rdata->msg_info.msg;

    if (msg->line.req.method.id != PJSIP_INVITE_METHOD || !rdata->msg_info.to || rdata->msg_info.to->tag.slen)
        return NULL;
    return pjsip_msg_find_hdr_by_name(msg, &name, NULL);
}

static int is_it(const pjsip_dialog *dlg, const pjsip_replaces_hdr *wanted)
{
    return !pj_strcmp(&dlg->call_id->id, &wanted->call_id) && !pj_stricmp(&dlg->local.info->tag, &wanted->to_tag)
           && !pj_stricmp(&dlg->remote.info->tag, &wanted->from_tag);
}

/* One whose media is still being set up cannot be replaced, and what does that asks for its dialog under PJSUA_LOCK. */
static pjsua_call_id find(const pjsip_replaces_hdr *wanted)
{
    pjsua_call_id id, found = PJSUA_INVALID_ID;

    PJSUA_LOCK();
    for (id = 0; id < (int)pjsua_var.ua_cfg.max_calls && found < 0; id++) {
        const pjsua_call *call = &pjsua_var.calls[id];

        if (call->inv && !call->med_ch_cb && is_it(call->inv->dlg, wanted))
            found = id;
    }
    PJSUA_UNLOCK();
    return found;
}

/* The dialog of the call the request replaces, held; NULL for none. */
static void *enter(const pjsip_rx_data *rdata)
{
    const pjsip_replaces_hdr *wanted = replaces_of(rdata);
    pjsua_call_id id = wanted ? find(wanted) : PJSUA_INVALID_ID;
    void *held;

    if (id < 0 || pyj_call_enter(id, 0, &held) != PJ_SUCCESS)
        return NULL;
    if (is_it(held, wanted))
        return held;
    pyj_call_leave(held);
    return NULL;
}

static void process(pjsip_rx_data *rdata)
{
    pjsip_process_rdata_param where;
    pj_bool_t handled = PJ_FALSE;

    pjsip_process_rdata_param_default(&where);
    where.start_prio = PJSIP_MOD_PRIORITY_TSX_LAYER;
    pjsip_endpt_process_rx_data(pjsua_var.endpt, rdata, &where, &handled);
}

void pyj_hand_on(pjsip_rx_data *rdata)
{
    void *held = enter(rdata);

    process(rdata);
    if (held)
        pyj_call_leave(held);
}

int pyj_replaced_process(pjsip_rx_data *rdata)
{
    void *held;

    /* A retransmission is for the transaction, whose dialog is another. */
    if (!replaces_of(rdata) || pyj_has_transaction(rdata) || !(held = enter(rdata)))
        return 0;
    process(rdata);
    pyj_call_leave(held);
    return 1;
}
