#include "network.h"

#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"

_Static_assert(PYJ_STUN_SERVERS == PJ_ARRAY_SIZE(pjsua_var.ua_cfg.stun_srv), "PYJ_STUN_SERVERS");

void pyj_stun_result(const pj_stun_resolve_result *result, char *buf, pj_size_t size,
                     pyj_on_stun_resolution_complete *out)
{
    memset(out, 0, sizeof(*out));
    out->status = result->status;
    out->index = -1;
    if (result->status != PJ_SUCCESS) {
        out->status_text = pj_strerror(result->status, buf, size);
        return;
    }
    out->name = result->name;
    out->addr = result->addr;
    out->index = (int)result->index;
}

static void resolved(const pj_stun_resolve_result *result)
{
    pyj_on_stun_resolution_complete out;
    char buf[128];

    pyj_stun_result(result, buf, sizeof(buf), &out);
    out.token = (unsigned long)(size_t)result->token;
    pyj_emit(PYJ_OnStunResolutionComplete, &out, NULL, 0);
}

pj_status_t pyj_resolve_stun_servers(unsigned count, pj_str_t *srv, pj_bool_t wait, unsigned long token)
{
    /* Or it would be set up by the first need of pjsua's own, and a session without it has no heap. */
    if (!pjsua_var.stun_cfg.pf)
        pj_stun_config_init(&pjsua_var.stun_cfg, &pjsua_var.cp.factory, 0,
                            pjsip_endpt_get_ioqueue(pjsua_var.endpt),
                            pjsip_endpt_get_timer_heap(pjsua_var.endpt));
    return pjsua_resolve_stun_servers(count, srv, wait, (void *)(size_t)token, resolved);
}

static pyj_about about_call_of(pjsua_acc_id acc_id, pjsua_call_id call_id)
{
    pyj_about about = pyj_about_acc(acc_id);

    about.call_id = call_id;
    about.call_serial = pyj_call_last_serial(call_id);
    return about;
}

void pyj_ip_change_describe(pjsua_ip_change_op op, const pjsua_ip_change_op_info *info, pyj_about *about,
                            pyj_on_ip_change_progress *out)
{
    pyj_about nobody = {-1, -1, 0, 0};

    memset(out, 0, sizeof(*out));
    out->op = op;
    out->transport_id = -1;
    *about = nobody;
    if (!info)
        return;
    switch (op) {
    case PJSUA_IP_CHANGE_OP_RESTART_LIS:
        out->transport_id = info->lis_restart.transport_id;
        break;
    case PJSUA_IP_CHANGE_OP_ACC_SHUTDOWN_TP:
        *about = pyj_about_acc(info->acc_shutdown_tp.acc_id);
        break;
    case PJSUA_IP_CHANGE_OP_ACC_UPDATE_CONTACT:
        *about = pyj_about_acc(info->acc_update_contact.acc_id);
        out->is_register = info->acc_update_contact.is_register;
        out->code = info->acc_update_contact.code;
        break;
    case PJSUA_IP_CHANGE_OP_ACC_HANGUP_CALLS:
        *about = about_call_of(info->acc_hangup_calls.acc_id, info->acc_hangup_calls.call_id);
        break;
    case PJSUA_IP_CHANGE_OP_ACC_REINVITE_CALLS:
        *about = about_call_of(info->acc_reinvite_calls.acc_id, info->acc_reinvite_calls.call_id);
        break;
    default:
        break;
    }
}

void pyj_network_interrupt(void)
{
    if (pjsua_var.stun_status == PJ_EPENDING)
        pjsua_var.stun_status = PJNATH_ESTUNDESTROYED;
    if (!pjsua_var.stun_res.next || PJSUA_TRY_LOCK() != PJ_SUCCESS)
        return;
    for (pjsua_stun_resolve *one = pjsua_var.stun_res.next; one != &pjsua_var.stun_res; one = one->next) {
        one->has_result = PJ_TRUE;
        if (one->status == PJ_EPENDING)
            one->status = PJ_ECANCELLED;
    }
    PJSUA_UNLOCK();
}
