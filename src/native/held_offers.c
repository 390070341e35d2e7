#include "held_offers.h"

#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"

static int is_update(const pjsip_rx_data *rdata)
{
    return !pj_stricmp2(&rdata->msg_info.msg->line.req.method.name, "UPDATE");
}

static int is_invite(const pjsip_rx_data *rdata)
{
    return rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD;
}

static int has_offer(pjsip_rx_data *rdata)
{
    const pjsip_rdata_sdp_info *info;

    if (!rdata->msg_info.msg->body)
        return 0;
    info = pjsip_rdata_get_sdp_info(rdata);
    return info->sdp && info->sdp_err == PJ_SUCCESS;
}

pyj_held_request pyj_offer_kind(pjsip_rx_data *rdata)
{
    if ((!is_invite(rdata) && !is_update(rdata)) || !rdata->msg_info.to->tag.slen || !has_offer(rdata))
        return PYJ_HELD_FOR_STUN;
    return is_invite(rdata) ? PYJ_HELD_REINVITE : PYJ_HELD_UPDATE;
}

static int is_offer_of(const pyj_held *one, const void *serial)
{
    return (one->kind == PYJ_HELD_REINVITE || one->kind == PYJ_HELD_UPDATE)
           && one->about.call_serial == *(const uint64_t *)serial;
}

int pyj_offer_waits(uint64_t call_serial)
{
    return pyj_held_any() && pyj_held_count_of(&is_offer_of, &call_serial) != 0;
}

static int is_settled(const pjsip_inv_session *inv)
{
    return inv->neg && pjmedia_sdp_neg_get_state(inv->neg) == PJMEDIA_SDP_NEG_STATE_DONE;
}

/* RFC 3261, 14.1: no other INVITE under way, and what was offered before has its answer. */
static int may_offer(pjsua_call_id id)
{
    pjsua_call *call = &pjsua_var.calls[id];

    return is_settled(call->inv) && !pjsua_call_media_is_changing(call) && !pyj_offer_waits(pyj_call_serial(id));
}

pj_status_t pyj_call_may_reinvite(pjsua_call_id id)
{
    const pjsip_inv_session *inv = pjsua_var.calls[id].inv;

    /* Our BYE has left, and nobody would answer. */
    if (pjsua_var.calls[id].hanging_up)
        return PJSIP_ESESSIONTERMINATED;
    if (!inv || inv->state != PJSIP_INV_STATE_CONFIRMED)
        return PJSIP_ESESSIONSTATE;
    return !inv->invite_tsx && may_offer(id) ? PJ_SUCCESS : PJ_EINVALIDOP;
}

pj_status_t pyj_call_may_update(pjsua_call_id id, int offers)
{
    const pjsua_call *call = &pjsua_var.calls[id];

    if (call->hanging_up)
        return PJSIP_ESESSIONTERMINATED;
    if (!call->inv || call->inv->dlg->state != PJSIP_DIALOG_STATE_ESTABLISHED)
        return PJ_EINVALIDOP;
    /* Of a call that is up pjsua makes the media anew for one without an offer too, and forgets what the answer to
     * another was to find. One on hold says so in every UPDATE. */
    if (!offers && !call->local_hold && call->inv->state < PJSIP_INV_STATE_CONFIRMED)
        return PJ_SUCCESS;
    /* Before the answer pjsua makes no media anew, and asserts that there is some. */
    if (call->inv->state < PJSIP_INV_STATE_CONFIRMED && !call->med_prov_cnt)
        return PJ_EINVALIDOP;
    return may_offer(id) ? PJ_SUCCESS : PJ_EINVALIDOP;
}

/* Where something of ours is under way, or the call is not up, PJSIP has the right answer at once. */
static int may_wait(pjsua_call_id id, pyj_held_request kind)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    const pjsip_inv_session *inv = call->inv;

    if (!inv || call->hanging_up || !is_settled(inv))
        return 0;
    return kind == PYJ_HELD_UPDATE || (inv->state == PJSIP_INV_STATE_CONFIRMED && !inv->invite_tsx);
}

/* By a transaction: an INVITE's ACK would look like another one's to the session. */
static void refuse_second(pjsip_rx_data *rdata)
{
    pjsip_retry_after_hdr *after = pjsip_retry_after_hdr_create(rdata->tp_info.pool, pj_rand() % 11);
    pjsip_hdr list;

    pj_list_init(&list);
    pj_list_push_back(&list, after);
    pjsip_endpt_respond(pjsua_var.endpt, NULL, rdata, PJSIP_SC_INTERNAL_SERVER_ERROR, NULL, &list, NULL, NULL);
}

pyj_offer_place pyj_offer_place_of(pjsip_rx_data *rdata, pyj_held_request kind, const pyj_about *about,
                                   pyj_held **one)
{
    pyj_offer_place place = PYJ_OFFER_PASSES;
    void *held;

    *one = NULL;
    if (pyj_call_enter(about->call_id, about->call_serial, &held) != PJ_SUCCESS)
        return PYJ_OFFER_PASSES;
    if (pyj_offer_waits(about->call_serial)) {
        place = PYJ_OFFER_REFUSED;
    } else if (kind && may_wait(about->call_id, kind)) {
        *one = pyj_held_add(rdata, kind, about);
        if (*one)
            place = PYJ_OFFER_WAITS;
    }
    pyj_call_leave(held);
    if (place == PYJ_OFFER_REFUSED)
        refuse_second(rdata);
    return place;
}
