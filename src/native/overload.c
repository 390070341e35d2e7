#include "overload.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "dialogs.h"
#include "held.h"
#include "queue.h"

/* A transaction of theirs lasts this long; what was refused once is refused as long as it may be sent again. */
#define LIFE_NS (32 * UINT64_C(1000000000))

enum { REMEMBERED = 4096 };

static struct {
    _Atomic int max_pending, draining, retry_after, drain_after;
    _Atomic unsigned pending;
    _Atomic uint64_t refused_pending, refused_draining;
    _Atomic unsigned char is_pending[PJSUA_MAX_CALLS];
} admission;

/* The latest refusals, by what all retransmissions of a request share; one in the place of another is no harm. */
static struct refusal {
    uint64_t hash;
    uint64_t time_ns;
    int code;
} refusals[REMEMBERED];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static uint64_t hash_of(uint64_t hash, const pj_str_t *text)
{
    for (pj_ssize_t i = 0; i < text->slen; i++)
        hash = (hash ^ (unsigned char)text->ptr[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t transaction_of(const pjsip_rx_data *rdata)
{
    uint64_t hash = hash_of(UINT64_C(14695981039346656037), &rdata->msg_info.cid->id);

    hash = hash_of(hash, &rdata->msg_info.via->branch_param);
    return hash_of(hash, &rdata->msg_info.from->tag) ^ (uint64_t)rdata->msg_info.cseq->cseq;
}

/* The code it was refused with, 0 for none. */
static int refused_before(uint64_t hash)
{
    const struct refusal *at = &refusals[hash % REMEMBERED];
    int code;

    pthread_mutex_lock(&mutex);
    code = at->hash == hash && at->code && pyj_now_ns() - at->time_ns < LIFE_NS ? at->code : 0;
    pthread_mutex_unlock(&mutex);
    return code;
}

static void remember(uint64_t hash, int code)
{
    struct refusal *at = &refusals[hash % REMEMBERED];

    pthread_mutex_lock(&mutex);
    at->hash = hash;
    at->time_ns = pyj_now_ns();
    at->code = code;
    pthread_mutex_unlock(&mutex);
}

static void refuse(pjsip_rx_data *rdata, int code, int retry_after)
{
    pjsip_retry_after_hdr *hdr = pjsip_retry_after_hdr_create(rdata->tp_info.pool, retry_after);
    pjsip_hdr list;

    pj_list_init(&list);
    if (retry_after)
        pj_list_push_back(&list, hdr);
    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, code, NULL, &list, NULL);
}

/* It takes the place of a call that is there. */
static int replaces(const pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Replaces", 8};

    return pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL) != NULL;
}

static unsigned waiting(void)
{
    return atomic_load(&admission.pending) + pyj_held_count(PYJ_HELD_FOR_STUN);
}

int pyj_admission_refuse(pjsip_rx_data *rdata)
{
    int draining = atomic_load(&admission.draining), most = atomic_load(&admission.max_pending);
    int full = most && waiting() >= (unsigned)most;
    uint64_t hash;
    int code;

    if (rdata->msg_info.msg->line.req.method.id != PJSIP_INVITE_METHOD)
        return 0;
    if (!atomic_load(&admission.refused_pending) && !atomic_load(&admission.refused_draining) && !draining && !full)
        return 0;
    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.to
        || !rdata->msg_info.cseq || rdata->msg_info.to->tag.slen)
        return 0;
    hash = transaction_of(rdata);
    code = refused_before(hash);
    if (code) {
        refuse(rdata, code, atomic_load(draining ? &admission.drain_after : &admission.retry_after));
        return 1;
    }
    if ((!draining && !full) || replaces(rdata) || pyj_has_transaction(rdata))
        return 0;
    code = draining ? draining : PJSIP_SC_SERVICE_UNAVAILABLE;
    atomic_fetch_add(draining ? &admission.refused_draining : &admission.refused_pending, 1);
    remember(hash, code);
    refuse(rdata, code, atomic_load(draining ? &admission.drain_after : &admission.retry_after));
    return 1;
}

void pyj_admission_came(pjsua_call_id id)
{
    if (!atomic_exchange(&admission.is_pending[id], 1))
        atomic_fetch_add(&admission.pending, 1);
}

void pyj_admission_changed(pjsua_call_id id, int ended)
{
    const pjsip_inv_session *inv = pjsua_var.calls[id].inv;

    if ((ended || (inv && inv->state >= PJSIP_INV_STATE_CONNECTING))
        && atomic_exchange(&admission.is_pending[id], 0))
        atomic_fetch_sub(&admission.pending, 1);
}

void pyj_admission_limit(int max_pending, int retry_after)
{
    atomic_store(&admission.retry_after, retry_after);
    atomic_store(&admission.max_pending, max_pending);
}

void pyj_admission_drain(int code, int retry_after)
{
    atomic_store(&admission.drain_after, retry_after);
    atomic_store(&admission.draining, code);
}

void pyj_admission_get(pyj_admission *out)
{
    out->max_pending = atomic_load(&admission.max_pending);
    out->draining = atomic_load(&admission.draining);
    out->retry_after = atomic_load(out->draining ? &admission.drain_after : &admission.retry_after);
    out->pending = waiting();
    out->refused_pending = atomic_load(&admission.refused_pending);
    out->refused_draining = atomic_load(&admission.refused_draining);
}

void pyj_admission_open(void)
{
    pyj_admission_limit(0, 0);
    pyj_admission_drain(0, 0);
    atomic_store(&admission.pending, 0);
    atomic_store(&admission.refused_pending, 0);
    atomic_store(&admission.refused_draining, 0);
    for (unsigned i = 0; i < PJSUA_MAX_CALLS; i++)
        atomic_store(&admission.is_pending[i], 0);
    pthread_mutex_lock(&mutex);
    memset(refusals, 0, sizeof(refusals));
    pthread_mutex_unlock(&mutex);
}
