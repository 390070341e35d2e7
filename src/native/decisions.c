#include "decisions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "call_ops.h"
#include "gate.h"
#include "ids.h"
#include "modules.h"
#include "tx_headers.h"

#define THIS_FILE "decisions.c"

enum { AGAIN_MS = 500 };

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

/* A lock that cannot be had now does not mean that nobody waits: the deadline comes again. */
static int later(void (*deadline)(void *), void *user_data, unsigned ms)
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
        later(deadline, user_data, AGAIN_MS);
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
    if (!later(&redirect_deadline, ticket(id, which), (unsigned)pyj_policies.later_ms))
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
    if (!later(&reinvite_deadline, ticket(id, which), (unsigned)pyj_policies.later_ms))
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
    free(deferred[id].answer);
    deferred[id].answer = strndup(text, (size_t)len);
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

/* -- challenges: the list has a lock of its own, under which nothing is called */

typedef struct challenge {
    struct challenge *next;
    int number;
    pyj_about about;
    pjsip_auth_clt_sess *sess;
    pjsip_auth_clt_async_impl_token *token;
    pjsip_rx_data *rdata;
    pjsip_tx_data *tdata;
    pjsip_regc *regc; /* whose token it is, if it is a REGISTER's */
} challenge;

static pthread_mutex_t challenges_mutex = PTHREAD_MUTEX_INITIALIZER;
static challenge *challenges;
static int last_number;

static void put(challenge *one)
{
    pthread_mutex_lock(&challenges_mutex);
    one->next = challenges;
    challenges = one;
    pthread_mutex_unlock(&challenges_mutex);
}

static int has_number(const challenge *one, const void *number)
{
    return one->number == *(const int *)number;
}

static int is_of_call(const challenge *one, const void *id)
{
    return one->about.call_id == *(const pjsua_call_id *)id;
}

static int is_of_acc(const challenge *one, const void *id)
{
    pjsua_acc_id acc = *(const pjsua_acc_id *)id;

    return one->about.call_id < 0 && (acc < 0 || one->about.acc_id == acc);
}

static int is_any(const challenge *one, const void *nothing)
{
    PJ_UNUSED_ARG(one);
    PJ_UNUSED_ARG(nothing);
    return 1;
}

static challenge *take(int (*wanted)(const challenge *, const void *), const void *what)
{
    challenge **at, *found;

    pthread_mutex_lock(&challenges_mutex);
    for (at = &challenges; *at && !wanted(*at, what); at = &(*at)->next)
        ;
    found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&challenges_mutex);
    return found;
}

static void forget(challenge *one)
{
    pjsip_rx_data_free_cloned(one->rdata);
    pjsip_tx_data_dec_ref(one->tdata);
    if (one->regc)
        pjsip_regc_dec_ref(one->regc);
    free(one);
}

/* Consumes the token of something that has gone, without a word to that. */
static void orphan(challenge *one)
{
    pj_grp_lock_t *lock = one->token->grp_lock;

    pj_bzero(one->token->signature, sizeof(one->token->signature));
    if (lock)
        pj_grp_lock_dec_ref(lock);
    forget(one);
}

static void abandon(challenge *one)
{
    pjsip_auth_clt_async_abandon(one->sess, one->token);
    forget(one);
}

/* The methods whose tokens belong to something that can be kept from going: an invite session, a registration, the
 * transaction itself. Those of event subscriptions and publications do not. */
static int can_wait(const pjsip_method *method, pjsua_call_id call_id)
{
    static const char *const never[] = {"BYE", "REFER", "SUBSCRIBE", "NOTIFY", "PUBLISH"};

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(never); i++)
        if (!pj_stricmp2(&method->name, never[i]))
            return 0;
    return call_id >= 0 || method->id == PJSIP_REGISTER_METHOD || !pj_stricmp2(&method->name, "MESSAGE");
}

static void challenge_deadline(void *user_data)
{
    int number = (int)(intptr_t)user_data;
    pj_status_t status = pyj_challenge_respond(number, 0, NULL);

    if (status == PYJ_ESTALE)
        return;
    PJ_PERROR(2, (THIS_FILE, status, "Nobody answered challenge %d: the account's credentials did", number));
    if (status == PJ_SUCCESS)
        return;
    status = pyj_challenge_abandon(number);
    if (status != PJ_SUCCESS && status != PYJ_ESTALE)
        later(&challenge_deadline, user_data, AGAIN_MS);
}

int pyj_challenge_defer(pjsua_on_auth_challenge_param *param, const pyj_about *about)
{
    const pjsip_method *method = &param->tdata->msg->line.req.method;
    challenge *one;
    int number;

    if (!can_wait(method, about->call_id) || (about->call_id >= 0 && pjsua_var.calls[about->call_id].hanging_up))
        return 0;
    one = calloc(1, sizeof(*one));
    if (!one)
        return 0;
    if (pjsip_rx_data_clone(param->rdata, 0, &one->rdata) != PJ_SUCCESS) {
        free(one);
        return 0;
    }
    one->about = *about;
    one->sess = param->auth_sess;
    one->token = param->token;
    one->tdata = param->tdata;
    pjsip_tx_data_add_ref(one->tdata);
    if (about->call_id < 0 && method->id == PJSIP_REGISTER_METHOD) {
        one->regc = one->token->user_data;
        pjsip_regc_add_ref(one->regc);
    }
    pthread_mutex_lock(&challenges_mutex);
    number = one->number = last_number = last_number % 0x7FFFFFFF + 1;
    pthread_mutex_unlock(&challenges_mutex);
    put(one);
    if (!later(&challenge_deadline, (void *)(intptr_t)number, (unsigned)pyj_policies.later_ms)) {
        if (take(&has_number, &number))
            forget(one);
        return 0;
    }
    return number;
}

