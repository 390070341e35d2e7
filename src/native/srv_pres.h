/* Presence subscriptions to accounts of ours: pjsua's pointers as ids that tell when their object has gone. */
#ifndef PYJ_SRV_PRES_H
#define PYJ_SRV_PRES_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "structs.h"

void pyj_srv_pres_reset(void);

/* For callbacks, which hold PJSUA_LOCK. {-1, 0} for one that is not known. */
pyj_serial_id pyj_srv_pres_add(pjsua_srv_pres *srv_pres, pjsua_acc_id acc_id);
pyj_serial_id pyj_srv_pres_id(const pjsua_srv_pres *srv_pres, uint64_t *acc_serial);
void pyj_srv_pres_remove(const pjsua_srv_pres *srv_pres);

/* pjsua_pres_notify with the dialog taken first, as PJSIP's own threads do. */
pj_status_t pyj_pres_notify(pjsua_acc_id acc_id, int id, uint64_t serial, pjsip_evsub_state state,
                            const pj_str_t *state_str, const pj_str_t *reason, pj_bool_t with_body,
                            const pjsua_msg_data *msg_data);

/* pjsua_acc_set_online_status, or its 2 when there is an element. pjsua walks the account's subscriptions without
 * a lock, and one that ends meanwhile would keep it walking for ever: they are held while it does. */
pj_status_t pyj_pres_set_online_status(pjsua_acc_id acc_id, pj_bool_t is_online, const pjrpid_element *rpid);

/* pjsua_pres_dump as text; how long it is, at most `size` - 1. */
int pyj_pres_dump(char *buf, int size, pj_bool_t verbose);

#endif
