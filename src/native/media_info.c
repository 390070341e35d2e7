#include "media_info.h"

#include <pthread.h>
#include <string.h>

#include <pjmedia-codec/opus.h>
#include <pjmedia/stream_common.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "structs.h"

/* Milliseconds of sound a packet may hold: PJMEDIA's buffers are made for PJMEDIA_MAX_FRAME_DURATION_MS. */
#define MAX_PACKET_MS PJMEDIA_MAX_FRAME_DURATION_MS
#define MAX_BPS 10000000u

static void pairs_from(pyj_pairs *out, const pjmedia_codec_fmtp *fmtp)
{
    out->count = PJ_MIN(fmtp->cnt, PJMEDIA_CODEC_MAX_FMTP_CNT);
    for (unsigned i = 0; i < out->count; i++) {
        out->pair[i].name = fmtp->param[i].name;
        out->pair[i].value = fmtp->param[i].val;
    }
}

static void pairs_to(pjmedia_codec_fmtp *fmtp, const pyj_pairs *pairs)
{
    fmtp->cnt = (pj_uint8_t)pairs->count;
    for (unsigned i = 0; i < pairs->count; i++) {
        fmtp->param[i].name = pairs->pair[i].name;
        fmtp->param[i].val = pairs->pair[i].value;
    }
}

void pyj_codec_param_from(pyj_codec_param *out, const pjmedia_codec_param *param)
{
    memset(out, 0, sizeof(*out));
    out->info.clock_rate = param->info.clock_rate;
    out->info.channel_cnt = param->info.channel_cnt;
    out->info.avg_bps = param->info.avg_bps;
    out->info.max_bps = param->info.max_bps;
    out->info.max_rx_frame_size = param->info.max_rx_frame_size;
    out->info.frm_ptime = param->info.frm_ptime;
    out->info.frm_ptime_denum = param->info.frm_ptime_denum;
    out->info.enc_ptime = param->info.enc_ptime;
    out->info.enc_ptime_denum = param->info.enc_ptime_denum;
    out->info.pcm_bits_per_sample = param->info.pcm_bits_per_sample;
    out->info.pt = param->info.pt;
    out->info.fmt_id = param->info.fmt_id;
    out->setting.frm_per_pkt = param->setting.frm_per_pkt;
    out->setting.vad = param->setting.vad;
    out->setting.cng = param->setting.cng;
    out->setting.penh = param->setting.penh;
    out->setting.plc = param->setting.plc;
    pairs_from(&out->setting.enc_fmtp, &param->setting.enc_fmtp);
    pairs_from(&out->setting.dec_fmtp, &param->setting.dec_fmtp);
    out->setting.packet_loss = param->setting.packet_loss;
    out->setting.complexity = param->setting.complexity;
    out->setting.cbr = param->setting.cbr;
}

void pyj_codec_param_to(pjmedia_codec_param *out, const pyj_codec_param *param)
{
    out->info.clock_rate = param->info.clock_rate;
    out->info.avg_bps = param->info.avg_bps;
    out->info.max_bps = param->info.max_bps;
    out->setting.frm_per_pkt = (pj_uint8_t)param->setting.frm_per_pkt;
    out->setting.vad = param->setting.vad != 0;
    out->setting.cng = param->setting.cng != 0;
    out->setting.penh = param->setting.penh != 0;
    out->setting.plc = param->setting.plc != 0;
    pairs_to(&out->setting.enc_fmtp, &param->setting.enc_fmtp);
    pairs_to(&out->setting.dec_fmtp, &param->setting.dec_fmtp);
    out->setting.packet_loss = param->setting.packet_loss;
    out->setting.complexity = param->setting.complexity;
    out->setting.cbr = param->setting.cbr;
}

