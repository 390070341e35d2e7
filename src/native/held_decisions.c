#include "held_decisions.h"

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "dialogs.h"
#include "gate.h"
#include "held_offers.h"
#include "ids.h"
#include "im_answers.h"
#include "tx_headers.h"

#define THIS_FILE "held_decisions.c"

typedef struct verdict {
    pyj_held_request kind;
    int code;
    const pjsua_call_setting *opt;
    const pjsip_rx_data *rdata;
    pyj_serial_id new_call;
    int answered; /* what PJSIP said */
} verdict;

static _Thread_local verdict *current;

int pyj_verdict(pyj_held_request kind, int *code, pjsua_call_setting *opt)
{
    if (!current || current->kind != kind)
        return 0;
    *code = current->code;
    if (opt && current->opt)
        *opt = *current->opt;
    return 1;
}

void pyj_verdict_made(pjsua_call_id id, uint64_t serial)
{
    if (current) {
        current->new_call.id = id;
        current->new_call.serial = (unsigned long)serial;
    }
}

void pyj_verdict_answered(const pjsip_msg *msg)
{
    const pjsip_cseq_hdr *cseq;
    const pjsip_cid_hdr *cid;

    if (!current || msg->type != PJSIP_RESPONSE_MSG || msg->line.status.code < 200)
        return;
    cseq = PJSIP_MSG_CSEQ_HDR(msg);
    cid = PJSIP_MSG_CID_HDR(msg);
    if (cseq && cid && cseq->cseq == current->rdata->msg_info.cseq->cseq
        && !pjsip_method_cmp(&cseq->method, &current->rdata->msg_info.cseq->method)
        && !pj_strcmp(&cid->id, &current->rdata->msg_info.cid->id))
        current->answered = msg->line.status.code;
}

static int is_this(const pyj_held *one, const void *id)
{
    const pyj_serial_id *wanted = id;

    return one->kind != PYJ_HELD_FOR_STUN && one->kind != PYJ_HELD_PACKAGE && one->id.id == wanted->id
           && (!wanted->serial || one->id.serial == wanted->serial);
}

static int is_of_call(const pyj_held *one, const void *serial)
{
    return one->kind != PYJ_HELD_FOR_STUN && one->about.call_serial == *(const uint64_t *)serial;
}

static int is_decided(const pyj_held *one, const void *nothing)
{
    PJ_UNUSED_ARG(nothing);
    return one->kind != PYJ_HELD_FOR_STUN;
}

static int find_call(const pyj_place *place, pyj_about *about, int *waits)
{
    const pyj_dialog *dialog;

    pyj_dialogs_lock();
    dialog = place->local_tag.slen ? pyj_dialog_find(place) : NULL;
    if (dialog) {
        *about = dialog->about;
        *waits |= dialog->held_requests;
    }
    pyj_dialogs_unlock();
    return dialog != NULL;
}

/* Whose the request is, and which of its requests wait; 0 where PJSIP will refuse it anyway. */
static int find_owner(pjsip_rx_data *rdata, pyj_held_request kind, pyj_about *about, int *waits)
{
    static const pj_str_t name = {"Replaces", 8};
    const pjsip_replaces_hdr *replaces;
    pyj_place place;

    *waits = (int)pyj_policies.held_requests;
    if (kind == PYJ_HELD_SUBSCRIBE) {
        *about = pyj_about_acc(pjsua_acc_find_for_incoming(rdata));
        return 1;
    }
    if (!pyj_place_of(rdata->msg_info.msg, 0, &place))
        return 0;
    if (kind == PYJ_HELD_REPLACE) {
        replaces = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL);
        place.call_id = replaces->call_id;
        place.local_tag = replaces->to_tag;
        place.remote_tag = replaces->from_tag;
    }
    return find_call(&place, about, waits);
}

static pyj_held_request kind_of(pjsip_rx_data *rdata)
{
    static const pj_str_t replaces = {"Replaces", 8};
    const pjsip_method *method = &rdata->msg_info.msg->line.req.method;
    int in_dialog = rdata->msg_info.to->tag.slen != 0;

    if (method->id == PJSIP_INVITE_METHOD && !in_dialog)
        return pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &replaces, NULL) ? PYJ_HELD_REPLACE
                                                                                : PYJ_HELD_FOR_STUN;
    if (!pj_stricmp2(&method->name, "REFER"))
        return in_dialog ? PYJ_HELD_TRANSFER : PYJ_HELD_FOR_STUN;
    if (!pj_stricmp2(&method->name, "SUBSCRIBE"))
        return in_dialog ? PYJ_HELD_FOR_STUN : PYJ_HELD_SUBSCRIBE;
    return pyj_offer_kind(rdata);
}

/* What came within the dialog meanwhile has a higher CSeq, and PJSIP would take this for out of order. */
static void go_on_after(pyj_held *one, pjsip_dialog *dlg)
{
    pj_int32_t latest = dlg->remote.cseq, own = one->rdata->msg_info.cseq->cseq;

    if (latest >= own)
        dlg->remote.cseq = own - 1;
    pyj_held_go_on(one);
    if (dlg->remote.cseq < latest)
        dlg->remote.cseq = latest;
}

