/* What pjsua does with a call only when it is asked in the right way. All want the call's dialog held. */
#ifndef PYJ_CALL_OPS_H
#define PYJ_CALL_OPS_H

#include <pjsua-lib/pjsua.h>

/* What pjsua_call_on_rx_offer does to its answer after the point where it leaves a deferred one: an address of
 * zero is answered with one, and a call on hold stays there. */
void pyj_call_finish_answer(pjsua_call_id id, pj_pool_t *pool, pjmedia_sdp_session *answer);
/* pjsua_call_answer_with_sdp; a re-INVITE it answers waits no more. */
pj_status_t pyj_call_answer_sdp(pjsua_call_id id, const pjmedia_sdp_session *sdp, const pjsua_call_setting *opt,
                                unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data);
/* The same of a text. *bad_sdp says that it is the text that is refused. */
pj_status_t pyj_call_answer_with_sdp(pjsua_call_id id, const pj_str_t *text, const pjsua_call_setting *opt,
                                     unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data,
                                     int *bad_sdp);

/* Checked as a stream under way allows, then pjsua_call_aud_stream_modify_codec_param. */
struct pyj_codec_param;
pj_status_t pyj_call_modify_codec_param(pjsua_call_id id, int med_idx, const struct pyj_codec_param *param,
                                        const char **wrong);

#endif
