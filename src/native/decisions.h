/* What PJSIP asks an application to decide: policies, and decisions that are made later. */
#ifndef PYJ_DECISIONS_H
#define PYJ_DECISIONS_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"
#include "events_decision.h"

/* Set before pjsua_init, read by the trampolines. */
extern pyj_policy pyj_policies;
void pyj_policy_default(pyj_policy *policy);

/* A deadline; 0 if none can be set. A lock that cannot be had when it has come does not mean that nobody waits: it is
 * set once more. */
enum { PYJ_AGAIN_MS = 500 };
int pyj_later(void (*deadline)(void *), void *user_data, unsigned ms);

/* SDP as text: its length, 0 if it does not fit. */
int pyj_sdp_text(const pjmedia_sdp_session *sdp, char *buf, int size);
/* SDP from text, which need not end with a NUL, checked. */
pj_status_t pyj_sdp_parse(pj_pool_t *pool, const char *text, pj_size_t len, pjmedia_sdp_session **sdp);
/* Puts the SDP a program wrote in place of what PJSIP made; 0, and a line in the log, if it cannot stand there. */
int pyj_sdp_replace(pj_pool_t *pool, pjmedia_sdp_session *sdp, char *text, uint32_t len);
/* Keeps a reason phrase until this thread decides again. */
pj_str_t pyj_keep_reason(const char *reason);
/* PJSIP's phrase for a status code. */
pj_str_t pyj_reason_of(int code);

/* A redirection, or the answer to a re-INVITE, that waits for the program. All but the two that defer are called
 * with the call's dialog held; those give 0 where no deadline can be set, and then nothing is deferred. */
int pyj_redirect_defer(pjsua_call_id id);
/* pjsua_call_process_redirect where one waits: pjsip gives up a session reference for each that is processed, and
 * reads an INVITE that an incoming call does not have. PJ_EINVALIDOP otherwise. */
pj_status_t pyj_call_process_redirect(pjsua_call_id id, pjsip_redirect_op op);
int pyj_reinvite_defer(pjsua_call_id id);
int pyj_reinvite_deferred(pjsua_call_id id);
/* The answer PJSIP made for the deferred re-INVITE and would throw away. */
void pyj_reinvite_keep_answer(pjsua_call_id id, const char *text, int len);
/* pjsua_call_answer2; a deferred re-INVITE accepted this way is answered with what PJSIP made for it. */
pj_status_t pyj_call_answer2(pjsua_call_id id, const pjsua_call_setting *opt, unsigned code, const pj_str_t *reason,
                             const pjsua_msg_data *msg_data);
void pyj_reinvite_answered(pjsua_call_id id);
/* A deferred re-INVITE may be cancelled, which PJSIP answers itself. */
void pyj_reinvite_tsx_state(pjsua_call_id id, const pjsip_transaction *tsx);

/* The call is over or is being hung up: ends what waits for a decision about it. */
void pyj_decisions_call_ended(pjsua_call_id id);
#endif