static int is_within_call(const pyj_held *one)
{
    return one->about.call_serial && one->kind != PYJ_HELD_REPLACE;
}

static void go_on_in_turn(pyj_held *one)
{
    void *held;

    if (!is_within_call(one) || pyj_call_enter(one->about.call_id, one->about.call_serial, &held) != PJ_SUCCESS) {
        pyj_held_go_on(one);
        return;
    }
    go_on_after(one, held);
    pyj_call_leave(held);
}

/* The policy decides: that is what PJSIP does when nobody has. */
static void deadline(void *user_data)
{
    pyj_serial_id id = {(int)(intptr_t)user_data, 0};
    pyj_held *one = pyj_held_take(&is_this, &id);
    pyj_on_held_request_end end = {.code = 0};
    pyj_about about;

    if (!one)
        return;
    PJ_LOG(2, (THIS_FILE, "Nobody decided about a held %.*s: the policy does",
               (int)one->rdata->msg_info.msg->line.req.method.name.slen,
               one->rdata->msg_info.msg->line.req.method.name.ptr));
    end.request = one->id;
    end.kind = one->kind;
    about = one->about;
    go_on_in_turn(one);
    pyj_emit_about(PYJ_OnHeldRequestEnd, &end, &about, NULL, 0);
}

static unsigned wait_ms(void)
{
    return (unsigned)PJ_MIN(pyj_policies.later_ms, PYJ_HELD_MS_MOST);
}

static int is_too_much(const pyj_about *about)
{
    return pyj_held_count_of(&is_decided, NULL) >= PYJ_HELD_MOST
           || (about->call_serial
               && pyj_held_count_of(&is_of_call, &about->call_serial) >= PYJ_HELD_MOST_OF_CALL);
}

static int is_offer(pyj_held_request kind)
{
    return kind == PYJ_HELD_UPDATE || kind == PYJ_HELD_REINVITE;
}

/* A re-INVITE without an offer: ours would be its answer. */
static int asks_for_offer(const pjsip_rx_data *rdata)
{
    return rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD && rdata->msg_info.to->tag.slen
           && !rdata->msg_info.msg->body;
}

int pyj_decide_later(pjsip_rx_data *rdata)
{
    pyj_on_held_request event = {.wait_ms = (int)wait_ms()};
    pyj_about about = {-1, -1, 0, 0};
    pyj_offer_place place;
    pyj_held *one;
    int waits, by_offer;

    if (!pyj_wanted(PYJ_OnHeldRequest))
        return 0;
    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.to
        || !rdata->msg_info.cseq)
        return 0;
    event.kind = kind_of(rdata);
    by_offer = is_offer(event.kind) || asks_for_offer(rdata);
    if ((!event.kind && !by_offer) || !find_owner(rdata, event.kind, &about, &waits))
        return 0;
    event.kind = (pyj_held_request)((int)event.kind & waits);
    if ((!event.kind && !(by_offer && pyj_held_any())) || pyj_has_transaction(rdata))
        return 0;
    if (event.kind && is_too_much(&about)) {
        PJ_LOG(2, (THIS_FILE, "Too many requests wait for a decision: the policy decides about one more"));
        event.kind = PYJ_HELD_FOR_STUN;
        if (!by_offer)
            return 0;
    }
    if (by_offer) {
        place = pyj_offer_place_of(rdata, event.kind, &about, &one);
        if (place != PYJ_OFFER_WAITS)
            return place == PYJ_OFFER_REFUSED;
    } else {
        one = pyj_held_add(rdata, event.kind, &about);
        if (!one)
            return 0;
    }
    event.request = one->id;
    if (rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD)
        pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, PJSIP_SC_TRYING, NULL, NULL, NULL);
    /* From here on somebody else may deal with it. */
    pjsua_schedule_timer2(&deadline, (void *)(intptr_t)event.request.id, wait_ms());
    pyj_emit_about(PYJ_OnHeldRequest, &event, &about, pyj_message_from_rdata(rdata), 0);
    return 1;
}

/* A call whose media is still being set up has had no callback yet, but was given the mark of the one it comes from. */
static void find_child(uint64_t parent, pyj_serial_id *out)
{
    void *mark = (void *)(uintptr_t)(parent << 1 | 1);
    void *held;

    for (pjsua_call_id id = 0; id < (int)pjsua_var.ua_cfg.max_calls; id++) {
        if (pjsua_var.calls[id].user_data != mark || pyj_call_holds(id, parent)
            || pyj_call_enter(id, 0, &held) != PJ_SUCCESS)
            continue;
        out->id = id;
        out->serial = (unsigned long)pyj_call_serial(id);
        pyj_call_leave(held);
        return;
    }
}

static pj_str_t method_of(pyj_held_request kind)
{
    return pj_str(kind == PYJ_HELD_TRANSFER ? "REFER" : kind == PYJ_HELD_UPDATE ? "UPDATE" : "INVITE");
}

