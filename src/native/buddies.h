/* Buddies: which incarnation holds a slot, and what pjsua knows of it, copied so that no pointer dangles. */
#ifndef PYJ_BUDDIES_H
#define PYJ_BUDDIES_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

/* The serial is C's user_data, there from before the first callback. */
uint64_t pyj_buddy_serial(pjsua_buddy_id id);

/* Keeps the buddy from being deleted meanwhile. serial 0: whoever is there. */
pj_status_t pyj_buddy_enter(pjsua_buddy_id id, uint64_t serial);
/* Keeps all of them. */
void pyj_buddies_enter(void);
void pyj_buddy_leave(void);

/* Adding and deleting exclude each other: pjsua_buddy_del calls a slot free before it wipes it. */
pj_status_t pyj_buddy_add(const pjsua_buddy_config *cfg, pjsua_buddy_id *id);
pj_status_t pyj_buddy_del(pjsua_buddy_id id, uint64_t serial);
/* Deletes those bound to an account that goes: they would subscribe by whoever takes its slot. */
void pyj_buddies_del_of(pjsua_acc_id acc_id);

/* pjsua_buddy_get_info and pjsua_buddy_get_dlg_event_info under the lock that guards what they point at. */
pj_status_t pyj_buddy_pack_info(pjsua_buddy_id id, void **block);
pj_status_t pyj_buddy_pack_dlg_event_info(pjsua_buddy_id id, void **block);

/* The same for a callback, which holds the dialog. They point into pjsua's memory. */
void pyj_buddy_gather(pjsua_buddy_id id, pjsua_buddy_info *info);
void pyj_buddy_gather_dlg_event(pjsua_buddy_id id, pjsua_buddy_dlg_event_info *info);

/* A NOTIFY without a body leaves pjsua with texts in a pool that was reset: in its callback they are taken out. */
void pyj_buddy_forget_dangling(pjsua_buddy_id id, const pjsip_event *event);

#endif