const char *pyj_codec_param_check(const pyj_codec_param *param, const pjmedia_codec_param *own)
{
    const pyj_codec_param_info *info = &param->info;
    unsigned denum = own->info.frm_ptime_denum ? own->info.frm_ptime_denum : 1;

#define SAME(field)                             \
    if (info->field != own->info.field)         \
    return "info." #field
    SAME(clock_rate);
    SAME(channel_cnt);
    SAME(max_rx_frame_size);
    SAME(frm_ptime);
    SAME(frm_ptime_denum);
    SAME(enc_ptime);
    SAME(enc_ptime_denum);
    SAME(pcm_bits_per_sample);
    SAME(pt);
    SAME(fmt_id);
#undef SAME
    if (info->avg_bps > MAX_BPS)
        return "info.avg_bps";
    if (info->max_bps < 1 || info->max_bps > MAX_BPS)
        return "info.max_bps";
    if (param->setting.frm_per_pkt < 1 || param->setting.frm_per_pkt > 255
        || param->setting.frm_per_pkt * own->info.frm_ptime / denum > MAX_PACKET_MS)
        return "setting.frm_per_pkt";
    if (param->setting.packet_loss > 100)
        return "setting.packet_loss";
    if (param->setting.complexity > 10)
        return "setting.complexity";
    return NULL;
}

static pthread_mutex_t codec_params = PTHREAD_MUTEX_INITIALIZER;

int pyj_codec_fmtp(const pyj_codec *codec, char *buf, int size)
{
    pjmedia_codec_mgr *mgr = pjmedia_endpt_get_codec_mgr(pjsua_var.med_endpt);
    const pjmedia_codec_fmtp *fmtp;
    pjmedia_codec_param param;
    pjmedia_codec_info info;
    int len = 0;

    memset(&info, 0, sizeof(info));
    info.type = PJMEDIA_TYPE_AUDIO;
    info.encoding_name = pj_str((char *)codec->name);
    info.pt = codec->pt;
    info.clock_rate = codec->clock_rate;
    info.channel_cnt = codec->channel_cnt;
    memset(&param, 0, sizeof(param));
    pthread_mutex_lock(&codec_params);
    if (pjmedia_codec_mgr_get_default_param(mgr, &info, &param) == PJ_SUCCESS) {
        fmtp = &param.setting.dec_fmtp;
        for (unsigned i = 0; i < fmtp->cnt && len < size; i++)
            len += pj_ansi_snprintf(buf + len, (size_t)(size - len), "%s%.*s%s%.*s", i ? ";" : "",
                                    (int)fmtp->param[i].name.slen, fmtp->param[i].name.ptr,
                                    fmtp->param[i].name.slen ? "=" : "", (int)fmtp->param[i].val.slen,
                                    fmtp->param[i].val.ptr);
    }
    pthread_mutex_unlock(&codec_params);
    return len < size ? len : 0;
}

/* PJMEDIA's Opus takes three of its settings from a static of its own, which outlives the library, and has but one door. */
static pjmedia_codec_opus_config opus_own;
static int opus_changed;

static int is_opus(const pj_str_t *codec_id)
{
    return codec_id->slen >= 4 && !pj_strnicmp2(codec_id, "opus", 4);
}

static pj_status_t set_opus(const pjmedia_codec_opus_config *cfg)
{
    pjmedia_codec_param param;
    const pj_str_t id = {"opus", 4};
    pj_status_t status;

    memset(&param, 0, sizeof(param));
    status = pjsua_codec_get_param(&id, &param);
    return status == PJ_SUCCESS ? pjmedia_codec_opus_set_default_param(cfg, &param) : status;
}

static pj_status_t set_opus_from(const pjmedia_codec_param *param)
{
    pjmedia_codec_opus_config cfg;
    pj_status_t status = pjmedia_codec_opus_get_config(&cfg);

    if (status != PJ_SUCCESS)
        return status;
    if (!opus_changed)
        opus_own = cfg;
    opus_changed = 1;
    cfg.packet_loss = PJ_MIN(param->setting.packet_loss, 99u);
    cfg.complexity = param->setting.complexity;
    cfg.cbr = param->setting.cbr;
    return set_opus(&cfg);
}

/* Its codec_params is held. */
static void restore_opus(void)
{
    if (opus_changed && set_opus(&opus_own) == PJ_SUCCESS)
        opus_changed = 0;
}

void pyj_codec_params_restore(void)
{
    pthread_mutex_lock(&codec_params);
    restore_opus();
    pthread_mutex_unlock(&codec_params);
}

