#include "ids.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "acc_names.h"
#include "acc_rules.h"
#include "buddies.h"
#include "challenges.h"
#include "codecs.h"
#include "dialogs.h"
#include "gate.h"
#include "im_answers.h"
#include "log.h"
#include "notifier.h"
#include "queue.h"
#include "regc_leaving.h"
#include "srv_pres.h"
#include "subscriptions.h"
#include "tx_headers.h"

static _Atomic uint64_t next_serial = 1;
static _Atomic uint64_t calls[PJSUA_MAX_CALLS];
static _Atomic uint64_t players[PJSUA_MAX_PLAYERS];
static _Atomic uint64_t recorders[PJSUA_MAX_RECORDERS];
static _Atomic uint64_t pcms[PJSUA_MAX_CONF_PORTS];
static _Atomic uint64_t tonegens[PJSUA_MAX_CONF_PORTS];
static _Atomic uint64_t transports[PYJ_MAX_TRANSPORTS];
static _Atomic uint64_t parents[PJSUA_MAX_CALLS];
static _Thread_local uint64_t making;

_Static_assert(PYJ_MAX_TRANSPORTS == PJ_ARRAY_SIZE(pjsua_var.tpdata), "PYJ_MAX_TRANSPORTS");

static const struct {
    _Atomic uint64_t *serials;
    int count;
} tables[PYJ_TABLES] = {
    [PYJ_PLAYERS] = {players, PJ_ARRAY_SIZE(players)},
    [PYJ_RECORDERS] = {recorders, PJ_ARRAY_SIZE(recorders)},
    [PYJ_TRANSPORTS] = {transports, PJ_ARRAY_SIZE(transports)},
    [PYJ_PCMS] = {pcms, PJ_ARRAY_SIZE(pcms)},
    [PYJ_TONEGENS] = {tonegens, PJ_ARRAY_SIZE(tonegens)},
};

void pyj_ids_reset(void)
{
    pyj_srv_pres_reset();
    pyj_codecs_clear();
    pyj_dialogs_clear();
    pyj_headers_clear();
    pyj_acc_names_clear();
    pyj_acc_rules_clear();
    for (int i = 0; i < PJSUA_MAX_CALLS; i++)
        atomic_store(&calls[i], 0);
    for (int t = 0; t < PYJ_TABLES; t++)
        for (int i = 0; i < tables[t].count; i++)
            atomic_store(&tables[t].serials[i], 0);
}

uint64_t pyj_serial_new(void)
{
    return atomic_fetch_add(&next_serial, 1);
}

/* The lowest bit says "bound to the slot recorded for it". */
void *pyj_call_user_data(uint64_t serial)
{
    return (void *)(uintptr_t)(serial << 1);
}

/* The serial if it is bound to the slot, else 0. */
static uint64_t bound(pjsua_call_id id, uintptr_t mark)
{
    return mark & 1 && atomic_load(&calls[id]) == mark >> 1 ? mark >> 1 : 0;
}

static uint64_t stamp(pjsua_call_id id)
{
    uintptr_t mark = (uintptr_t)pjsua_var.calls[id].user_data;
    uint64_t serial = bound(id, mark);

    if (serial)
        return serial;
    serial = mark >> 1;
    atomic_store(&parents[id], mark & 1 ? serial : 0);
    if (!serial || (mark & 1))
        serial = pyj_serial_new();
    atomic_store(&calls[id], serial);
    __atomic_store_n(&pjsua_var.calls[id].user_data, (void *)(uintptr_t)(serial << 1 | 1), __ATOMIC_RELEASE);
    return serial;
}

/* A callback of the media, which holds no dialog, and one of the signalling may both be the first. */
static pthread_mutex_t stamping = PTHREAD_MUTEX_INITIALIZER;

uint64_t pyj_call_serial(pjsua_call_id id)
{
    uint64_t serial;

    if (id < 0 || id >= (int)pjsua_var.ua_cfg.max_calls)
        return 0;
    serial = bound(id, (uintptr_t)__atomic_load_n(&pjsua_var.calls[id].user_data, __ATOMIC_ACQUIRE));
    if (serial)
        return serial;
    pthread_mutex_lock(&stamping);
    serial = stamp(id);
    pthread_mutex_unlock(&stamping);
    return serial;
}

