/* What PJMEDIA says of streams, codecs and media transports, without its bit fields, unions and pointers. */
#ifndef PYJ_MEDIA_INFO_H
#define PYJ_MEDIA_INFO_H

#include <pjsua-lib/pjsua.h>

/* Names and values, as of an a=fmtp line. */
typedef struct pyj_pair {
    pj_str_t name;
    pj_str_t value;
} pyj_pair;

typedef struct pyj_pairs {
    unsigned count;
    pyj_pair pair[PJMEDIA_CODEC_MAX_FMTP_CNT];
} pyj_pairs;

typedef struct pyj_codec_param_info {
    unsigned clock_rate;
    unsigned channel_cnt;
    unsigned avg_bps;
    unsigned max_bps;
    unsigned max_rx_frame_size;
    unsigned frm_ptime;
    unsigned frm_ptime_denum;
    unsigned enc_ptime;
    unsigned enc_ptime_denum;
    unsigned pcm_bits_per_sample;
    unsigned pt;
    unsigned fmt_id;
} pyj_codec_param_info;

typedef struct pyj_codec_param_setting {
    unsigned frm_per_pkt;
    pj_bool_t vad;
    pj_bool_t cng;
    pj_bool_t penh;
    pj_bool_t plc;
    pyj_pairs enc_fmtp;
    pyj_pairs dec_fmtp;
    unsigned packet_loss;
    unsigned complexity;
    pj_bool_t cbr;
} pyj_codec_param_setting;

typedef struct pyj_codec_param {
    pyj_codec_param_info info;
    pyj_codec_param_setting setting;
} pyj_codec_param;

void pyj_codec_param_from(pyj_codec_param *out, const pjmedia_codec_param *param);
/* Lays it over `out`, which the library has filled. */
void pyj_codec_param_to(pjmedia_codec_param *out, const pyj_codec_param *param);
/* Whether `param` is one PJMEDIA can size its buffers by. NULL, or the name of what is wrong. What it says of the codec
 * itself must be what `own` says: streams take their frame sizes from it without asking the codec. */
const char *pyj_codec_param_check(const pyj_codec_param *param, const pjmedia_codec_param *own);

/* What an a=fmtp line says of a codec we are to receive: its length, 0 for nothing, or for what does not fit. */
typedef struct pyj_codec {
    char name[32];
    unsigned pt;
    unsigned clock_rate;
    unsigned channel_cnt;
} pyj_codec;

int pyj_codec_fmtp(const pyj_codec *codec, char *buf, int size);

/* pjsua_codec_get_param and _set_param, which release the texts of a parameter somebody else may be reading. */
pj_status_t pyj_codec_get_param(const pj_str_t *codec_id, const void *shape, void **block);
pj_status_t pyj_codec_set_param(const pj_str_t *codec_id, const pyj_codec_param *param, const char **wrong);

/* Before the library goes: a codec's statics are as they were. */
void pyj_codec_params_restore(void);

/* pjmedia_stream_info with its codec parameter in it, and what pjmedia_txt_stream_info has more. */
typedef struct pyj_stream_info {
    PJ_DECL_STREAM_INFO_COMMON_MEMBER()

    pjmedia_codec_info fmt;
    pj_bool_t has_param;
    pyj_codec_param param;
    unsigned tx_maxptime;
    int tx_event_pt;
    int rx_event_pt;
    pyj_pairs enc_fmtp;
    pyj_pairs dec_fmtp;
    unsigned buffer_time;
} pyj_stream_info;

/* Of a stream in a call whose dialog is held. */
pj_status_t pyj_stream_info_get(pjsua_call_id id, unsigned med_idx, pyj_stream_info *out);

typedef struct pyj_srtp_info {
    pj_bool_t present;
    pjmedia_srtp_info srtp;
} pyj_srtp_info;

typedef struct pyj_ice_comp {
    pj_ice_cand_type lcand_type;
    pj_sockaddr lcand_addr;
    pj_ice_cand_type rcand_type;
    pj_sockaddr rcand_addr;
} pyj_ice_comp;

typedef struct pyj_ice_info {
    pj_bool_t present;
    pj_bool_t active;
    pj_ice_strans_state sess_state;
    pj_ice_sess_role role;
    pj_str_t loc_ufrag;
    pj_str_t rem_ufrag;
    unsigned comp_cnt;
    pyj_ice_comp comp[2];
} pyj_ice_info;

typedef struct pyj_med_transport_info {
    pj_sockaddr rtp_addr_name;
    pj_sockaddr rtcp_addr_name;
    pj_sockaddr src_rtp_name;
    pj_sockaddr src_rtcp_name;
    pyj_srtp_info srtp;
    pyj_ice_info ice;
} pyj_med_transport_info;

/* A stream keeps pointers into the session description it was made by, which goes with the next one, also where that
 * changes nothing and the stream stays. For on_call_media_state, before that happens: the dialog is held. */
void pyj_streams_keep_texts(pjsua_call_id id);

/* Of a call whose dialog is held. */
pj_status_t pyj_med_transport_info_get(pjsua_call_id id, unsigned med_idx, pyj_med_transport_info *out);

typedef struct pyj_rx_rtcp_fb_data {
    pjmedia_rtcp_fb_type type;
    int pid;
    unsigned blp;
} pyj_rx_rtcp_fb_data;

/* All kinds of data side by side: zero for those the event is not of. */
typedef struct pyj_media_event {
    unsigned type;
    unsigned long timestamp;
    struct {
        pjmedia_event_aud_dev_err_data aud_dev_err;
        pjmedia_event_media_tp_err_data med_tp_err;
        pyj_rx_rtcp_fb_data rx_rtcp_fb;
    } data;
} pyj_media_event;

void pyj_media_event_from(pyj_media_event *out, const pjmedia_event *event);

#endif