pj_status_t pyj_codec_get_param(const pj_str_t *codec_id, const void *shape, void **block)
{
    pjmedia_codec_param param;
    pyj_codec_param out;
    pj_status_t status;

    memset(&param, 0, sizeof(param));
    pthread_mutex_lock(&codec_params);
    status = pjsua_codec_get_param(codec_id, &param);
    if (status == PJ_SUCCESS) {
        pyj_codec_param_from(&out, &param);
        *block = pyj_pack_new(shape, &out);
    }
    pthread_mutex_unlock(&codec_params);
    return status;
}

pj_status_t pyj_codec_set_param(const pj_str_t *codec_id, const pyj_codec_param *param, const char **wrong)
{
    pjmedia_codec_param own;
    pj_status_t status;

    *wrong = NULL;
    memset(&own, 0, sizeof(own));
    pthread_mutex_lock(&codec_params);
    if (!param) {
        if (is_opus(codec_id))
            restore_opus();
        status = pjsua_codec_set_param(codec_id, NULL);
    } else {
        status = pjsua_codec_get_param(codec_id, &own);
        if (status == PJ_SUCCESS) {
            *wrong = pyj_codec_param_check(param, &own);
            if (*wrong) {
                status = PJ_EINVAL;
            } else {
                if (is_opus(codec_id)) {
                    /* It writes parameters of its own making, which those that are wanted go over. */
                    pyj_codec_param_to(&own, param);
                    status = set_opus_from(&own);
                    if (status == PJ_SUCCESS)
                        status = pjsua_codec_get_param(codec_id, &own);
                }
                pyj_codec_param_to(&own, param);
                if (status == PJ_SUCCESS)
                    status = pjsua_codec_set_param(codec_id, &own);
            }
        }
    }
    pthread_mutex_unlock(&codec_params);
    return status;
}

pj_status_t pyj_stream_info_get(pjsua_call_id id, unsigned med_idx, pyj_stream_info *out)
{
    pjsua_stream_info info;
    pj_status_t status;

    memset(out, 0, sizeof(*out));
    memset(&info, 0, sizeof(info));
    status = pjsua_call_get_stream_info(id, med_idx, &info);
    if (status != PJ_SUCCESS)
        return status;
    /* Every kind of stream begins with the same members. */
    memcpy(out, &info.info, sizeof(pjmedia_stream_info_common));
    out->type = info.type;
    out->tx_event_pt = out->rx_event_pt = -1;
    if (info.type == PJMEDIA_TYPE_AUDIO) {
        const pjmedia_stream_info *si = &info.info.aud;

        out->fmt = si->fmt;
        out->tx_maxptime = si->tx_maxptime;
        out->tx_event_pt = si->tx_event_pt;
        out->rx_event_pt = si->rx_event_pt;
        out->has_param = si->param != NULL;
        if (si->param)
            pyj_codec_param_from(&out->param, si->param);
    } else if (info.type == PJMEDIA_TYPE_TEXT) {
        out->fmt = info.info.txt.fmt;
        pairs_from(&out->enc_fmtp, &info.info.txt.enc_fmtp);
        pairs_from(&out->dec_fmtp, &info.info.txt.dec_fmtp);
        out->buffer_time = info.info.txt.buffer_time;
    }
    return PJ_SUCCESS;
}

static int lies_in(const pj_pool_t *pool, const char *at)
{
    for (const pj_pool_block *b = pool->block_list.next; b != (const pj_pool_block *)&pool->block_list; b = b->next)
        if (at >= (const char *)b->buf && at < (const char *)b->end)
            return 1;
    return 0;
}

static void keep(pj_pool_t *pool, pj_str_t *text)
{
    pj_str_t copy;

    if (text->slen <= 0 || lies_in(pool, text->ptr))
        return;
    pj_strdup(pool, &copy, text);
    *text = copy;
}

