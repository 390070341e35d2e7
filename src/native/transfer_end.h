/* The end of a call that was made for a REFER, where pjsua tells nobody of it. */
#ifndef PYJ_TRANSFER_END_H
#define PYJ_TRANSFER_END_H

#include <pjsua-lib/pjsua.h>

/* Within on_call_state: the last NOTIFY of a transfer whose call has ended. pjsua sends it only where a transaction ended
 * the call; after a redirection that was not followed the subscription would stay until it expires, and point at
 * whatever call has the slot then. */
void pyj_transfer_call_ended(pjsua_call_id id);

#endif
