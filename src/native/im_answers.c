#include "im_answers.h"

#include <pthread.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "gate.h"
#include "ids.h"

#define THIS_FILE "im_answers.c"

/* At once: each keeps a copy of its packet, and nobody is to fill the memory with what is never answered. */
enum { MOST = 1024 };

/* The list has a lock of its own, under which nothing is called. */
typedef struct kept {
    struct kept *next;
    pyj_serial_id id;
    pjsua_acc_id acc_id;
    pjsip_rx_data *rdata;
    pjsip_transaction *tsx;
} kept;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static kept *waiting;
static unsigned waiting_count;
static int last_id, closed;

static int is_this(const kept *one, pjsua_acc_id acc_id, int id, uint64_t serial)
{
    if (acc_id >= 0 && one->acc_id != acc_id)
        return 0;
    return id < 0 || (one->id.id == id && (!serial || one->id.serial == serial));
}

static kept *take(pjsua_acc_id acc_id, int id, uint64_t serial)
{
    kept **at, *found;

    pthread_mutex_lock(&mutex);
    for (at = &waiting; *at && !is_this(*at, acc_id, id, serial); at = &(*at)->next)
        ;
    found = *at;
    if (found) {
        *at = found->next;
        waiting_count--;
    }
    pthread_mutex_unlock(&mutex);
    return found;
}

static void put(kept *one)
{
    pthread_mutex_lock(&mutex);
    one->next = waiting;
    waiting = one;
    waiting_count++;
    pthread_mutex_unlock(&mutex);
}

static int is_full(void)
{
    int full;

    pthread_mutex_lock(&mutex);
    full = waiting_count >= MOST;
    pthread_mutex_unlock(&mutex);
    return full;
}

static void forget(kept *one)
{
    pjsip_rx_data_free_cloned(one->rdata);
    pj_grp_lock_dec_ref(one->tsx->grp_lock);
    free(one);
}

/* A transaction whose answer is too long for a packet goes on to look for another way to send it, and lets go of the
 * message once more than it may: whether it fits is found out first. */
pj_status_t pyj_response_fits(pjsip_rx_data *rdata, int code, const pj_str_t *text, const pjsua_msg_data *msg_data)
{
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_endpt_create_response(pjsua_var.endpt, rdata, code, text, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    if (msg_data)
        for (const pjsip_hdr *hdr = msg_data->hdr_list.next; hdr && hdr != &msg_data->hdr_list; hdr = hdr->next)
            pjsip_msg_add_hdr(tdata->msg, pjsip_hdr_shallow_clone(tdata->pool, hdr));
    status = pjsip_tx_data_encode(tdata);
    pjsip_tx_data_dec_ref(tdata);
    return status;
}

static pj_status_t answer(pjsip_rx_data *rdata, pjsip_transaction *tsx, int code, const pj_str_t *text,
                          const pjsua_msg_data *msg_data)
{
    pj_status_t status = pyj_response_fits(rdata, code, text, msg_data);

    if (status != PJ_SUCCESS)
        return status;
    pj_grp_lock_acquire(tsx->grp_lock);
    /* It may have ended with its transport. */
    if (tsx->state < PJSIP_TSX_STATE_COMPLETED)
        status = pjsua_acc_send_response(PJSUA_INVALID_ID, rdata, tsx, code, text, msg_data);
    else
        status = PYJ_ESTALE;
    pj_grp_lock_release(tsx->grp_lock);
    return status;
}

static void deadline(void *user_data)
{
    kept *one = take(-1, (int)(intptr_t)user_data, 0);

    if (!one)
        return;
    PJ_LOG(2, (THIS_FILE, "Nobody answered a MESSAGE to account %d: it is refused with 480", one->acc_id));
    answer(one->rdata, one->tsx, PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL, NULL);
    forget(one);
}

void pyj_im_answers_open(void)
{
    pthread_mutex_lock(&mutex);
    closed = 0;
    pthread_mutex_unlock(&mutex);
}

int pyj_im_unanswered(pjsua_call_id call_id, pjsip_rx_data *rdata)
{
    const pjsip_transaction *tsx = call_id < 0 && rdata ? pjsip_rdata_get_tsx(rdata) : NULL;

    /* Of one that pjsua answers itself it makes no transaction before on_pager2. */
    return tsx && tsx->role == PJSIP_ROLE_UAS && tsx->state < PJSIP_TSX_STATE_COMPLETED;
}

void pyj_im_refuse(pjsip_rx_data *rdata)
{
    answer(rdata, pjsip_rdata_get_tsx(rdata), PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL, NULL);
}

pyj_serial_id pyj_im_keep(pjsip_rx_data *rdata, pjsua_acc_id acc_id)
{
    pyj_serial_id none = {-1, 0}, id;
    kept *one;
    int shut;

    if (is_full()) {
        PJ_LOG(2, (THIS_FILE, "Too many MESSAGEs wait for an answer: one more is refused with 480"));
        pyj_im_refuse(rdata);
        return none;
    }
    one = calloc(1, sizeof(*one));
    if (!one || pjsip_rx_data_clone(rdata, 0, &one->rdata) != PJ_SUCCESS) {
        free(one);
        pyj_im_refuse(rdata);
        return none;
    }
    one->acc_id = acc_id;
    one->tsx = pjsip_rdata_get_tsx(rdata);
    /* Nothing but an answer ends it, yet its transport may. */
    pj_grp_lock_add_ref(one->tsx->grp_lock);
    id.serial = pyj_serial_new();
    pthread_mutex_lock(&mutex);
    id.id = last_id = last_id % 0x7FFFFFFE + 1;
    one->id = id;
    shut = closed;
    if (!shut) {
        one->next = waiting;
        waiting = one;
        waiting_count++;
    }
    pthread_mutex_unlock(&mutex);
    if (shut) {
        pyj_im_refuse(rdata);
        forget(one);
        return none;
    }
    pjsua_schedule_timer2(&deadline, (void *)(intptr_t)id.id, (unsigned)pyj_policies.later_ms);
    return id;
}

pj_status_t pyj_acc_send_response(pjsua_acc_id acc_id, int id, uint64_t serial, int code, const pj_str_t *text,
                                  const pjsua_msg_data *msg_data)
{
    kept *one = take(acc_id, id, serial);
    pj_status_t status;

    if (!one)
        return PYJ_ESTALE;
    status = answer(one->rdata, one->tsx, code, text, msg_data);
    if (status == PJ_SUCCESS || one->tsx->state >= PJSIP_TSX_STATE_COMPLETED)
        forget(one);
    else
        /* What was to be sent does not fit, say: another answer may. */
        put(one);
    return status;
}

static void end(pjsua_acc_id acc_id, int may_send)
{
    kept *one;

    while ((one = take(acc_id, -1, 0))) {
        if (may_send)
            answer(one->rdata, one->tsx, PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL, NULL);
        forget(one);
    }
}

void pyj_im_acc_ended(pjsua_acc_id acc_id)
{
    end(acc_id, 1);
}

void pyj_im_answers_close(int may_send)
{
    pthread_mutex_lock(&mutex);
    closed = 1;
    pthread_mutex_unlock(&mutex);
    end(-1, may_send);
}