void pyj_streams_keep_texts(pjsua_call_id id)
{
    const pjsua_call *call = &pjsua_var.calls[id];

    for (unsigned i = 0; call->inv && i < call->med_cnt; i++) {
        const pjsua_call_media *media = &call->media[i];
        pjmedia_stream_common *stream = NULL;

        if (media->type == PJMEDIA_TYPE_AUDIO)
            stream = (pjmedia_stream_common *)media->strm.a.stream;
        else if (media->type == PJMEDIA_TYPE_TEXT)
            stream = (pjmedia_stream_common *)media->strm.t.stream;
        if (!stream)
            continue;
        keep(call->inv->pool, &stream->si->rem_cname);
        if (media->type == PJMEDIA_TYPE_TEXT) {
            pjmedia_txt_stream_info *si = (pjmedia_txt_stream_info *)stream->si;

            for (unsigned n = 0; n < si->enc_fmtp.cnt; n++) {
                keep(call->inv->pool, &si->enc_fmtp.param[n].name);
                keep(call->inv->pool, &si->enc_fmtp.param[n].val);
            }
            for (unsigned n = 0; n < si->dec_fmtp.cnt; n++) {
                keep(call->inv->pool, &si->dec_fmtp.param[n].name);
                keep(call->inv->pool, &si->dec_fmtp.param[n].val);
            }
        }
    }
}

pj_status_t pyj_med_transport_info_get(pjsua_call_id id, unsigned med_idx, pyj_med_transport_info *out)
{
    pjmedia_transport_info info;
    pj_status_t status;

    memset(out, 0, sizeof(*out));
    memset(&info, 0, sizeof(info));
    status = pjsua_call_get_med_transport_info(id, med_idx, &info);
    if (status != PJ_SUCCESS)
        return status;
    out->rtp_addr_name = info.sock_info.rtp_addr_name;
    out->rtcp_addr_name = info.sock_info.rtcp_addr_name;
    out->src_rtp_name = info.src_rtp_name;
    out->src_rtcp_name = info.src_rtcp_name;
    for (unsigned i = 0; i < info.specific_info_cnt && i < PJ_ARRAY_SIZE(info.spc_info); i++) {
        const pjmedia_transport_specific_info *own = &info.spc_info[i];

        if (own->type == PJMEDIA_TRANSPORT_TYPE_SRTP) {
            out->srtp.present = PJ_TRUE;
            memcpy(&out->srtp.srtp, own->buffer, sizeof(out->srtp.srtp));
        } else if (own->type == PJMEDIA_TRANSPORT_TYPE_ICE) {
            pjmedia_ice_transport_info ice;

            memcpy(&ice, own->buffer, sizeof(ice));
            out->ice.present = PJ_TRUE;
            out->ice.active = ice.active;
            out->ice.sess_state = ice.sess_state;
            out->ice.role = ice.role;
            out->ice.loc_ufrag = ice.loc_ufrag;
            out->ice.rem_ufrag = ice.rem_ufrag;
            out->ice.comp_cnt = PJ_MIN(ice.comp_cnt, PJ_ARRAY_SIZE(out->ice.comp));
            for (unsigned n = 0; n < out->ice.comp_cnt; n++) {
                out->ice.comp[n].lcand_type = ice.comp[n].lcand_type;
                out->ice.comp[n].lcand_addr = ice.comp[n].lcand_addr;
                out->ice.comp[n].rcand_type = ice.comp[n].rcand_type;
                out->ice.comp[n].rcand_addr = ice.comp[n].rcand_addr;
            }
        }
    }
    return PJ_SUCCESS;
}

void pyj_media_event_from(pyj_media_event *out, const pjmedia_event *event)
{
    memset(out, 0, sizeof(*out));
    out->type = event->type;
    out->timestamp = (unsigned long)event->timestamp.u64;
    out->data.aud_dev_err.id = -1;
    if (event->type == PJMEDIA_EVENT_AUD_DEV_ERROR) {
        out->data.aud_dev_err = event->data.aud_dev_err;
    } else if (event->type == PJMEDIA_EVENT_MEDIA_TP_ERR) {
        out->data.med_tp_err = event->data.med_tp_err;
    } else if (event->type == PJMEDIA_EVENT_RX_RTCP_FB) {
        /* Not its texts: pjsua tells of it later, when they may have gone with their stream. */
        out->data.rx_rtcp_fb.type = event->data.rx_rtcp_fb.cap.type;
        if (event->data.rx_rtcp_fb.cap.type == PJMEDIA_RTCP_FB_NACK) {
            out->data.rx_rtcp_fb.pid = event->data.rx_rtcp_fb.msg.nack.pid;
            out->data.rx_rtcp_fb.blp = event->data.rx_rtcp_fb.msg.nack.blp;
        }
    }
}