pyj_serial_id pyj_call_parent(pjsua_call_id id)
{
    pyj_serial_id none = {-1, 0};
    uint64_t parent = atomic_exchange(&parents[id], 0);

    if (!parent)
        return none;
    for (int i = 0; i < (int)pjsua_var.ua_cfg.max_calls; i++)
        if (i != id && atomic_load(&calls[i]) == parent) {
            none.id = i;
            none.serial = (unsigned long)parent;
            break;
        }
    return none;
}

int pyj_call_holds(pjsua_call_id id, uint64_t serial)
{
    uintptr_t mark;

    if (id < 0 || id >= (int)pjsua_var.ua_cfg.max_calls)
        return 0;
    mark = (uintptr_t)pjsua_var.calls[id].user_data;
    return mark >> 1 == serial && (!(mark & 1) || atomic_load(&calls[id]) == serial);
}

uint64_t pyj_call_last_serial(pjsua_call_id id)
{
    return id < 0 || id >= PJSUA_MAX_CALLS ? 0 : atomic_load(&calls[id]);
}

/* Holds the call's dialog if that can be had at once; *dlg is NULL where there is none. */
static int try_dialog(pjsua_call_id id, pjsip_dialog **dlg)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    int held;

    if (PJSUA_TRY_LOCK() != PJ_SUCCESS)
        return 0;
    *dlg = call->inv ? call->inv->dlg : call->async_call.dlg;
    held = !*dlg || pjsip_dlg_try_inc_lock(*dlg) == PJ_SUCCESS;
    PJSUA_UNLOCK();
    return held;
}

/* acquire_call sleeps between its tries, for 60 us at the least. Who handles an event mostly waits just for the
 * callback that told of it to return, so it gives way a few times first. */
static pj_status_t hold_dialog(pjsua_call_id id, pjsip_dialog **dlg)
{
    pjsua_call *call;

    for (int tries = 0; tries < 100; tries++) {
        if (try_dialog(id, dlg))
            return *dlg ? PJ_SUCCESS : PYJ_ESTALE;
        sched_yield();
    }
    return acquire_call("pyjsua", id, &call, dlg);
}

pj_status_t pyj_call_enter(pjsua_call_id id, uint64_t serial, void **held)
{
    pjsip_dialog *dlg;
    pj_status_t status;

    if (id < 0 || id >= (int)pjsua_var.ua_cfg.max_calls)
        return PYJ_ESTALE;
    status = hold_dialog(id, &dlg);
    if (status != PJ_SUCCESS)
        return status == PJSIP_ESESSIONTERMINATED ? PYJ_ESTALE : status;
    /* The dialog is ours, so nobody can be between taking the slot and its first callback. */
    if (serial && pyj_call_serial(id) != serial) {
        pjsip_dlg_dec_lock(dlg);
        return PYJ_ESTALE;
    }
    *held = dlg;
    return PJ_SUCCESS;
}

void pyj_call_leave(void *held)
{
    pjsip_dlg_dec_lock(held);
}

int pyj_call_last_cseq(const void *held)
{
    const pjsip_dialog *dlg = held;

    return (int)(dlg->local.cseq - 1);
}

pj_status_t pyj_call_has_dialog(pjsua_call_id id)
{
    return pjsua_var.calls[id].inv ? PJ_SUCCESS : PJ_EINVALIDOP;
}

int pyj_call_ended(pjsua_call_id id)
{
    const pjsua_call *call = &pjsua_var.calls[id];

    if (call->hanging_up || !call->inv)
        return call->hanging_up || !call->async_call.dlg || call->last_code;
    return call->inv->state == PJSIP_INV_STATE_DISCONNECTED;
}

void pyj_make_call_begin(uint64_t serial)
{
    making = serial;
}

int pyj_making_call(uint64_t serial)
{
    return serial && making == serial;
}

void pyj_make_call_end(void)
{
    making = 0;
}

