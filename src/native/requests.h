/* Requests out of a dialog whose answer is still to come. */
#ifndef PYJ_REQUESTS_H
#define PYJ_REQUESTS_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"
#include "events.h"

/* pjsua_acc_send_request. A failure is told once: by the status, unless the event has told it. */
pj_status_t pyj_acc_send_request(pjsua_acc_id id, const pj_str_t *uri, const pj_str_t *method, unsigned long token,
                                 const pjsua_msg_data *msg_data);

/* What on_acc_send_request was called with: whose request it was and what became of it. 0 for none of ours. */
int pyj_request_ended(void *token, const pjsip_event *event, pyj_about *about, pyj_on_acc_send_request *out);

/* After the library has gone: nothing will be answered any more. */
void pyj_requests_clear(void);

#endif
