/* Offers of the other side that wait for the program: a re-INVITE, an UPDATE. One of a call at a time, and none of ours
 * meanwhile, as RFC 3261, 14, and RFC 3311, 5, want it. */
#ifndef PYJ_HELD_OFFERS_H
#define PYJ_HELD_OFFERS_H

#include <pjsua-lib/pjsua.h>

#include "held.h"

/* What a request within a dialog offers by: PYJ_HELD_REINVITE, PYJ_HELD_UPDATE, 0 where it has no offer. */
pyj_held_request pyj_offer_kind(pjsip_rx_data *rdata);
int pyj_offer_waits(uint64_t call_serial);

/* Whether a re-INVITE or an UPDATE of ours may be sent, with the dialog held: PJ_EINVALIDOP, PJSIP_ESESSIONTERMINATED
 * while the call is hung up, and PJSIP_ESESSIONSTATE of a re-INVITE in a call that is not up. pjsua changes the
 * call's media before it is told so by PJSIP, and leaves it. */
pj_status_t pyj_call_may_reinvite(pjsua_call_id id);
pj_status_t pyj_call_may_update(pjsua_call_id id, int offers);

typedef enum pyj_offer_place {
    PYJ_OFFER_PASSES, /* PJSIP answers it at once */
    PYJ_OFFER_WAITS,
    PYJ_OFFER_REFUSED, /* another one waits, and the request has its answer */
} pyj_offer_place;

/* A request within a call that comes in: what becomes of it. It is held as `kind`, which is 0 for one that is not to
 * wait; `one` is then what is held. Takes the call's dialog. */
pyj_offer_place pyj_offer_place_of(pjsip_rx_data *rdata, pyj_held_request kind, const pyj_about *about,
                                   pyj_held **one);

#endif
