/* Which codecs an account's and a call's session descriptions carry, in which order. PJSIP's priorities are those of
 * the whole endpoint, so each description it makes is rewritten. Lists are kept by serial. */
#ifndef PYJ_CODECS_H
#define PYJ_CODECS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "media_info.h"

typedef struct pyj_codecs {
    unsigned count;
    pyj_codec codec[PJMEDIA_CODEC_MGR_MAX_CODECS];
} pyj_codecs;

/* The codecs of exactly these ids. */
pj_status_t pyj_codecs_find(const pj_str_t ids[], unsigned count, pyj_codecs *out);

/* pjsua_codec_set_priority, but for the codec that cannot be turned on: PJ_ENOTSUP when only that is meant. */
pj_status_t pyj_codec_set_priority(const pj_str_t *codec_id, pj_uint8_t priority);

/* The list of an account or a call, NULL for none; PJ_ENOMEM. */
pj_status_t pyj_codecs_set(uint64_t serial, const pyj_codecs *codecs);
/* count is 0 where there is no list. */
void pyj_codecs_get(uint64_t serial, pyj_codecs *out);
void pyj_codecs_clear(void);

/* pyj_codecs_set for a call whose dialog is held. What it was to answer with, if that was not sent yet, is written
 * anew; PJMEDIA_SDPNEG_NOANSCODEC where the offer has none of them, and all is as it was. */
pj_status_t pyj_call_codecs_set(pjsua_call_id id, const pyj_codecs *codecs);

/* For on_call_rx_offer: whether the offer has any of the codecs, where there is a list. PJSIP would find out later, and
 * answer 500. */
int pyj_codecs_in_common(pjsua_call_id id, const pjmedia_sdp_session *offer);

/* Whether what this thread offers has just the codec that each line uses, where the list has it. Of several in an
 * answer PJSIP settles on one by a request of its own, and Asterisk 22 takes that, while it is held, as a reason to pass
 * packets on beside its music. */
void pyj_codecs_keep(int keep);

/* For on_call_sdp_created: an offer, or what the negotiator is to make the answer to rem_sdp of. */
void pyj_codecs_filter(pjsua_call_id id, pjmedia_sdp_session *sdp, pj_pool_t *pool,
                       const pjmedia_sdp_session *rem_sdp);

#endif
