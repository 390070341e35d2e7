#include "decisions.h"

#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "call_ops.h"
#include "challenges.h"
#include "gate.h"
#include "ids.h"
#include "tx_headers.h"

#define THIS_FILE "decisions.c"

pyj_policy pyj_policies;

/* What C does when nobody listens. */
void pyj_policy_default(pyj_policy *policy)
{
    policy->call_transfer_request2 = PJSIP_SC_ACCEPTED;
    policy->call_replace_request2 = PJSIP_SC_OK;
    policy->call_rx_reinvite = PYJ_NOW;
    policy->call_rx_offer = PJSIP_SC_OK;
    policy->call_redirected = PJSIP_REDIRECT_STOP;
    policy->auth_challenge = PYJ_NOW;
    policy->incoming_subscribe = PJSIP_SC_OK;
    policy->held_requests = (pyj_held_request)0;
    policy->later_ms = 20000;
    policy->null_dev_on_error = PJ_TRUE;
    policy->reg_backoff = PJ_FALSE;
}

int pyj_sdp_text(const pjmedia_sdp_session *sdp, char *buf, int size)
{
    int len = sdp ? pjmedia_sdp_print(sdp, buf, (pj_size_t)size) : 0;

    return len < 0 ? 0 : len;
}

pj_status_t pyj_sdp_parse(pj_pool_t *pool, const char *text, pj_size_t len, pjmedia_sdp_session **sdp)
{
    /* What is parsed points into the text, and the parser wants a NUL behind it. */
    char *copy = pj_pool_alloc(pool, len + 1);
    pj_status_t status;

    memcpy(copy, text, len);
    copy[len] = '\0';
    status = pjmedia_sdp_parse(pool, copy, len, sdp);
    return status == PJ_SUCCESS ? pjmedia_sdp_validate(*sdp) : status;
}

int pyj_sdp_replace(pj_pool_t *pool, pjmedia_sdp_session *sdp, char *text, uint32_t len)
{
    pjmedia_sdp_session *changed;
    pj_status_t status = pyj_sdp_parse(pool, text, len, &changed);

    if (status != PJ_SUCCESS) {
        PJ_PERROR(2, (THIS_FILE, status, "SDP of the program's is no SDP"));
        return 0;
    }
    /* Each line has its media transport already. */
    if (changed->media_count != sdp->media_count) {
        PJ_LOG(2, (THIS_FILE, "SDP of a hook has %u media lines where there are %u: it is not used",
                   changed->media_count, sdp->media_count));
        return 0;
    }
    *sdp = *changed;
    return 1;
}

pj_str_t pyj_keep_reason(const char *reason)
{
    static _Thread_local char kept[128];
    pj_str_t out;

    pj_ansi_strxcpy(kept, reason, sizeof(kept));
    out.ptr = kept;
    out.slen = (pj_ssize_t)strlen(kept);
    return out;
}

pj_str_t pyj_reason_of(int code)
{
    return *pjsip_get_status_text(code);
}

/* -- redirections and re-INVITEs: guarded by the call's dialog */

static struct {
    uint64_t call;     /* serial of the call they belong to */
    uint64_t redirect; /* which deferral it is, 0 for none */
    uint64_t reinvite;
    char *answer;
} deferred[PJSUA_MAX_CALLS];

/* In one word, since a timer that never fires has nothing to give back. */
static void *ticket(pjsua_call_id id, uint64_t which)
{
    return (void *)(uintptr_t)(which << 16 | (unsigned)id);
}

int pyj_later(void (*deadline)(void *), void *user_data, unsigned ms)
{
    pj_status_t status = pjsua_schedule_timer2(deadline, user_data, ms);

    if (status != PJ_SUCCESS)
        PJ_PERROR(1, (THIS_FILE, status, "No timer for a decision's deadline"));
    return status == PJ_SUCCESS;
}

