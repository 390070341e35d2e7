/* A SUBSCRIBE to an event package an account serves: it waits ahead of PJSIP until it was decided, as in
 * held_decisions.h. What cannot be served is refused at once. */
#ifndef PYJ_SUBSCRIBE_REQUESTS_H
#define PYJ_SUBSCRIBE_REQUESTS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* A request as it comes in: whether it is for a package its account serves, and so is dealt with. */
int pyj_subscribe_hold(pjsip_rx_data *rdata);
/* Whether it is for one that is not served, and was refused with 489. */
int pyj_subscribe_refuse(pjsip_rx_data *rdata);

/* Decides: 200 or 202 accepts, and makes the subscriber; 300 to 699 refuses. PYJ_ESTALE once that was done. */
pj_status_t pyj_subscribe_respond(int id, uint64_t serial, int code, const pj_str_t *text,
                                  const pjsua_msg_data *msg_data, pyj_serial_id *subscriber);
/* Refuses with 480 what waits for a decision of the account. */
void pyj_subscribe_acc_ended(uint64_t acc_serial);

/* How long a SUBSCRIBE is granted of what it asks for, where `expires` is the most. */
unsigned pyj_granted(const pjsip_rx_data *rdata, unsigned expires);
int pyj_is_brief(unsigned asked, unsigned min);
/* Where PJSIP reads it. */
void pyj_set_expires(pjsip_rx_data *rdata, unsigned expires);

#endif
