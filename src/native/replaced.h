/* An INVITE that replaces a call, processed with that call's dialog held.
 *
 * pjsua takes PJSUA_LOCK first and the dialog of the call that is to be replaced behind it; everybody else has the dialog
 * when he asks for PJSUA_LOCK: a call that is hung up while it is replaced would stand for good, and all of pjsua with it. */
#ifndef PYJ_REPLACED_H
#define PYJ_REPLACED_H

#include <pjsua-lib/pjsua.h>

/* A request as it comes in, and is held by nobody: whether it replaces a call, and was given to PJSIP. */
int pyj_replaced_process(pjsip_rx_data *rdata);
/* Gives a request to all that stands behind our module. */
void pyj_hand_on(pjsip_rx_data *rdata);

#endif
