#include "call_ops.h"

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "media_info.h"
#include "tx_headers.h"

static const pjmedia_sdp_conn *conn_of(const pjmedia_sdp_session *sdp, unsigned i)
{
    return sdp->media[i]->conn ? sdp->media[i]->conn : sdp->conn;
}

void pyj_call_finish_answer(pjsua_call_id id, pj_pool_t *pool, pjmedia_sdp_session *answer)
{
    static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    const pjsua_call *call = &pjsua_var.calls[id];
    int old_hold = call->call_hold_type == PJSUA_CALL_HOLD_TYPE_RFC2543;
    const pjmedia_sdp_session *offer = NULL;

    if (pjmedia_sdp_neg_get_neg_remote(call->inv->neg, &offer) != PJ_SUCCESS)
        offer = NULL;
    for (unsigned i = 0; i < answer->media_count; i++) {
        pjmedia_sdp_media *media = answer->media[i];
        const pjmedia_sdp_conn *theirs = offer && i < offer->media_count ? conn_of(offer, i) : NULL;
        int zero = theirs && (!pj_strcmp2(&theirs->addr, "0.0.0.0") || !pj_strcmp2(&theirs->addr, "0"));

        if (zero || (call->local_hold && old_hold)) {
            media->conn = PJ_POOL_ZALLOC_T(pool, pjmedia_sdp_conn);
            media->conn->net_type = pj_str("IN");
            media->conn->addr_type = pj_str("IP4");
            media->conn->addr = pj_str("0.0.0.0");
        }
        if (!call->local_hold)
            continue;
        for (unsigned k = 0; k < PJ_ARRAY_SIZE(directions); k++)
            pjmedia_sdp_media_remove_all_attr(media, directions[k]);
        /* The negotiator makes "inactive" of it where the offer does not want to receive. */
        pjmedia_sdp_media_add_attr(media,
                                   pjmedia_sdp_attr_create(pool, old_hold ? "inactive" : "sendonly", NULL));
    }
}

pj_status_t pyj_call_answer_sdp(pjsua_call_id id, const pjmedia_sdp_session *sdp, const pjsua_call_setting *opt,
                                unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data)
{
    const pjsip_inv_session *inv = pjsua_var.calls[id].inv;
    pj_status_t status;

    /* One that was cancelled meanwhile: the negotiator would keep the answer, and refuse the next offer. */
    if (!inv || !inv->invite_tsx || inv->invite_tsx->state >= PJSIP_TSX_STATE_COMPLETED)
        return PJ_EINVALIDOP;
    status = pyj_answer_with_headers(id, sdp, opt, code, reason, msg_data);
    if (status == PJ_SUCCESS && code >= 200)
        pyj_reinvite_answered(id);
    return status;
}

pj_status_t pyj_call_answer_with_sdp(pjsua_call_id id, const pj_str_t *text, const pjsua_call_setting *opt,
                                     unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data,
                                     int *bad_sdp)
{
    pj_pool_t *pool = pjsua_pool_create("sdp%p", 4000, 4000);
    pjmedia_sdp_session *sdp = NULL;
    pj_status_t status;

    *bad_sdp = 0;
    if (!pool)
        return PJ_ENOMEM;
    status = pyj_sdp_parse(pool, text->ptr, (pj_size_t)text->slen, &sdp);
    if (status == PJ_SUCCESS)
        status = pyj_call_answer_sdp(id, sdp, opt, code, reason, msg_data);
    else
        *bad_sdp = 1;
    pj_pool_release(pool);
    return status;
}

pj_status_t pyj_call_modify_codec_param(pjsua_call_id id, int med_idx, const pyj_codec_param *param,
                                        const char **wrong)
{
    pjsua_stream_info info;
    pjmedia_codec_param own;
    pyj_codec_param wanted = *param;
    pj_status_t status;

    *wrong = NULL;
    if (med_idx < 0)
        med_idx = pjsua_var.calls[id].audio_idx;
    if (med_idx < 0)
        return PJ_EINVALIDOP;
    status = pjsua_call_get_stream_info(id, (unsigned)med_idx, &info);
    if (status != PJ_SUCCESS)
        return status;
    if (info.type != PJMEDIA_TYPE_AUDIO || !info.info.aud.param)
        return PJ_EINVALIDOP;
    own = *info.info.aud.param;
    /* Opus takes it for the bandwidth of what it sends; no buffer depends on it any more. */
    if (wanted.info.clock_rate >= 8000 && wanted.info.clock_rate < own.info.clock_rate)
        wanted.info.clock_rate = own.info.clock_rate;
    *wrong = pyj_codec_param_check(&wanted, &own);
    if (*wrong)
        return PJ_EINVAL;
    pyj_codec_param_to(&own, param);
    return pjsua_call_aud_stream_modify_codec_param(id, med_idx, &own);
}
