#include "dialogs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "ids.h"
#include "observer.h"
#include "tx_headers.h"

enum { BUCKETS = 256 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pyj_dialog *buckets[BUCKETS];
static _Atomic unsigned dialogs;

void pyj_dialogs_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void pyj_dialogs_unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

static unsigned bucket_of(const pj_str_t *call_id)
{
    return pj_hash_calc(0, call_id->ptr, (unsigned)call_id->slen) % BUCKETS;
}

int pyj_place_of(const pjsip_msg *msg, int sent, pyj_place *out)
{
    const pjsip_cid_hdr *cid = PJSIP_MSG_CID_HDR(msg);
    const pjsip_cseq_hdr *cseq = PJSIP_MSG_CSEQ_HDR(msg);
    const pjsip_fromto_hdr *from = PJSIP_MSG_FROM_HDR(msg);
    const pjsip_fromto_hdr *to = PJSIP_MSG_TO_HDR(msg);

    if (!cid || !cseq || !from || !to)
        return 0;
    out->is_request = msg->type == PJSIP_REQUEST_MSG;
    out->code = out->is_request ? 0 : msg->line.status.code;
    out->method = out->is_request ? msg->line.req.method.name : cseq->method.name;
    out->call_id = cid->id;
    /* From is of whoever sent the request. */
    if (out->is_request == !!sent) {
        out->local_tag = from->tag;
        out->remote_tag = to->tag;
        out->local_uri = from->uri;
    } else {
        out->local_tag = to->tag;
        out->remote_tag = from->tag;
        out->local_uri = to->uri;
    }
    return 1;
}

static int same(const pj_str_t *one, const pj_str_t *other)
{
    return one->slen == other->slen && !memcmp(one->ptr, other->ptr, (size_t)one->slen);
}

pyj_dialog *pyj_dialog_find(const pyj_place *place)
{
    pyj_dialog *at;

    if (!atomic_load(&dialogs))
        return NULL;
    for (at = buckets[bucket_of(&place->call_id)]; at; at = at->next) {
        if (!same(&at->call_id, &place->call_id))
            continue;
        /* A CANCEL of theirs and a 100 of ours have no tag of ours. */
        if (place->local_tag.slen ? same(&at->local_tag, &place->local_tag)
                                  : at->remote_tag.slen && same(&at->remote_tag, &place->remote_tag))
            return at;
    }
    return NULL;
}

static void forget(pyj_dialog **place)
{
    pyj_dialog *one = *place;

    *place = one->next;
    atomic_fetch_sub(&dialogs, 1);
    pyj_rules_free(&one->rules);
    free(one);
}

/* The last of a dialog: whoever destroys it may hold any lock. */
static void destroyed(void *member)
{
    uint64_t mark = (uint64_t)(uintptr_t)member;

    pthread_mutex_lock(&mutex);
    for (pyj_dialog **at = &buckets[mark % BUCKETS]; *at; at = &(*at)->next)
        if ((*at)->mark == mark) {
            forget(at);
            break;
        }
    pthread_mutex_unlock(&mutex);
}

static char *put(pj_str_t *to, const pj_str_t *from, char *at)
{
    to->ptr = at;
    to->slen = from->slen;
    memcpy(at, from->ptr, (size_t)from->slen);
    return at + from->slen;
}

static pyj_dialog *create(const pjsip_dialog *dlg, const pyj_about *about)
{
    const pj_str_t *call_id = &dlg->call_id->id, *local = &dlg->local.info->tag, *remote = &dlg->remote.info->tag;
    pyj_dialog *one = calloc(1, sizeof(*one) + (size_t)(call_id->slen + local->slen + remote->slen));
    char *at;

    if (!one)
        return NULL;
    at = (char *)(one + 1);
    at = put(&one->call_id, call_id, at);
    at = put(&one->local_tag, local, at);
    put(&one->remote_tag, remote, at);
    one->about = *about;
    one->mark = pyj_serial_new() * BUCKETS + bucket_of(call_id);
    return one;
}

static pyj_dialog *find_own(const pjsip_dialog *dlg)
{
    pyj_place place = {.call_id = dlg->call_id->id, .local_tag = dlg->local.info->tag};

    return pyj_dialog_find(&place);
}

pj_status_t pyj_dialog_noted(pjsua_call_id id, pyj_dialog **out)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    pjsip_dialog *dlg = call->inv ? call->inv->dlg : call->async_call.dlg;
    pyj_about about;
    pyj_dialog *one;
    pj_status_t status;

    if (!dlg)
        return PJ_EINVALIDOP;
    about = pyj_about_call(id);
    pthread_mutex_lock(&mutex);
    *out = find_own(dlg);
    if (*out)
        return PJ_SUCCESS;
    pthread_mutex_unlock(&mutex);
    one = create(dlg, &about);
    if (!one)
        return PJ_ENOMEM;
    /* The dialog is held: nobody else notes it meanwhile, nor can it be destroyed. */
    status = pj_grp_lock_add_handler(dlg->grp_lock_, NULL, (void *)(uintptr_t)one->mark, &destroyed);
    if (status != PJ_SUCCESS) {
        free(one);
        return status;
    }
    pthread_mutex_lock(&mutex);
    one->next = buckets[one->mark % BUCKETS];
    buckets[one->mark % BUCKETS] = one;
    atomic_fetch_add(&dialogs, 1);
    *out = one;
    return PJ_SUCCESS;
}

pj_status_t pyj_dialog_note(pjsua_call_id id)
{
    pyj_dialog *one;
    pj_status_t status = pyj_dialog_noted(id, &one);

    if (status == PJ_SUCCESS)
        pthread_mutex_unlock(&mutex);
    return status;
}

pj_status_t pyj_dialog_hold_requests(pjsua_call_id id, int which)
{
    pyj_dialog *one;
    pj_status_t status = pyj_dialog_noted(id, &one);

    if (status != PJ_SUCCESS)
        return status;
    one->held_requests = which;
    pthread_mutex_unlock(&mutex);
    return PJ_SUCCESS;
}

void pyj_dialog_met(pjsua_call_id id)
{
    if (pyj_acc_headers_any() || pyj_wanted(PYJ_SipTrace) || pyj_wanted(PYJ_OnSipMessage) || pyj_observers_any()
        || pyj_policies.held_requests)
        pyj_dialog_note(id);
}

void pyj_dialogs_clear(void)
{
    pthread_mutex_lock(&mutex);
    for (unsigned i = 0; i < BUCKETS; i++)
        while (buckets[i])
            forget(&buckets[i]);
    pthread_mutex_unlock(&mutex);
}
