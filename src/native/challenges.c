#include "challenges.h"

#include <pthread.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "gate.h"
#include "ids.h"
#include "modules.h"

#define THIS_FILE "challenges.c"

/* The list has a lock of its own, under which nothing is called. */
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

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static challenge *challenges;
static int last_number, closed;

static void put(challenge *one)
{
    pthread_mutex_lock(&mutex);
    one->next = challenges;
    challenges = one;
    pthread_mutex_unlock(&mutex);
}

/* Its number, 0 where nobody can answer it any more. */
static int put_new(challenge *one)
{
    pthread_mutex_lock(&mutex);
    if (!closed) {
        one->number = last_number = last_number % 0x7FFFFFFF + 1;
        one->next = challenges;
        challenges = one;
    }
    pthread_mutex_unlock(&mutex);
    return one->number;
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

    pthread_mutex_lock(&mutex);
    for (at = &challenges; *at && !wanted(*at, what); at = &(*at)->next)
        ;
    found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&mutex);
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
        pyj_later(&challenge_deadline, user_data, PYJ_AGAIN_MS);
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
    number = put_new(one);
    if (!number) {
        forget(one);
        return 0;
    }
    if (!pyj_later(&challenge_deadline, (void *)(intptr_t)number, (unsigned)pyj_policies.later_ms)) {
        if (take(&has_number, &number))
            forget(one);
        return 0;
    }
    return number;
}

static void call_ended(challenge *one)
{
    const pjsip_inv_session *inv = pjsua_var.calls[one->about.call_id].inv;

    /* Hung up before it was answered: the session would wait for its INVITE for ever. */
    if (inv && inv->state < PJSIP_INV_STATE_CONFIRMED)
        abandon(one);
    else
        orphan(one);
}

/* Holds what the token belongs to, or gives the challenge up if that has gone (PYJ_ESTALE) and puts it back if
 * that cannot be had now. */
static pj_status_t owner_enter(challenge *one, void **held)
{
    pj_status_t status;

    *held = NULL;
    if (one->about.call_id >= 0) {
        status = pyj_call_enter(one->about.call_id, one->about.call_serial, held);
        /* By somebody who did not find the challenge, since it was taken. */
        if (status == PJ_SUCCESS && pjsua_var.calls[one->about.call_id].hanging_up) {
            call_ended(one);
            pyj_call_leave(*held);
            return PYJ_ESTALE;
        }
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

/* pjsua names that of the account's slot, which may be another's by now: the dialog's is the call's own. */
static pjsip_auth_clt_sess *session_of(const challenge *one)
{
    pjsip_inv_session *inv = one->about.call_id < 0 ? NULL : pjsua_var.calls[one->about.call_id].inv;

    return inv ? &inv->dlg->auth_sess : one->sess;
}

/* The account's, as they are now; a call whose account has gone has those it began with. */
static pj_status_t set_credentials(pjsip_auth_clt_sess *sess, const challenge *one, unsigned count,
                                   const pjsip_cred_info *creds)
{
    const pjsip_auth_clt_sess *own = session_of(one);
    const pjsua_acc *acc = NULL;
    pj_status_t status;

    PJSUA_LOCK();
    if (one->about.acc_serial && pyj_acc_serial(one->about.acc_id) == one->about.acc_serial)
        acc = &pjsua_var.acc[one->about.acc_id];
    pjsip_auth_clt_set_prefs(sess, acc ? &acc->cfg.auth_pref : &own->pref);
    if (count)
        status = pjsip_auth_clt_set_credentials(sess, (int)count, creds);
    else if (acc)
        status = pjsip_auth_clt_set_credentials(sess, (int)acc->cred_cnt, acc->cred);
    else if (own->cred_cnt)
        status = pjsip_auth_clt_set_credentials(sess, (int)own->cred_cnt, own->cred_info);
    else
        status = PJSIP_ENOCREDENTIAL;
    PJSUA_UNLOCK();
    return status;
}

static pj_status_t send_again(challenge *one, unsigned count, const pjsip_cred_info *creds)
{
    pjsip_auth_clt_sess sess;
    pjsip_tx_data *request = NULL;
    pj_status_t status;

    status = pjsip_auth_clt_init(&sess, pjsua_var.endpt, one->tdata->pool, 0);
    if (status != PJ_SUCCESS)
        return status;
    status = set_credentials(&sess, one, count, creds);
    if (status == PJ_SUCCESS)
        status = pjsip_auth_clt_reinit_req(&sess, one->rdata, one->tdata, &request);
    if (status == PJ_SUCCESS && too_stale(&sess, request)) {
        pjsip_tx_data_dec_ref(request);
        status = PJSIP_EAUTHSTALECOUNT;
    }
    pjsip_auth_clt_deinit(&sess);
    if (status == PJ_SUCCESS) {
        status = pjsip_auth_clt_async_send_req(session_of(one), one->token, request);
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

void pyj_challenges_call_ended(pjsua_call_id id)
{
    challenge *one;

    while ((one = take(&is_of_call, &id)))
        call_ended(one);
}

void pyj_challenges_acc_ended(pjsua_acc_id id)
{
    challenge *one;

    while ((one = take(&is_of_acc, &id))) {
        if (one->regc && pjsua_var.acc[one->about.acc_id].regc != one->regc)
            orphan(one);
        else
            abandon(one);
    }
}

static void set_closed(int now)
{
    pthread_mutex_lock(&mutex);
    closed = now;
    pthread_mutex_unlock(&mutex);
}

void pyj_challenges_open(void)
{
    set_closed(0);
}

void pyj_challenges_close(void)
{
    set_closed(1);
    pyj_challenges_acc_ended(-1);
}

void pyj_challenges_drop(void)
{
    challenge *one;

    while ((one = take(&is_any, NULL)))
        orphan(one);
}