/* Holds what the token belongs to, or gives the challenge up if that has gone (PYJ_ESTALE) and puts it back if
 * that cannot be had now. */
static pj_status_t owner_enter(challenge *one, void **held)
{
    pj_status_t status;

    *held = NULL;
    if (one->about.call_id >= 0) {
        status = pyj_call_enter(one->about.call_id, one->about.call_serial, held);
    } else {
        status = pyj_acc_enter(one->about.acc_id, one->about.acc_serial);
        if (status == PJ_SUCCESS && one->regc && pjsua_var.acc[one->about.acc_id].regc != one->regc) {
            pyj_acc_leave();
            status = PYJ_ESTALE;
        }
    }
    if (status == PYJ_ESTALE)
        orphan(one);
    else if (status != PJ_SUCCESS)
        put(one);
    return status;
}

static void owner_leave(void *held)
{
    if (held)
        pyj_call_leave(held);
    else
        pyj_acc_leave();
}

/* PJSIP counts stale retries in the session that answers, and here each answer has one of its own. */
static int too_stale(const pjsip_auth_clt_sess *sess, pjsip_tx_data *request)
{
    uintptr_t count = (uintptr_t)request->mod_data[pyj_module_id()];
    const pjsip_cached_auth *auth;

    for (auth = sess->cached_auth.next; auth != &sess->cached_auth; auth = auth->next)
        if (auth->stale_cnt) {
            request->mod_data[pyj_module_id()] = (void *)++count;
            break;
        }
    return count >= PJSIP_MAX_STALE_COUNT;
}

static pj_status_t send_again(challenge *one, unsigned count, const pjsip_cred_info *creds)
{
    const pjsua_acc *acc = &pjsua_var.acc[one->about.acc_id];
    pjsip_auth_clt_sess sess;
    pjsip_tx_data *request = NULL;
    pj_status_t status;

    status = pjsip_auth_clt_init(&sess, pjsua_var.endpt, one->tdata->pool, 0);
    if (status != PJ_SUCCESS)
        return status;
    pjsip_auth_clt_set_prefs(&sess, &acc->cfg.auth_pref);
    if (count)
        status = pjsip_auth_clt_set_credentials(&sess, (int)count, creds);
    else
        status = pjsip_auth_clt_set_credentials(&sess, (int)acc->cred_cnt, acc->cred);
    if (status == PJ_SUCCESS)
        status = pjsip_auth_clt_reinit_req(&sess, one->rdata, one->tdata, &request);
    if (status == PJ_SUCCESS && too_stale(&sess, request)) {
        pjsip_tx_data_dec_ref(request);
        status = PJSIP_EAUTHSTALECOUNT;
    }
    pjsip_auth_clt_deinit(&sess);
    if (status == PJ_SUCCESS) {
        status = pjsip_auth_clt_async_send_req(one->sess, one->token, request);
        one->token = NULL;
    }
    return status;
}

pj_status_t pyj_challenge_respond(int number, unsigned count, const pjsip_cred_info *creds)
{
    challenge *one = take(&has_number, &number);
    pj_status_t status;
    void *held;

    if (!one)
        return PYJ_ESTALE;
    status = owner_enter(one, &held);
    if (status != PJ_SUCCESS)
        return status;
    status = send_again(one, count, creds);
    if (one->token)
        /* Nothing was sent: other credentials may do. */
        put(one);
    else
        forget(one);
    owner_leave(held);
    return status;
}

pj_status_t pyj_challenge_abandon(int number)
{
    challenge *one = take(&has_number, &number);
    pj_status_t status;
    void *held;

    if (!one)
        return PYJ_ESTALE;
    status = owner_enter(one, &held);
    if (status != PJ_SUCCESS)
        return status;
    abandon(one);
    owner_leave(held);
    return PJ_SUCCESS;
}

/* -- ends */

void pyj_decisions_call_ended(pjsua_call_id id)
{
    pjsua_call *call = &pjsua_var.calls[id];
    int redirect, reinvite;
    challenge *one;

    own(id);
    redirect = deferred[id].redirect != 0;
    reinvite = deferred[id].reinvite != 0;
    deferred[id].redirect = 0;
    pyj_reinvite_answered(id);
    while ((one = take(&is_of_call, &id))) {
        /* Hung up before it was answered: the session would wait for its INVITE for ever. */
        if (call->inv && call->inv->state < PJSIP_INV_STATE_CONFIRMED)
            abandon(one);
        else
            orphan(one);
    }
    if (call->inv && call->inv->state < PJSIP_INV_STATE_DISCONNECTED) {
        if (redirect)
            pjsip_inv_process_redirect(call->inv, PJSIP_REDIRECT_STOP, NULL);
        else if (reinvite)
            refuse_reinvite(call->inv, PJSIP_SC_REQUEST_TERMINATED);
    }
}

void pyj_decisions_acc_ended(pjsua_acc_id id)
{
    challenge *one;

    while ((one = take(&is_of_acc, &id))) {
        if (one->regc && pjsua_var.acc[one->about.acc_id].regc != one->regc)
            orphan(one);
        else
            abandon(one);
    }
}

void pyj_decisions_drop(void)
{
    challenge *one;

    while ((one = take(&is_any, NULL)))
        orphan(one);
}
