#include "modules.h"

#include "acc_names.h"
#include "dialogs.h"
#include "emit.h"
#include "evsubs.h"
#include "events.h"
#include "held.h"
#include "held_decisions.h"
#include "notifier.h"
#include "observer.h"
#include "overload.h"
#include "pidf.h"
#include "replaced.h"
#include "stun_wait.h"
#include "subscribe_requests.h"
#include "tx_headers.h"
#include "unhandled.h"

/* Whose the message is: nobody's outside of calls, and before the call has a slot. */
static pyj_about owner(const pyj_place *place)
{
    pyj_about about = {-1, -1, 0, 0};
    const pyj_dialog *dialog;

    pyj_dialogs_lock();
    dialog = pyj_dialog_find(place);
    if (dialog)
        about = dialog->about;
    pyj_dialogs_unlock();
    return about;
}

static void tell_message(const pjsip_msg *msg, pyj_message *message, int sent)
{
    pyj_about about = {-1, -1, 0, 0};
    pyj_sip_trace trace = {0};
    pyj_on_sip_message event = {0};
    char account[PJSIP_MAX_URL_SIZE];
    pyj_place place;
    int known = pyj_place_of(msg, sent, &place);

    if (known)
        about = owner(&place);
    if (pyj_wanted(PYJ_OnSipMessage) || pyj_observers_any()) {
        if (message)
            pyj_observers_tell(message, &about);
        pyj_emit_about(PYJ_OnSipMessage, &event, &about, pyj_message_share(message), PYJ_EMIT_DROPPABLE);
    }
    if (known && pyj_wanted(PYJ_SipTrace))
        pyj_acc_name_find(about.acc_serial, place.local_uri, account, sizeof(account), &trace.account);
    pyj_emit_about(PYJ_SipTrace, &trace, &about, message, PYJ_EMIT_DROPPABLE);
}

static int is_watched(void)
{
    return pyj_wanted(PYJ_SipTrace) || pyj_wanted(PYJ_OnSipMessage) || pyj_observers_any();
}

static pj_bool_t wire_on_rx(pjsip_rx_data *rdata)
{
    if (is_watched())
        tell_message(rdata->msg_info.msg, pyj_message_from_rdata(rdata), 0);
    return PJ_FALSE;
}

static pj_status_t wire_on_tx(pjsip_tx_data *tdata)
{
    pyj_verdict_answered(tdata->msg);
    if (is_watched())
        tell_message(tdata->msg, pyj_message_from_tdata(tdata), 1);
    return PJ_SUCCESS;
}

/* pjsua waits 80 to 100 % of it in whole seconds, which of one second is nothing: it would send without a pause. */
static void slow_flow_timer(pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Flow-Timer", 10};
    pjsip_generic_string_hdr *hdr = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL);

    if (hdr && (unsigned)pj_strtoul(&hdr->hvalue) == 1)
        hdr->hvalue = pj_str("2");
}

/* Once a call hangs up pjsua mutes its callbacks, so what the BYE got is seen here or nowhere. */
static pj_bool_t ahead_on_rx_response(pjsip_rx_data *rdata)
{
    const pjsip_msg *msg = rdata->msg_info.msg;

    if (rdata->msg_info.cseq && rdata->msg_info.cseq->method.id == PJSIP_REGISTER_METHOD)
        slow_flow_timer(rdata);
    if (rdata->msg_info.cseq && rdata->msg_info.cid && rdata->msg_info.cseq->method.id == PJSIP_BYE_METHOD
        && msg->line.status.code >= 200 && pyj_wanted(PYJ_ByeResponse)) {
        pyj_bye_response bye = {
            .call_id = rdata->msg_info.cid->id,
            .status_code = msg->line.status.code,
            .reason = msg->line.status.reason,
        };

        pyj_emit(PYJ_ByeResponse, &bye, pyj_message_from_rdata(rdata), 0);
    }
    return PJ_FALSE;
}

static pj_bool_t ahead_on_rx_request(pjsip_rx_data *rdata)
{
    return pyj_held_again(rdata) || pyj_admission_refuse(rdata) || pyj_stun_hold(rdata) || pyj_subscribe_hold(rdata)
           || pyj_decide_later(rdata) || pyj_subscribe_refuse(rdata) || pyj_replaced_process(rdata);
}

static pjsip_module wire = {
    .name = {"pyjsua-wire", 11},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER - 1,
    .on_rx_request = wire_on_rx,
    .on_rx_response = wire_on_rx,
    .on_tx_request = wire_on_tx,
    .on_tx_response = wire_on_tx,
};

static pjsip_module ahead = {
    .name = {"pyjsua-ahead", 12},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TSX_LAYER - 1,
    .on_rx_request = ahead_on_rx_request,
    .on_rx_response = ahead_on_rx_response,
};

static pjsip_module behind = {
    .name = {"pyjsua-behind", 13},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_APPLICATION + 1000,
    .on_rx_request = pyj_unhandled_answer,
};

int pyj_module_id(void)
{
    return ahead.id;
}

pj_status_t pyj_modules_register(pjsip_endpoint *endpt)
{
    pj_status_t status;

    /* pjsip_endpt_destroy leaves the ids of the last run behind. */
    wire.id = ahead.id = behind.id = -1;
    wire.prev = wire.next = ahead.prev = ahead.next = behind.prev = behind.next = NULL;
    status = pjsip_endpt_register_module(endpt, &wire);
    if (status == PJ_SUCCESS)
        status = pjsip_endpt_register_module(endpt, &ahead);
    if (status == PJ_SUCCESS)
        status = pjsip_endpt_register_module(endpt, &behind);
    if (status == PJ_SUCCESS)
        status = pyj_pidf_register(endpt);
    if (status == PJ_SUCCESS)
        status = pyj_evsubs_register(endpt);
    if (status == PJ_SUCCESS)
        status = pyj_notifier_register(endpt);
    if (status == PJ_SUCCESS)
        status = pyj_tx_headers_register(endpt);
    return status;
}
