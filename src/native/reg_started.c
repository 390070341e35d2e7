#include "reg_started.h"

#include <stdatomic.h>

#include "regc_calls.h"

#undef pjsip_regc_send

enum { TOLD, REGISTERING, UNREGISTERING, TOLD_AHEAD };

/* on_reg_started2 and on_reg_state2 are called under PJSUA_LOCK, pjsip_regc_send() is not. */
static _Atomic int sent[PJSUA_MAX_ACC];

pj_status_t pyj_reg_send(pjsua_acc_id id, int renew, pjsip_regc *regc, pjsip_tx_data *tdata)
{
    int now = renew ? REGISTERING : UNREGISTERING;
    int before = atomic_exchange(&sent[id], now);
    pj_status_t status = pjsip_regc_send(regc, tdata);

    /* PJSIP_EBUSY: another thread's is under way, and this one was none. */
    if (status != PJ_SUCCESS)
        atomic_compare_exchange_strong(&sent[id], &now, before);
    return status;
}

int pyj_reg_started(pjsua_acc_id id)
{
    return atomic_exchange(&sent[id], TOLD) != TOLD_AHEAD;
}

int pyj_reg_ended(pjsua_acc_id id, int is_unreg)
{
    int begun = is_unreg ? UNREGISTERING : REGISTERING;

    return atomic_compare_exchange_strong(&sent[id], &begun, TOLD_AHEAD);
}
