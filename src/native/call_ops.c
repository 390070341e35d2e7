#include "call_ops.h"

#include <stdatomic.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "media_info.h"

/* The serial of the call whose redirection waits. */
static _Atomic uint64_t redirects[PJSUA_MAX_CALLS];

void pyj_redirect_set_pending(pjsua_call_id id)
{
    if (id >= 0 && id < PJSUA_MAX_CALLS)
        atomic_store(&redirects[id], pyj_call_serial(id));
}

int pyj_redirect_is_pending(pjsua_call_id id)
{
    uint64_t serial = id >= 0 && id < PJSUA_MAX_CALLS ? atomic_load(&redirects[id]) : 0;

    return serial && pyj_call_serial(id) == serial;
}

pj_status_t pyj_call_process_redirect(pjsua_call_id id, pjsip_redirect_op op)
{
    pj_status_t status;

    if (!pyj_redirect_is_pending(id))
        return PJ_EINVALIDOP;
    /* The next target of a rejected one is told of, and may be pending, before this returns. */
    atomic_store(&redirects[id], 0);
    status = pjsua_call_process_redirect(id, op);
    /* Rejecting the last target ends the call, which is what was asked for. */
    return op == PJSIP_REDIRECT_REJECT && status == PJSIP_ESESSIONTERMINATED ? PJ_SUCCESS : status;
}

pj_status_t pyj_call_answer_with_sdp(pjsua_call_id id, const pj_str_t *text, const pjsua_call_setting *opt,
                                     unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data,
                                     int *bad_sdp)
{
    pj_pool_t *pool = pjsua_pool_create("sdp%p", 4000, 4000);
    pjmedia_sdp_session *sdp = NULL;
    pj_status_t status;
    pj_str_t copy;

    *bad_sdp = 0;
    if (!pool)
        return PJ_ENOMEM;
    /* The parser wants a NUL at the end, and text it may write to. */
    pj_strdup_with_null(pool, &copy, text);
    status = pjmedia_sdp_parse(pool, copy.ptr, (pj_size_t)copy.slen, &sdp);
    if (status == PJ_SUCCESS)
        status = pjmedia_sdp_validate(sdp);
    if (status == PJ_SUCCESS)
        status = pjsua_call_answer_with_sdp(id, sdp, opt, code, reason, msg_data);
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