pj_status_t pyj_call_media_room(pjsua_call_id id, const pjsua_call_setting *opt)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    unsigned audio = 0, text = 0, more = 0;

    if (!opt)
        opt = &call->opt;
    for (unsigned i = 0; i < call->med_cnt; i++) {
        audio += call->media[i].type == PJMEDIA_TYPE_AUDIO;
        text += call->media[i].type == PJMEDIA_TYPE_TEXT;
    }
    if (opt->aud_cnt > audio)
        more += opt->aud_cnt - audio;
    if (opt->txt_cnt > text)
        more += opt->txt_cnt - text;
    return call->med_cnt + more > PJSUA_MAX_CALL_MEDIA ? PJ_ETOOMANY : PJ_SUCCESS;
}

uint64_t pyj_acc_serial(pjsua_acc_id id)
{
    if (id < 0 || id >= PJSUA_MAX_ACC || !pjsua_var.acc[id].valid)
        return 0;
    return (uint64_t)(uintptr_t)pjsua_var.acc[id].cfg.user_data;
}

/* Not PJSUA_LOCK: pjsua lets go of that before it sends a REGISTER, or the registration's lock would be
 * taken in the wrong order, and a lock of ours around it would undo that. */
static pthread_rwlock_t accounts = PTHREAD_RWLOCK_INITIALIZER;

static pj_status_t acc_check(pjsua_acc_id id, uint64_t serial)
{
    if (id < 0 || id >= PJSUA_MAX_ACC)
        return PJ_EINVAL;
    return !pjsua_var.acc[id].valid || (serial && pyj_acc_serial(id) != serial) ? PYJ_ESTALE : PJ_SUCCESS;
}

pj_status_t pyj_acc_enter(pjsua_acc_id id, uint64_t serial)
{
    pj_status_t status;

    /* EDEADLK: this thread is deleting one. */
    if (pthread_rwlock_rdlock(&accounts))
        return PJ_EBUSY;
    status = acc_check(id, serial);
    if (status != PJ_SUCCESS)
        pthread_rwlock_unlock(&accounts);
    return status;
}

void pyj_acc_leave(void)
{
    pthread_rwlock_unlock(&accounts);
}

/* A REGISTER under way cannot be called back: pjsua would forget it, and the registrar keep the binding. So
 * the answer is waited for, but not long. */
static pj_status_t unregister(pjsua_acc_id id, uint64_t serial)
{
    uint64_t end = pyj_now_ns() + 200 * 1000000u;
    pj_status_t sent = PJ_EINVALIDOP, status = PJ_SUCCESS;

    while (status == PJ_SUCCESS && pjsua_var.acc[id].regc
           && (sent = pjsua_acc_set_registration(id, PJ_FALSE)) == PJSIP_EBUSY && pyj_now_ns() < end) {
        /* What is handled meanwhile may want the accounts. */
        pthread_rwlock_unlock(&accounts);
        if (pjsua_var.thread[0])
            pj_thread_sleep(5);
        else
            pjsua_handle_events(5);
        pthread_rwlock_wrlock(&accounts);
        status = acc_check(id, serial);
    }
    /* Under the lock its answer takes: it is not destroyed meanwhile. */
    if (status == PJ_SUCCESS && sent == PJ_SUCCESS) {
        PJSUA_LOCK();
        if (pjsua_var.acc[id].regc)
            pyj_regc_leave(pjsua_var.acc[id].regc);
        PJSUA_UNLOCK();
    }
    return status;
}

/* Asked before it is unregistered: an account that stays is to stay as it is. */
static pj_status_t acc_check_idle(pjsua_acc_id id)
{
    pj_status_t status = PJ_SUCCESS;

    PJSUA_LOCK();
    for (unsigned i = 0; i < pjsua_var.ua_cfg.max_calls; i++)
        if (pjsua_var.calls[i].acc_id == id && (pjsua_var.calls[i].inv || pjsua_var.calls[i].async_call.dlg))
            status = PJ_EBUSY;
    PJSUA_UNLOCK();
    return status;
}

