#include "held_decisions.h"

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "dialogs.h"
#include "gate.h"
#include "ids.h"
#include "im_answers.h"

#define THIS_FILE "held_decisions.c"

typedef struct verdict {
    pyj_held_request kind;
    int code;
    const pjsua_call_setting *opt;
    pyj_serial_id new_call;
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

static int is_this(const pyj_held *one, const void *id)
{
    const pyj_serial_id *wanted = id;

    return one->kind != PYJ_HELD_FOR_STUN && one->id.id == wanted->id
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

static int find_call(const pyj_place *place, pyj_about *about)
{
    const pyj_dialog *dialog;

    pyj_dialogs_lock();
    dialog = place->local_tag.slen ? pyj_dialog_find(place) : NULL;
    if (dialog)
        *about = dialog->about;
    pyj_dialogs_unlock();
    return dialog != NULL;
}

/* Whose the request is; 0 where PJSIP will refuse it anyway. */
static int find_owner(pjsip_rx_data *rdata, pyj_held_request kind, pyj_about *about)
{
    static const pj_str_t name = {"Replaces", 8};
    const pjsip_replaces_hdr *replaces;
    pyj_place place;

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
    return find_call(&place, about);
}

static pyj_held_request kind_of(const pjsip_rx_data *rdata)
{
    static const pj_str_t replaces = {"Replaces", 8};
    const pjsip_method *method = &rdata->msg_info.msg->line.req.method;
    int in_dialog = rdata->msg_info.to->tag.slen != 0;

    if (method->id == PJSIP_INVITE_METHOD)
        return !in_dialog && pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &replaces, NULL) ? PYJ_HELD_REPLACE
                                                                                               : PYJ_HELD_FOR_STUN;
    if (!pj_stricmp2(&method->name, "REFER"))
        return in_dialog ? PYJ_HELD_TRANSFER : PYJ_HELD_FOR_STUN;
    if (!pj_stricmp2(&method->name, "UPDATE"))
        return in_dialog && rdata->msg_info.msg->body ? PYJ_HELD_UPDATE : PYJ_HELD_FOR_STUN;
    if (!pj_stricmp2(&method->name, "SUBSCRIBE"))
        return in_dialog ? PYJ_HELD_FOR_STUN : PYJ_HELD_SUBSCRIBE;
    return PYJ_HELD_FOR_STUN;
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
    pyj_held_go_on(one);
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

int pyj_decide_later(pjsip_rx_data *rdata)
{
    pyj_on_held_request event = {.wait_ms = (int)wait_ms()};
    pyj_about about = {-1, -1, 0, 0};
    pyj_held *one;

    if (!pyj_policies.held_requests || !pyj_wanted(PYJ_OnHeldRequest))
        return 0;
    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.to
        || !rdata->msg_info.cseq)
        return 0;
    event.kind = kind_of(rdata);
    if (!(event.kind & pyj_policies.held_requests) || pyj_has_transaction(rdata)
        || !find_owner(rdata, event.kind, &about))
        return 0;
    if (is_too_much(&about)) {
        PJ_LOG(2, (THIS_FILE, "Too many requests wait for a decision: the policy decides about one more"));
        return 0;
    }
    one = pyj_held_add(rdata, event.kind, &about);
    if (!one)
        return 0;
    event.request = one->id;
    if (event.kind == PYJ_HELD_REPLACE)
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

static void go_on(pyj_held *one, verdict *decided)
{
    uint64_t parent = one->about.call_serial;
    verdict *outer = current;

    current = decided;
    pyj_held_go_on(one);
    current = outer;
    if (decided->new_call.id < 0 && decided->kind == PYJ_HELD_TRANSFER && parent)
        find_child(parent, &decided->new_call);
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

        go_on(one, &decided);
        *new_call = decided.new_call;
        return PJ_SUCCESS;
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