static int enter(void (*deadline)(void *), void *user_data, pjsua_call_id *id, uint64_t *which, void **held)
{
    pj_status_t status;

    *id = (pjsua_call_id)((uintptr_t)user_data & 0xFFFF);
    *which = (uintptr_t)user_data >> 16;
    status = pyj_call_enter(*id, 0, held);
    if (status != PJ_SUCCESS && status != PYJ_ESTALE)
        pyj_later(deadline, user_data, PYJ_AGAIN_MS);
    return status == PJ_SUCCESS;
}

/* What an earlier call left in the slot is not this one's. */
static void own(pjsua_call_id id)
{
    uint64_t serial = pyj_call_serial(id);

    if (deferred[id].call != serial) {
        deferred[id].redirect = 0;
        pyj_reinvite_answered(id);
        deferred[id].call = serial;
    }
}

static void redirect_deadline(void *user_data)
{
    pjsua_call_id id;
    uint64_t which;
    void *held;

    if (!enter(&redirect_deadline, user_data, &id, &which, &held))
        return;
    if (deferred[id].redirect == which) {
        PJ_LOG(2, (THIS_FILE, "Nobody decided about the redirection of call %d: it is not followed", id));
        pyj_call_process_redirect(id, PJSIP_REDIRECT_STOP);
    }
    pyj_call_leave(held);
}

int pyj_redirect_defer(pjsua_call_id id)
{
    uint64_t which = pyj_serial_new();

    own(id);
    if (!pyj_later(&redirect_deadline, ticket(id, which), (unsigned)pyj_policies.later_ms))
        return 0;
    deferred[id].redirect = which;
    return 1;
}

pj_status_t pyj_call_process_redirect(pjsua_call_id id, pjsip_redirect_op op)
{
    pj_status_t status;

    own(id);
    /* pjsip_inv_process_redirect would give back a session count nobody took. */
    if (!deferred[id].redirect)
        return PJ_EINVALIDOP;
    deferred[id].redirect = 0;
    status = pjsua_call_process_redirect(id, op);
    /* No target is left, and so the call has ended: that is what was decided. */
    return status == PJSIP_ESESSIONTERMINATED ? PJ_SUCCESS : status;
}

void pyj_reinvite_answered(pjsua_call_id id)
{
    deferred[id].reinvite = 0;
    free(deferred[id].answer);
    deferred[id].answer = NULL;
}

static void refuse_reinvite(pjsip_inv_session *inv, int code)
{
    pjsip_tx_data *tdata;

    if (inv && inv->invite_tsx && inv->invite_tsx->role == PJSIP_ROLE_UAS
        && inv->invite_tsx->state < PJSIP_TSX_STATE_COMPLETED && inv->last_answer
        && pjsip_inv_answer(inv, code, NULL, NULL, &tdata) == PJ_SUCCESS)
        pjsip_inv_send_msg(inv, tdata);
}

static void reinvite_deadline(void *user_data)
{
    pjsua_call_id id;
    pj_status_t status;
    uint64_t which;
    void *held;

    if (!enter(&reinvite_deadline, user_data, &id, &which, &held))
        return;
    if (deferred[id].reinvite == which) {
        PJ_LOG(2, (THIS_FILE, "Nobody answered the re-INVITE of call %d: it is accepted", id));
        status = pyj_call_answer2(id, NULL, PJSIP_SC_OK, NULL, NULL);
        if (status != PJ_SUCCESS && deferred[id].reinvite == which) {
            PJ_PERROR(2, (THIS_FILE, status, "The re-INVITE of call %d cannot be accepted: it is refused", id));
            refuse_reinvite(pjsua_var.calls[id].inv, PJSIP_SC_NOT_ACCEPTABLE_HERE);
            pyj_reinvite_answered(id);
        }
    }
    pyj_call_leave(held);
}

int pyj_reinvite_defer(pjsua_call_id id)
{
    uint64_t which = pyj_serial_new();

    own(id);
    pyj_reinvite_answered(id);
    if (!pyj_later(&reinvite_deadline, ticket(id, which), (unsigned)pyj_policies.later_ms))
        return 0;
    deferred[id].reinvite = which;
    return 1;
}