pj_status_t pyj_acc_del(pjsua_acc_id id, uint64_t serial, int force)
{
    pjsua_acc_del_param param;
    pj_status_t status;

    pjsua_acc_del_param_default(&param);
    param.force = force != 0;
    pthread_rwlock_wrlock(&accounts);
    status = acc_check(id, serial);
    if (status == PJ_SUCCESS && !force)
        status = acc_check_idle(id);
    if (status == PJ_SUCCESS) {
        /* pjsua_acc_del asks once more, and is told that it is under way. */
        pyj_log_mute_errors(1);
        pyj_buddies_del_of(id);
        pyj_challenges_acc_ended(id);
        pyj_im_acc_ended(id);
        serial = pyj_acc_serial(id);
        status = unregister(id, serial);
        if (status == PJ_SUCCESS) {
            pyj_subscriptions_end(serial);
            pyj_subscribers_end(serial);
            status = pjsua_acc_del2(id, &param);
        }
        if (status == PJ_SUCCESS) {
            pyj_codecs_set(serial, NULL);
            pyj_acc_headers_drop(serial);
            pyj_acc_name_drop(serial);
            pyj_acc_rules_drop(serial);
        }
        pyj_log_mute_errors(0);
    }
    pthread_rwlock_unlock(&accounts);
    return status;
}

pj_status_t pyj_acc_pack_info(pjsua_acc_id id, const pyj_struct *shape, void **block)
{
    pjsua_acc_info info;
    pj_status_t status;

    memset(&info, 0, sizeof(info));
    PJSUA_LOCK();
    status = pjsua_acc_get_info(id, &info);
    if (status == PJ_SUCCESS)
        *block = pyj_pack_new(shape, &info);
    PJSUA_UNLOCK();
    return status;
}

pj_status_t pyj_acc_pack_config(pjsua_acc_id id, const pyj_struct *shape, void **block)
{
    pj_status_t status = PJ_EINVAL;

    PJSUA_LOCK();
    if (pjsua_acc_is_valid(id)) {
        *block = pyj_pack_new(shape, &pjsua_var.acc[id].cfg);
        status = PJ_SUCCESS;
    }
    PJSUA_UNLOCK();
    return status;
}

void pyj_slot_set(pyj_table table, int id, uint64_t serial)
{
    if (id >= 0 && id < tables[table].count)
        atomic_store(&tables[table].serials[id], serial);
}

uint64_t pyj_slot_serial(pyj_table table, int id)
{
    return id < 0 || id >= tables[table].count ? 0 : atomic_load(&tables[table].serials[id]);
}

static pthread_rwlock_t users[PYJ_TABLES] = {
    [PYJ_PLAYERS] = PTHREAD_RWLOCK_INITIALIZER,
    [PYJ_RECORDERS] = PTHREAD_RWLOCK_INITIALIZER,
    [PYJ_TRANSPORTS] = PTHREAD_RWLOCK_INITIALIZER,
    [PYJ_PCMS] = PTHREAD_RWLOCK_INITIALIZER,
    [PYJ_TONEGENS] = PTHREAD_RWLOCK_INITIALIZER,
};

pj_status_t pyj_slot_enter(pyj_table table, int id, uint64_t serial, int destroy)
{
    uint64_t now;

    if (destroy)
        pthread_rwlock_wrlock(&users[table]);
    else
        pthread_rwlock_rdlock(&users[table]);
    now = pyj_slot_serial(table, id);
    if (now && (!serial || now == serial))
        return PJ_SUCCESS;
    pthread_rwlock_unlock(&users[table]);
    return PYJ_ESTALE;
}

void pyj_slots_enter(pyj_table table)
{
    pthread_rwlock_wrlock(&users[table]);
}

void pyj_slot_leave(pyj_table table)
{
    pthread_rwlock_unlock(&users[table]);
}

static int call_has_slot(pjsua_call_id id, int slot)
{
    const pjsua_call *call = &pjsua_var.calls[id];

    for (unsigned i = 0; i < call->med_cnt; i++)
        if (call->media[i].type == PJMEDIA_TYPE_AUDIO && call->media[i].strm.a.conf_slot == slot)
            return 1;
    return 0;
}

static pj_status_t port_enter_slot(pyj_table table, const pyj_port *port, pyj_ports_held *held)
{
    pj_status_t status = pyj_slot_enter(table, port->owner_id, port->owner_serial, 0);

    if (status == PJ_SUCCESS)
        held->slots[table]++;
    return status;
}

