#include "transfer_end.h"

#include <pjsua-lib/pjsua_internal.h>

#define THIS_FILE "transfer_end.c"

void pyj_transfer_call_ended(pjsua_call_id id)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    pjsip_tx_data *tdata;
    pj_status_t status;
    int code;

    if (!call->xfer_sub || !call->inv || call->inv->state != PJSIP_INV_STATE_DISCONNECTED)
        return;
    code = call->inv->cause >= 300 ? (int)call->inv->cause : PJSIP_SC_DECLINE;
    status = pjsip_xfer_notify(call->xfer_sub, PJSIP_EVSUB_STATE_TERMINATED, code, NULL, &tdata);
    if (status == PJ_SUCCESS)
        status = pjsip_xfer_send_request(call->xfer_sub, tdata);
    if (status != PJ_SUCCESS)
        PJ_PERROR(2, (THIS_FILE, status, "Whoever had call %d made is not told of its end", id));
}