/* Of the answer PJSIP makes. */
static pj_status_t add_headers(const pyj_held *one, int in_call, const pjsua_msg_data *msg_data)
{
    pj_str_t method = method_of(one->kind);

    if (!pyj_has_headers(msg_data))
        return PJ_SUCCESS;
    if (!is_within_call(one))
        return PJ_ENOTSUP;
    return in_call ? pyj_call_headers_once(one->about.call_id, &method, 200, 299, msg_data) : PJ_SUCCESS;
}

static pj_status_t let_in(pyj_held *one, verdict *decided, const pjsua_msg_data *msg_data)
{
    pj_str_t method = method_of(one->kind);
    pyj_about about = one->about;
    verdict *outer = current;
    void *held = NULL;
    pj_status_t status = is_within_call(one) ? pyj_call_enter(about.call_id, about.call_serial, &held) : PJ_SUCCESS;

    /* Of a call that has gone PJSIP says so. */
    if (status == PJ_SUCCESS || status == PYJ_ESTALE)
        status = add_headers(one, held != NULL, msg_data);
    if (status != PJ_SUCCESS) {
        if (held)
            pyj_call_leave(held);
        pyj_held_put_back(one);
        return status;
    }
    decided->rdata = one->rdata;
    current = decided;
    if (held)
        go_on_after(one, held);
    else
        pyj_held_go_on(one);
    current = outer;
    if (held) {
        pyj_call_headers_unused(about.call_id, &method, 200, 299, msg_data);
        pyj_call_leave(held);
    }
    if (decided->new_call.id < 0 && decided->kind == PYJ_HELD_TRANSFER && about.call_serial)
        find_child(about.call_serial, &decided->new_call);
    return PJ_SUCCESS;
}

pj_status_t pyj_held_respond(int id, uint64_t serial, int code, const pj_str_t *text, const pjsua_call_setting *opt,
                             const pjsua_msg_data *msg_data, pyj_serial_id *new_call)
{
    pyj_serial_id wanted = {id, (unsigned long)serial};
    pyj_held *one = pyj_held_take(&is_this, &wanted);
    pj_status_t status;

    new_call->id = -1;
    new_call->serial = 0;
    if (!one)
        return PYJ_ESTALE;
    if (code < 300) {
        verdict decided = {.kind = one->kind, .code = code, .opt = opt, .new_call = {-1, 0}};

        status = let_in(one, &decided, msg_data);
        *new_call = decided.new_call;
        if (status == PJ_SUCCESS && is_offer(decided.kind) && decided.answered >= 300)
            status = PJSIP_ERRNO_FROM_SIP_STATUS(decided.answered);
        return status;
    }
    status = pyj_response_fits(one->rdata, code, text, msg_data);
    if (status != PJ_SUCCESS) {
        /* Another answer may fit. */
        pyj_held_put_back(one);
        return status;
    }
    return pyj_held_refuse(one, code, text, msg_data ? &msg_data->hdr_list : NULL);
}

static void call_gone(void *user_data)
{
    pyj_serial_id id = {(int)(intptr_t)user_data, 0};
    pyj_held *one = pyj_held_take(&is_this, &id);
    pyj_on_held_request_end end = {.code = PJSIP_SC_CALL_TSX_DOES_NOT_EXIST};
    pyj_about about;

    if (!one)
        return;
    /* RFC 3261, 15.1.2. */
    if (one->kind == PYJ_HELD_REINVITE)
        end.code = PJSIP_SC_REQUEST_TERMINATED;
    end.request = one->id;
    end.kind = one->kind;
    about = one->about;
    /* Whether the call that was to be replaced is there PJSIP knows, and has its own answers. */
    if (one->kind == PYJ_HELD_REPLACE)
        pyj_held_go_on(one);
    else
        pyj_held_refuse(one, end.code, NULL, NULL);
    pyj_emit_about(PYJ_OnHeldRequestEnd, &end, &about, NULL, 0);
}

typedef struct ids {
    uint64_t call_serial;
    unsigned count;
    int id[PYJ_HELD_MOST_OF_CALL];
} ids;

static int is_noted(const pyj_held *one, const void *what)
{
    ids *found = (ids *)what;

    if (is_of_call(one, &found->call_serial) && found->count < PYJ_HELD_MOST_OF_CALL)
        found->id[found->count++] = one->id.id;
    return 0;
}

void pyj_held_call_ended(const pyj_about *about)
{
    ids found = {.call_serial = about->call_serial};

    if (!about->call_serial || !pyj_held_any())
        return;
    pyj_held_count_of(&is_noted, &found);
    /* By a timer: the dialog is held here, and what is done then may want others. */
    for (unsigned i = 0; i < found.count; i++)
        pjsua_schedule_timer2(&call_gone, (void *)(intptr_t)found.id[i], 0);
}

void pyj_held_decisions_close(int may_send)
{
    pyj_held *one;

    while ((one = pyj_held_take(&is_decided, NULL))) {
        if (may_send)
            pyj_held_refuse(one, PJSIP_SC_SERVICE_UNAVAILABLE, NULL, NULL);
        else
            pyj_held_forget(one);
    }
}
