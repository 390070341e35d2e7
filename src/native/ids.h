/* Serials: which incarnation holds a slot of pjsua's.
 *
 * pjsua's user_data of a call or account holds its serial, stamped by the first callback that meets
 * it. A call copies user_data when it replaces another or follows a REFER, so a serial found in a slot
 * that was not recorded for it means a new incarnation, which is stamped there and then. */
#ifndef PYJ_IDS_H
#define PYJ_IDS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "structs.h"

void pyj_ids_reset(void);

/* A serial nobody had before, for an object about to be made. */
uint64_t pyj_serial_new(void);

/* user_data for make_call: the serial, marked as not yet bound to a slot. */
void *pyj_call_user_data(uint64_t serial);
/* Serial of the call in this slot, stamped if it is new. Only where no lock is needed: callbacks. */
uint64_t pyj_call_serial(pjsua_call_id id);
/* The call it was given its user_data by: that which it replaces, or whose REFER it follows. Told once. */
pyj_serial_id pyj_call_parent(pjsua_call_id id);
/* Whether the slot holds that call now; a call no callback has met yet is known by what make_call gave it. */
int pyj_call_holds(pjsua_call_id id, uint64_t serial);
/* Serial of the slot as it was last stamped, 0 for none. */
uint64_t pyj_call_last_serial(pjsua_call_id id);

/* Holds the call's dialog so that the check and what follows are one. serial 0: whoever is there. */
pj_status_t pyj_call_enter(pjsua_call_id id, uint64_t serial, void **held);
void pyj_call_leave(void *held);

/* CSeq of the last request we sent in the dialog that is held. */
int pyj_call_last_cseq(const void *held);
/* Of a call that is entered: media still being set up means no INVITE session, which pjsua looks through. */
pj_status_t pyj_call_has_dialog(pjsua_call_id id);

/* PJ_ETOOMANY where a re-INVITE or UPDATE with these settings (NULL: those it has) would want more media lines
 * than pjsua has room for: lines never go away, and it counts on without a look. The dialog is held. */
pj_status_t pyj_call_media_room(pjsua_call_id id, const pjsua_call_setting *opt);

/* Within on_call_state: whether it tells of the end; a call that failed before it had an INVITE has ended too. */
int pyj_call_ended(pjsua_call_id id);

/* While a make_call runs, its own thread's DISCONNECTED event is not pushed: the error is returned. */
void pyj_make_call_begin(uint64_t serial);
int pyj_making_call(uint64_t serial);
void pyj_make_call_end(void);

uint64_t pyj_acc_serial(pjsua_acc_id id);
/* Keeps the account from being deleted meanwhile. */
pj_status_t pyj_acc_enter(pjsua_acc_id id, uint64_t serial);
void pyj_acc_leave(void);
/* PJ_EBUSY while it has a call, unless forced. */
pj_status_t pyj_acc_del(pjsua_acc_id id, uint64_t serial, int force);
/* pjsua_acc_get_info, whose texts point into the account's memory, packed before that can change. */
pj_status_t pyj_acc_pack_info(pjsua_acc_id id, const pyj_struct *shape, void **block);
/* Its settings, which lie in that memory too. For a caller that has entered the account. */
pj_status_t pyj_acc_pack_config(pjsua_acc_id id, const pyj_struct *shape, void **block);

/* Of pjsua_var.tpdata, which ids.c holds it against. */
enum { PYJ_MAX_TRANSPORTS = 8 };

typedef enum pyj_table { PYJ_PLAYERS, PYJ_RECORDERS, PYJ_TRANSPORTS, PYJ_PCMS, PYJ_TONEGENS, PYJ_TABLES } pyj_table;

/* Objects without callbacks: we alone make and destroy them. */
void pyj_slot_set(pyj_table table, int id, uint64_t serial);
uint64_t pyj_slot_serial(pyj_table table, int id);
/* Keeps the object from being destroyed meanwhile; `destroy` waits until nobody uses one of its kind. */
pj_status_t pyj_slot_enter(pyj_table table, int id, uint64_t serial, int destroy);
void pyj_slot_leave(pyj_table table);
/* The same of all of a kind, for what goes through them. */
void pyj_slots_enter(pyj_table table);

/* A conference slot and whose it is: a slot is reused like any other, its owner's serial tells. */
typedef enum pyj_owner {
    PYJ_OWNER_NONE,
    PYJ_OWNER_CALL,
    PYJ_OWNER_PLAYER,
    PYJ_OWNER_RECORDER,
    PYJ_OWNER_PCM,
    PYJ_OWNER_TONEGEN,
} pyj_owner;

typedef struct pyj_port {
    int slot;
    pyj_owner owner;
    int owner_id;
    uint64_t owner_serial;
} pyj_port;

typedef struct pyj_ports_held {
    int count;
    void *dialogs[2];
    int slots[PYJ_TABLES]; /* how often each table is held */
    int pjsua;             /* PJSUA_LOCK */
} pyj_ports_held;

/* Holds what keeps one or two ports in place while something is done with them. */
pj_status_t pyj_ports_enter(const pyj_port *ports, int count, pyj_ports_held *held);
void pyj_ports_leave(pyj_ports_held *held);
/* Holds a port by whoever owns it, whether or not the caller knows: its name and its connections, to which the
 * bridge gives pointers, stay while that is done. PJ_EINVAL where nobody does. */
pj_status_t pyj_port_hold(const pyj_port *port, pyj_ports_held *held);

#endif
