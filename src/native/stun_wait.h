/* Waiting for a STUN server where pjsua holds no lock.
 *
 * pjsua looks for one in the midst of setting up a call's media, under PJSUA_LOCK, and waits by handling events. One of
 * these may want a dialog that another thread holds while it waits for PJSUA_LOCK, and both stand for good. So the
 * INVITE waits here until there is nothing to wait for any more. */
#ifndef PYJ_STUN_WAIT_H
#define PYJ_STUN_WAIT_H

#include <pjsua-lib/pjsua.h>

void pyj_stun_wait_open(void);

/* A request as it comes in, not one that is held: whether it is now, or was answered, and is nobody else's. */
int pyj_stun_hold(pjsip_rx_data *rdata);
/* Before an account makes a call: waits until a server was found or given up, holding nothing. */
void pyj_stun_settle(pjsua_acc_id acc_id);

/* Before the library goes, and before what is held is forgotten: nothing is held any more. */
void pyj_stun_wait_close(void);

#endif
