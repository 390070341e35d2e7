/* Subscriptions of ours to an event package of any name (RFC 6665), in dialogs pjsua knows nothing of. */
#ifndef PYJ_SUBSCRIPTIONS_H
#define PYJ_SUBSCRIPTIONS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* For a caller that has entered the account. `accept` is the value of Accept, empty for none; what msg_data has of
 * headers every SUBSCRIBE gets, its body the first alone. */
pj_status_t pyj_acc_subscribe(pjsua_acc_id acc_id, const pj_str_t *uri, const pj_str_t *event,
                              const pj_str_t *accept, unsigned expires, const pjsua_msg_data *msg_data,
                              pyj_serial_id *out);
/* SUBSCRIBE anew: for so many seconds from now on, for as many as before if negative. 0 ends it. */
pj_status_t pyj_subscription_refresh(int id, uint64_t serial, int expires);

/* Asks for the end of those of an account, or of all accounts with acc_serial 0; how many there were. */
unsigned pyj_subscriptions_end(uint64_t acc_serial);
unsigned pyj_subscriptions_count(void);
/* Ends what is left without a message. Nobody is inside any more. */
void pyj_subscriptions_close(void);

#endif
