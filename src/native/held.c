#include "held.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "replaced.h"

#define THIS_FILE "held.c"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pyj_held *first; /* in the order they came */
static _Atomic unsigned count;
static int closed, last_id;

static int same_method(const pyj_held *one, const pjsip_rx_data *rdata)
{
    const pjsip_method *method = &rdata->msg_info.msg->line.req.method;
    const pjsip_method *own = &one->rdata->msg_info.msg->line.req.method;

    if (method->id == PJSIP_CANCEL_METHOD)
        return own->id == PJSIP_INVITE_METHOD;
    return !pjsip_method_cmp(own, method);
}

static int same_transaction(const pyj_held *held, const pjsip_rx_data *other)
{
    const pjsip_rx_data *one = held->rdata;

    return same_method(held, other) && one->msg_info.cseq->cseq == other->msg_info.cseq->cseq
           && !pj_strcmp(&one->msg_info.via->branch_param, &other->msg_info.via->branch_param)
           && !pj_strcmp(&one->msg_info.cid->id, &other->msg_info.cid->id)
           && !pj_strcmp(&one->msg_info.from->tag, &other->msg_info.from->tag);
}

static int is_first(const pyj_held *one, const void *rdata)
{
    return same_transaction(one, rdata);
}

static int is_any(const pyj_held *one, const void *nothing)
{
    PJ_UNUSED_ARG(one);
    PJ_UNUSED_ARG(nothing);
    return 1;
}

pyj_held *pyj_held_take(pyj_held_match wanted, const void *what)
{
    pyj_held *at;

    pthread_mutex_lock(&mutex);
    for (at = first; at && (at->taken || !wanted(at, what)); at = at->next)
        ;
    if (at)
        at->taken = 1;
    pthread_mutex_unlock(&mutex);
    return at;
}

unsigned pyj_held_count_of(pyj_held_match wanted, const void *what)
{
    unsigned found = 0;

    pthread_mutex_lock(&mutex);
    for (const pyj_held *at = first; at; at = at->next)
        found += wanted(at, what) != 0;
    pthread_mutex_unlock(&mutex);
    return found;
}

static int is_of_kind(const pyj_held *one, const void *kind)
{
    return one->kind == *(const pyj_held_request *)kind;
}

unsigned pyj_held_count(pyj_held_request kind)
{
    return pyj_held_any() ? pyj_held_count_of(&is_of_kind, &kind) : 0;
}

int pyj_held_any(void)
{
    return atomic_load(&count) != 0;
}

void pyj_held_put_back(pyj_held *one)
{
    pthread_mutex_lock(&mutex);
    one->taken = 0;
    pthread_mutex_unlock(&mutex);
}

void pyj_held_forget(pyj_held *one)
{
    pyj_held **at;

    pthread_mutex_lock(&mutex);
    for (at = &first; *at != one; at = &(*at)->next)
        ;
    *at = one->next;
    atomic_fetch_sub(&count, 1);
    pthread_mutex_unlock(&mutex);
    pjsip_rx_data_free_cloned(one->rdata);
    free(one);
}

void pyj_held_go_on(pyj_held *one)
{
    pyj_hand_on(one->rdata);
    pyj_held_forget(one);
}

/* By a transaction, which swallows what is retransmitted after that, and an INVITE's ACK. */
pj_status_t pyj_held_refuse(pyj_held *one, int code, const pj_str_t *text, const pjsip_hdr *hdr_list)
{
    pj_status_t status = pjsip_endpt_respond(pjsua_var.endpt, NULL, one->rdata, code, text, hdr_list, NULL, NULL);

    if (status != PJ_SUCCESS)
        PJ_PERROR(2, (THIS_FILE, status, "A held request could not be refused with %d", code));
    pyj_held_forget(one);
    return status;
}

/* PJSIP writes a NUL behind the URI it found there, which in a packet is where the line ended. */
static void make_room(pjsip_rx_data *copy)
{
    static const pj_str_t name = {"Refer-To", 8};
    pjsip_generic_string_hdr *hdr = pjsip_msg_find_hdr_by_name(copy->msg_info.msg, &name, NULL);

    pj_str_t room;

    if (hdr) {
        pj_strdup_with_null(copy->tp_info.pool, &room, &hdr->hvalue);
        hdr->hvalue = room;
    }
}

pyj_held *pyj_held_add(pjsip_rx_data *rdata, pyj_held_request kind, const pyj_about *about)
{
    pyj_held *one = calloc(1, sizeof(*one)), **at;
    int shut;

    if (!one)
        return NULL;
    if (pjsip_rx_data_clone(rdata, 0, &one->rdata) != PJ_SUCCESS) {
        free(one);
        return NULL;
    }
    make_room(one->rdata);
    one->kind = kind;
    one->about = *about;
    one->id.serial = pyj_serial_new();
    pthread_mutex_lock(&mutex);
    one->id.id = last_id = last_id % 0x7FFFFFFE + 1;
    shut = closed;
    if (!shut) {
        for (at = &first; *at; at = &(*at)->next)
            ;
        *at = one;
        atomic_fetch_add(&count, 1);
    }
    pthread_mutex_unlock(&mutex);
    if (shut) {
        pjsip_rx_data_free_cloned(one->rdata);
        free(one);
        return NULL;
    }
    return one;
}

int pyj_has_transaction(pjsip_rx_data *rdata)
{
    pj_str_t key;

    return pjsip_tsx_create_key(rdata->tp_info.pool, &key, PJSIP_ROLE_UAS, &rdata->msg_info.cseq->method, rdata)
               == PJ_SUCCESS
           && pjsip_tsx_layer_find_tsx(&key, PJ_FALSE) != NULL;
}

static void cancel(pjsip_rx_data *rdata, pyj_held *one)
{
    pyj_on_held_request_end end = {.request = one->id, .kind = one->kind, .code = PJSIP_SC_REQUEST_TERMINATED};
    pyj_about about = one->about;

    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, PJSIP_SC_OK, NULL, NULL, NULL);
    pyj_held_refuse(one, PJSIP_SC_REQUEST_TERMINATED, NULL, NULL);
    if (end.kind != PYJ_HELD_FOR_STUN)
        pyj_emit_about(PYJ_OnHeldRequestEnd, &end, &about, NULL, 0);
}

int pyj_held_again(pjsip_rx_data *rdata)
{
    pyj_held *one;

    if (!pyj_held_any())
        return 0;
    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.cseq)
        return 0;
    if (rdata->msg_info.msg->line.req.method.id != PJSIP_CANCEL_METHOD)
        return pyj_held_count_of(&is_first, rdata) != 0;
    /* One that is going on right now is PJSIP's to cancel. */
    one = pyj_held_take(&is_first, rdata);
    if (one)
        cancel(rdata, one);
    return one != NULL;
}

void pyj_held_open(void)
{
    pthread_mutex_lock(&mutex);
    closed = 0;
    pthread_mutex_unlock(&mutex);
}

void pyj_held_shut(void)
{
    pthread_mutex_lock(&mutex);
    closed = 1;
    pthread_mutex_unlock(&mutex);
}

void pyj_held_close(void)
{
    pyj_held *one;

    while ((one = pyj_held_take(&is_any, NULL)))
        pyj_held_forget(one);
}
