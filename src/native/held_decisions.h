/* Decisions PJSIP's callbacks cannot wait for: a transfer (REFER), a replacement (INVITE with Replaces), an offer in a
 * re-INVITE or an UPDATE, a subscription. The request is held, Python is told, and it goes on once the program has decided. */
#ifndef PYJ_HELD_DECISIONS_H
#define PYJ_HELD_DECISIONS_H

#include <pjsua-lib/pjsua.h>

#include "held.h"

/* At once, so that nobody fills the memory with what is never decided; beyond that the policy decides at once. */
enum { PYJ_HELD_MOST = 256, PYJ_HELD_MOST_OF_CALL = 4 };
/* What a client waits for an answer is 32 s; it is to hear of the end of ours. */
enum { PYJ_HELD_MS_MOST = 20000 };

/* A request as it comes in, not one that is held: whether it is now. */
int pyj_decide_later(pjsip_rx_data *rdata);

/* Decides: a 2xx lets PJSIP go on, with `opt` for the new call if there is one; 300 to 699 refuses. `new_call` is
 * the call that came of it, -1 for none. PYJ_ESTALE once somebody, or time, has decided; PJ_ENOTSUP for headers of a
 * 2xx that is none of the call's; what PJSIP refused an offer with all the same (PJSIP_ERRNO_FROM_SIP_STATUS). */
pj_status_t pyj_held_respond(int id, uint64_t serial, int code, const pj_str_t *text, const pjsua_call_setting *opt,
                             const pjsua_msg_data *msg_data, pyj_serial_id *new_call);

/* For the callbacks PJSIP asks then, in the same thread: what was decided, 0 where nothing was. */
int pyj_verdict(pyj_held_request kind, int *code, pjsua_call_setting *opt);
/* What is sent in answer, as it leaves. */
void pyj_verdict_answered(const pjsip_msg *msg);
/* The call that came of it. */
void pyj_verdict_made(pjsua_call_id id, uint64_t serial);

/* Within on_call_state of its end: what waits for a decision about the call need not any more. */
void pyj_held_call_ended(const pyj_about *about);
/* Before the library goes: all are refused with 503 if something may be sent. */
void pyj_held_decisions_close(int may_send);

#endif
