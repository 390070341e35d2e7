/* Others' subscriptions to event packages that accounts of ours serve (RFC 6665), presence aside: each a pjsip_evsub in
 * a dialog of its own. A refresh is answered by PJSIP's thread, and told what was told last. */
#ifndef PYJ_NOTIFIER_H
#define PYJ_NOTIFIER_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "event_packages.h"
#include "held.h"
#include "structs.h"

pj_status_t pyj_notifier_register(pjsip_endpoint *endpt);

/* For a caller that has entered the account. */
pj_status_t pyj_acc_register_pkg(pjsua_acc_id acc_id, const pyj_package *package);
pj_status_t pyj_acc_unregister_pkg(pjsua_acc_id acc_id, const pj_str_t *event);

/* For a caller that has entered the account: answers a SUBSCRIBE that waited with 200 or 202. It is dealt with,
 * whatever comes of it. */
pj_status_t pyj_subscriber_accept(pyj_held *request, int code, const pjsua_msg_data *msg_data,
                                  const pyj_package *package, pyj_serial_id *out);

typedef struct pyj_notify {
    pjsip_evsub_state state;
    const pj_str_t *state_str, *reason; /* or NULL */
    int retry_after;                    /* seconds, -1 for none */
    const pjsua_msg_data *msg_data;
} pyj_notify;

/* The NOTIFY's CSeq is what its answer is told with. */
pj_status_t pyj_subscriber_notify(int id, uint64_t serial, const pyj_notify *what, int *cseq);

/* Ends those of an account and what else it serves, or the subscribers of all accounts with acc_serial 0. */
void pyj_subscribers_end(uint64_t acc_serial);
/* Ends what is left without a message, and forgets the packages. Nobody is inside any more. */
void pyj_notifier_close(void);

#endif