int pyj_reinvite_deferred(pjsua_call_id id)
{
    own(id);
    return deferred[id].reinvite != 0;
}

void pyj_reinvite_keep_answer(pjsua_call_id id, const char *text, int len)
{
    char *copy = malloc((size_t)len + 1);

    if (copy) {
        memcpy(copy, text, (size_t)len);
        copy[len] = '\0';
    }
    free(deferred[id].answer);
    deferred[id].answer = copy;
}

void pyj_reinvite_tsx_state(pjsua_call_id id, const pjsip_transaction *tsx)
{
    const pjsip_inv_session *inv = pjsua_var.calls[id].inv;

    if (tsx->role != PJSIP_ROLE_UAS || tsx->method.id != PJSIP_INVITE_METHOD || tsx->status_code < 300
        || tsx->state != PJSIP_TSX_STATE_COMPLETED || !inv || inv->invite_tsx != tsx || !pyj_reinvite_deferred(id))
        return;
    pyj_reinvite_answered(id);
    /* PJSIP leaves the offer of a cancelled one with the negotiator, and answers 491 to every one after it. */
    if (inv->neg && pjmedia_sdp_neg_get_state(inv->neg) == PJMEDIA_SDP_NEG_STATE_REMOTE_OFFER)
        pjmedia_sdp_neg_cancel_offer(inv->neg);
}

/* With the answer PJSIP made: without an SDP it would be a 200 without an answer to the offer. */
static pj_status_t accept_reinvite(pjsua_call_id id, const pjsua_call_setting *opt, unsigned code,
                                   const pj_str_t *reason, const pjsua_msg_data *msg_data)
{
    const char *text = deferred[id].answer;
    pj_pool_t *pool = text ? pjsua_pool_create("sdp%p", 4000, 4000) : NULL;
    pjmedia_sdp_session *sdp = NULL;
    pj_status_t status;

    if (!pool)
        return text ? PJ_ENOMEM : PJ_EINVALIDOP;
    status = pyj_sdp_parse(pool, text, strlen(text), &sdp);
    if (status == PJ_SUCCESS && !pjsua_var.calls[id].inv)
        status = PJ_EINVALIDOP;
    if (status == PJ_SUCCESS) {
        pyj_call_finish_answer(id, pool, sdp);
        status = pyj_call_answer_sdp(id, sdp, opt, code, reason, msg_data);
    }
    pj_pool_release(pool);
    return status;
}

pj_status_t pyj_call_answer2(pjsua_call_id id, const pjsua_call_setting *opt, unsigned code, const pj_str_t *reason,
                             const pjsua_msg_data *msg_data)
{
    pj_status_t status;

    if (pyj_reinvite_deferred(id) && code / 100 == 2)
        return accept_reinvite(id, opt, code, reason, msg_data);
    status = pyj_answer_with_headers(id, NULL, opt, code, reason, msg_data);
    if (status == PJ_SUCCESS && code >= 200)
        pyj_reinvite_answered(id);
    return status;
}

/* -- ends */

void pyj_decisions_call_ended(pjsua_call_id id)
{
    pjsua_call *call = &pjsua_var.calls[id];
    int redirect, reinvite;

    own(id);
    redirect = deferred[id].redirect != 0;
    reinvite = deferred[id].reinvite != 0;
    deferred[id].redirect = 0;
    pyj_reinvite_answered(id);
    pyj_challenges_call_ended(id);
    if (call->inv && call->inv->state < PJSIP_INV_STATE_DISCONNECTED) {
        if (redirect)
            pjsip_inv_process_redirect(call->inv, PJSIP_REDIRECT_STOP, NULL);
        else if (reinvite)
            refuse_reinvite(call->inv, PJSIP_SC_REQUEST_TERMINATED);
    }
}