static pj_status_t port_enter(const pyj_port *port, pyj_ports_held *held)
{
    pj_status_t status;
    void *dialog;

    switch (port->owner) {
    case PYJ_OWNER_CALL:
        status = pyj_call_enter(port->owner_id, port->owner_serial, &dialog);
        if (status != PJ_SUCCESS)
            return status;
        held->dialogs[held->count++] = dialog;
        return call_has_slot(port->owner_id, port->slot) ? PJ_SUCCESS : PYJ_ESTALE;
    case PYJ_OWNER_PLAYER:
        return port_enter_slot(PYJ_PLAYERS, port, held);
    case PYJ_OWNER_RECORDER:
        return port_enter_slot(PYJ_RECORDERS, port, held);
    case PYJ_OWNER_PCM:
        return port_enter_slot(PYJ_PCMS, port, held);
    case PYJ_OWNER_TONEGEN:
        return port_enter_slot(PYJ_TONEGENS, port, held);
    default:
        return PJ_SUCCESS;
    }
}

pj_status_t pyj_ports_enter(const pyj_port *ports, int count, pyj_ports_held *held)
{
    /* Two threads that bridge the same two calls must not each hold the other's dialog. */
    int swap = count == 2 && ports[0].owner_id > ports[1].owner_id;
    pj_status_t status = PJ_SUCCESS;

    memset(held, 0, sizeof(*held));
    for (int i = 0; i < count && status == PJ_SUCCESS; i++)
        status = port_enter(&ports[swap ? count - 1 - i : i], held);
    if (status != PJ_SUCCESS)
        pyj_ports_leave(held);
    return status;
}

/* Who owns the slot, as it looks without a lock; what is found is held and looked at again. */
static void find_owner(pyj_port *port)
{
    if (pyj_slot_serial(PYJ_PCMS, port->slot)) {
        port->owner = PYJ_OWNER_PCM;
        port->owner_id = port->slot;
        return;
    }
    if (pyj_slot_serial(PYJ_TONEGENS, port->slot)) {
        port->owner = PYJ_OWNER_TONEGEN;
        port->owner_id = port->slot;
        return;
    }
    for (int i = 0; i < (int)PJ_ARRAY_SIZE(pjsua_var.player); i++)
        if (pjsua_var.player[i].port && (int)pjsua_var.player[i].slot == port->slot) {
            port->owner = PYJ_OWNER_PLAYER;
            port->owner_id = i;
            return;
        }
    for (int i = 0; i < (int)PJ_ARRAY_SIZE(pjsua_var.recorder); i++)
        if (pjsua_var.recorder[i].port && (int)pjsua_var.recorder[i].slot == port->slot) {
            port->owner = PYJ_OWNER_RECORDER;
            port->owner_id = i;
            return;
        }
    for (int i = 0; i < (int)pjsua_var.ua_cfg.max_calls; i++)
        if (call_has_slot(i, port->slot)) {
            port->owner = PYJ_OWNER_CALL;
            port->owner_id = i;
            return;
        }
}

static int still_owns(const pyj_port *port)
{
    switch (port->owner) {
    case PYJ_OWNER_PLAYER:
        return (int)pjsua_var.player[port->owner_id].slot == port->slot;
    case PYJ_OWNER_RECORDER:
        return (int)pjsua_var.recorder[port->owner_id].slot == port->slot;
    default:
        return 1;
    }
}

pj_status_t pyj_port_hold(const pyj_port *port, pyj_ports_held *held)
{
    pyj_port owned = *port;
    pj_status_t status;

    if (port->owner == PYJ_OWNER_NONE && port->slot > 0)
        find_owner(&owned);
    if (owned.owner == PYJ_OWNER_NONE && port->slot > 0)
        return PJ_EINVAL;
    status = pyj_ports_enter(&owned, 1, held);
    if (status == PJ_SUCCESS && !still_owns(&owned)) {
        pyj_ports_leave(held);
        status = PYJ_ESTALE;
    }
    /* Slot 0 is never freed, but its name changes with the device. */
    if (status == PJ_SUCCESS && port->slot == 0) {
        PJSUA_LOCK();
        held->pjsua = 1;
    }
    return status;
}

void pyj_ports_leave(pyj_ports_held *held)
{
    if (held->pjsua)
        PJSUA_UNLOCK();
    held->pjsua = 0;
    for (int table = 0; table < PYJ_TABLES; table++)
        while (held->slots[table]) {
            held->slots[table]--;
            pyj_slot_leave((pyj_table)table);
        }
    while (held->count)
        pyj_call_leave(held->dialogs[--held->count]);
}
