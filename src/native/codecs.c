#include "codecs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"

#define DYNAMIC_PT 96
#define LAST_PT 127

/* -- the lists: their lock is a leaf, nothing is called under it */

typedef struct entry {
    struct entry *next;
    uint64_t serial;
    pyj_codecs codecs;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *buckets[256];
static _Atomic unsigned entries;

static entry **place_of(uint64_t serial)
{
    entry **at = &buckets[serial % PJ_ARRAY_SIZE(buckets)];

    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    return at;
}

pj_status_t pyj_codecs_set(uint64_t serial, const pyj_codecs *codecs)
{
    entry **at, *one, *unused = NULL;

    if (!codecs && !atomic_load(&entries))
        return PJ_SUCCESS;
    if (codecs && !(unused = calloc(1, sizeof(*unused))))
        return PJ_ENOMEM;
    pthread_mutex_lock(&mutex);
    at = place_of(serial);
    one = *at;
    if (codecs && !one) {
        one = *at = unused;
        unused = NULL;
        one->serial = serial;
        atomic_fetch_add(&entries, 1);
    } else if (!codecs && one) {
        *at = one->next;
        unused = one;
        atomic_fetch_sub(&entries, 1);
    }
    if (codecs)
        one->codecs = *codecs;
    pthread_mutex_unlock(&mutex);
    free(unused);
    return PJ_SUCCESS;
}

void pyj_codecs_get(uint64_t serial, pyj_codecs *out)
{
    const entry *one;

    out->count = 0;
    if (!atomic_load(&entries))
        return;
    pthread_mutex_lock(&mutex);
    one = *place_of(serial);
    if (one)
        *out = one->codecs;
    pthread_mutex_unlock(&mutex);
}

void pyj_codecs_clear(void)
{
    pthread_mutex_lock(&mutex);
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(buckets); i++)
        while (buckets[i]) {
            entry *one = buckets[i];

            buckets[i] = one->next;
            free(one);
        }
    atomic_store(&entries, 0);
    pthread_mutex_unlock(&mutex);
}

/* -- codecs */

static void codec_from(pyj_codec *out, const pjmedia_codec_info *info)
{
    pj_ansi_snprintf(out->name, sizeof(out->name), "%.*s", (int)info->encoding_name.slen, info->encoding_name.ptr);
    out->pt = info->pt;
    out->clock_rate = info->clock_rate;
    out->channel_cnt = info->channel_cnt;
}

pj_status_t pyj_codecs_find(const pj_str_t ids[], unsigned count, pyj_codecs *out)
{
    pjmedia_codec_mgr *mgr = pjmedia_endpt_get_codec_mgr(pjsua_var.med_endpt);
    const pjmedia_codec_info *info;
    pj_status_t status = PJ_SUCCESS;

    out->count = 0;
    if (count > PJ_ARRAY_SIZE(out->codec))
        return PJ_ETOOMANY;
    for (unsigned i = 0; i < count && status == PJ_SUCCESS; i++) {
        unsigned found = 1;

        status = pjmedia_codec_mgr_find_codecs_by_id(mgr, &ids[i], &found, &info, NULL);
        if (status == PJ_SUCCESS)
            codec_from(&out->codec[out->count++], info);
    }
    return status;
}

/* 10 ms of two channels pass PJMEDIA_MAX_MTU, and are never sent; the bridge, which stops at a frame that fails, is given
 * two in each of its own, and writes ever further behind its buffer (M/conf_thread.c:3240). */
static const pj_str_t too_long = {"L16/44100/2", 11};

static int begins(const pj_str_t *text, const pj_str_t *start)
{
    return start->slen <= text->slen && !pj_strnicmp(text, start, (pj_size_t)start->slen);
}

pj_status_t pyj_codec_set_priority(const pj_str_t *codec_id, pj_uint8_t priority)
{
    pjmedia_codec_mgr *mgr = pjmedia_endpt_get_codec_mgr(pjsua_var.med_endpt);
    pjmedia_codec_info infos[PJMEDIA_CODEC_MGR_MAX_CODECS];
    unsigned count = PJ_ARRAY_SIZE(infos);
    pj_status_t status;

    if (!priority || !begins(&too_long, codec_id))
        return pjsua_codec_set_priority(codec_id, priority);
    status = pjmedia_codec_mgr_enum_codecs(mgr, &count, infos, NULL);
    if (status != PJ_SUCCESS)
        return status;
    status = PJ_ENOTSUP;
    for (unsigned i = 0; i < count; i++) {
        char text[64];
        pj_str_t id;

        pjmedia_codec_info_to_id(&infos[i], text, sizeof(text));
        id = pj_str(text);
        if (begins(&id, codec_id) && pj_stricmp(&id, &too_long))
            status = pjsua_codec_set_priority(&id, priority);
    }
    return status;
}

/* Every codec that is on, in the endpoint's order. */
static void all_codecs(pyj_codecs *out)
{
    pjmedia_codec_mgr *mgr = pjmedia_endpt_get_codec_mgr(pjsua_var.med_endpt);
    pjmedia_codec_info infos[PJMEDIA_CODEC_MGR_MAX_CODECS];
    unsigned priorities[PJMEDIA_CODEC_MGR_MAX_CODECS];
    unsigned count = PJ_ARRAY_SIZE(infos);

    out->count = 0;
    if (pjmedia_codec_mgr_enum_codecs(mgr, &count, infos, priorities) == PJ_SUCCESS)
        for (unsigned i = 0; i < count; i++)
            if (priorities[i] != PJMEDIA_CODEC_PRIO_DISABLED)
                codec_from(&out->codec[out->count++], &infos[i]);
}

/* RFC 3551 has G.722's RTP clock at half its sampling rate. */
static unsigned rtp_rate(const pyj_codec *codec)
{
    return codec->pt == PJMEDIA_RTP_PT_G722 ? 8000 : codec->clock_rate;
}

/* -- media lines */

static int rtpmap_of(const pjmedia_sdp_media *m, const pj_str_t *fmt, pjmedia_sdp_rtpmap *out)
{
    const pjmedia_sdp_attr *attr = pjmedia_sdp_media_find_attr2(m, "rtpmap", fmt);

    return attr && pjmedia_sdp_attr_get_rtpmap(attr, out) == PJ_SUCCESS;
}

static int is_event(const pjmedia_sdp_rtpmap *map)
{
    return !pj_stricmp2(&map->enc_name, "telephone-event");
}

static int has_codec(const pjmedia_sdp_media *m, const pj_str_t *fmt, const pyj_codec *codec)
{
    pjmedia_sdp_rtpmap map;

    if (!rtpmap_of(m, fmt, &map))
        return codec->pt < DYNAMIC_PT && pj_strtoul(fmt) == codec->pt;
    return !pj_stricmp2(&map.enc_name, codec->name) && map.clock_rate == rtp_rate(codec)
           && (map.param.slen ? pj_strtoul(&map.param) : 1) == codec->channel_cnt;
}

static void add_attr(pj_pool_t *pool, pjmedia_sdp_media *m, const char *name, const char *value)
{
    pjmedia_sdp_attr *attr = PJ_POOL_ZALLOC_T(pool, pjmedia_sdp_attr);

    if (m->attr_count >= PJMEDIA_MAX_SDP_ATTR)
        return;
    attr->name = pj_str((char *)name);
    /* The rtpmap's parser wants the NUL. */
    pj_strdup2_with_null(pool, &attr->value, value);
    m->attr[m->attr_count++] = attr;
}

static int is_used(const pjmedia_sdp_media *m, const pj_str_t more[], unsigned count, unsigned pt)
{
    for (unsigned i = 0; i < m->desc.fmt_count; i++)
        if (pj_strtoul(&m->desc.fmt[i]) == pt)
            return 1;
    for (unsigned i = 0; i < count; i++)
        if (pj_strtoul(&more[i]) == pt)
            return 1;
    return 0;
}

/* A codec that the line has lost, as pjmedia_endpt_create_audio_sdp would have written it; 0 where nothing is free. */
static int add_codec(pj_pool_t *pool, pjmedia_sdp_media *m, const pyj_codec *codec, pj_str_t fmts[], unsigned count)
{
    unsigned pt = codec->pt;
    char text[200];
    char fmtp[160];

    for (pt = pt < DYNAMIC_PT ? pt : DYNAMIC_PT; pt >= DYNAMIC_PT && is_used(m, fmts, count, pt); pt++)
        if (pt == LAST_PT)
            return 0;
    pj_ansi_snprintf(text, sizeof(text), "%u", pt);
    pj_strdup2_with_null(pool, &fmts[count], text);
    pj_ansi_snprintf(text, sizeof(text), codec->channel_cnt > 1 ? "%u %s/%u/%u" : "%u %s/%u", pt, codec->name,
                     rtp_rate(codec), codec->channel_cnt);
    add_attr(pool, m, "rtpmap", text);
    if (pyj_codec_fmtp(codec, fmtp, sizeof(fmtp))) {
        pj_ansi_snprintf(text, sizeof(text), "%u %s", pt, fmtp);
        add_attr(pool, m, "fmtp", text);
    }
    return 1;
}

/* Telephone events come at the clock rate of the sound they stand beside, and many want them at 8 kHz. */
static int wants_event(const pjmedia_sdp_rtpmap *map, const pyj_codecs *codecs)
{
    for (unsigned i = 0; i < codecs->count; i++)
        if (map->clock_rate == rtp_rate(&codecs->codec[i]))
            return 1;
    return map->clock_rate == 8000;
}

static int has_fmt(const pj_str_t fmts[], unsigned count, const pjmedia_sdp_attr *attr)
{
    pj_str_t fmt = attr->value;
    const char *end = pj_strchr(&attr->value, ' ');

    if (end)
        fmt.slen = end - fmt.ptr;
    for (unsigned i = 0; i < count; i++)
        if (!pj_strcmp(&fmts[i], &fmt))
            return 1;
    return 0;
}

static void rewrite_line(pj_pool_t *pool, pjmedia_sdp_media *m, const pyj_codecs *codecs)
{
    pj_str_t fmts[PJMEDIA_MAX_SDP_FMT];
    pjmedia_sdp_rtpmap map;
    unsigned count = 0, kept = 0;

    for (unsigned c = 0; c < codecs->count && count < PJ_ARRAY_SIZE(fmts); c++) {
        unsigned i = 0;

        while (i < m->desc.fmt_count && !has_codec(m, &m->desc.fmt[i], &codecs->codec[c]))
            i++;
        if (i < m->desc.fmt_count)
            fmts[count++] = m->desc.fmt[i];
        else
            count += add_codec(pool, m, &codecs->codec[c], fmts, count) != 0;
    }
    for (unsigned i = 0; i < m->desc.fmt_count && count < PJ_ARRAY_SIZE(fmts); i++)
        if (rtpmap_of(m, &m->desc.fmt[i], &map) && is_event(&map) && wants_event(&map, codecs))
            fmts[count++] = m->desc.fmt[i];
    for (unsigned i = 0; i < m->attr_count; i++) {
        const pjmedia_sdp_attr *attr = m->attr[i];

        if ((pj_strcmp2(&attr->name, "rtpmap") && pj_strcmp2(&attr->name, "fmtp")) || has_fmt(fmts, count, attr))
            m->attr[kept++] = m->attr[i];
    }
    m->attr_count = kept;
    memcpy(m->desc.fmt, fmts, count * sizeof(fmts[0]));
    m->desc.fmt_count = count;
}

static int is_sound(const pjmedia_sdp_media *m)
{
    return !pj_strcmp2(&m->desc.media, "audio") && m->desc.port;
}

static void rewrite(pj_pool_t *pool, pjmedia_sdp_session *sdp, const pyj_codecs *codecs)
{
    for (unsigned i = 0; i < sdp->media_count; i++)
        if (is_sound(sdp->media[i]))
            rewrite_line(pool, sdp->media[i], codecs);
}

/* -- calls */

static void list_of(pjsua_call_id id, pyj_codecs *out)
{
    pyj_codecs_get(pyj_call_serial(id), out);
    if (!out->count)
        pyj_codecs_get(pyj_acc_serial(pjsua_var.calls[id].acc_id), out);
}

static _Thread_local int keeping;

void pyj_codecs_keep(int keep)
{
    keeping = keep;
}

/* The codec a line uses: the first of what was agreed upon. */
static int codec_in_use(const pjsua_call *call, unsigned line, pyj_codec *out)
{
    const pjmedia_sdp_session *agreed;
    const pjmedia_sdp_media *m;
    pjmedia_sdp_rtpmap map;

    if (!call->inv || !call->inv->neg || pjmedia_sdp_neg_get_active_local(call->inv->neg, &agreed) != PJ_SUCCESS
        || line >= agreed->media_count || !is_sound(agreed->media[line]))
        return 0;
    m = agreed->media[line];
    for (unsigned i = 0; i < m->desc.fmt_count; i++) {
        if (!rtpmap_of(m, &m->desc.fmt[i], &map) || is_event(&map))
            continue;
        pj_ansi_snprintf(out->name, sizeof(out->name), "%.*s", (int)map.enc_name.slen, map.enc_name.ptr);
        out->pt = (unsigned)pj_strtoul(&m->desc.fmt[i]);
        out->clock_rate = out->pt == PJMEDIA_RTP_PT_G722 ? 16000 : map.clock_rate;
        out->channel_cnt = map.param.slen ? (unsigned)pj_strtoul(&map.param) : 1;
        return 1;
    }
    return 0;
}

static int lists(const pyj_codecs *codecs, const pyj_codec *codec)
{
    for (unsigned i = 0; i < codecs->count; i++)
        if (!pj_ansi_stricmp(codecs->codec[i].name, codec->name) && codecs->codec[i].clock_rate == codec->clock_rate
            && codecs->codec[i].channel_cnt == codec->channel_cnt)
            return 1;
    return !codecs->count;
}

static void keep_in_use(const pjsua_call *call, pj_pool_t *pool, pjmedia_sdp_session *sdp, const pyj_codecs *codecs)
{
    pyj_codecs one = {.count = 1};

    for (unsigned i = 0; i < sdp->media_count; i++)
        if (is_sound(sdp->media[i]) && codec_in_use(call, i, &one.codec[0]) && lists(codecs, &one.codec[0]))
            rewrite_line(pool, sdp->media[i], &one);
}

void pyj_codecs_filter(pjsua_call_id id, pjmedia_sdp_session *sdp, pj_pool_t *pool, const pjmedia_sdp_session *rem_sdp)
{
    const pjsua_call *call = &pjsua_var.calls[id];
    pyj_codecs codecs = {0};

    if (atomic_load(&entries))
        list_of(id, &codecs);
    if (codecs.count)
        rewrite(pool, sdp, &codecs);
    if (keeping && !rem_sdp)
        keep_in_use(call, pool, sdp, &codecs);
    /* The answer has one codec: the first of ours that the offer has too, or the other way round. */
    if (rem_sdp && call->inv && call->inv->neg)
        pjmedia_sdp_neg_set_prefer_remote_codec_order(
            call->inv->neg, codecs.count ? PJ_FALSE : PJMEDIA_SDP_NEG_PREFER_REMOTE_CODEC_ORDER);
}

static int line_in_common(const pjmedia_sdp_media *m, const pyj_codecs *codecs)
{
    for (unsigned i = 0; i < m->desc.fmt_count; i++)
        for (unsigned c = 0; c < codecs->count; c++)
            if (has_codec(m, &m->desc.fmt[i], &codecs->codec[c]))
                return 1;
    return 0;
}

int pyj_codecs_in_common(pjsua_call_id id, const pjmedia_sdp_session *offer)
{
    pyj_codecs codecs = {0};
    int audio = 0;

    if (atomic_load(&entries))
        list_of(id, &codecs);
    if (!codecs.count)
        all_codecs(&codecs);
    for (unsigned i = 0; i < offer->media_count; i++) {
        const pjmedia_sdp_media *m = offer->media[i];

        if (!is_sound(m))
            continue;
        if (line_in_common(m, &codecs))
            return 1;
        audio = 1;
    }
    return !audio;
}

static pj_status_t try_answer(const pjmedia_sdp_session *answer, const pjmedia_sdp_session *offer)
{
    pj_pool_t *pool = pjsua_pool_create("codecs%p", 4000, 4000);
    pjmedia_sdp_neg *neg;
    pj_status_t status;

    if (!pool)
        return PJ_ENOMEM;
    status = pjmedia_sdp_neg_create_w_remote_offer(pool, answer, offer, &neg);
    if (status == PJ_SUCCESS) {
        pjmedia_sdp_neg_set_prefer_remote_codec_order(neg, PJ_FALSE);
        status = pjmedia_sdp_neg_negotiate(pool, neg, 0);
    }
    pj_pool_release(pool);
    return status;
}

static pj_status_t answer_anew(pjsua_call_id id, const pyj_codecs *codecs)
{
    const pjsip_inv_session *inv = pjsua_var.calls[id].inv;
    const pjmedia_sdp_session *local = NULL, *remote = NULL;
    pjmedia_sdp_session *changed;
    pyj_codecs wanted = {0};
    pj_bool_t prefer_remote = PJ_FALSE;
    pj_status_t status;

    if (!inv || !inv->neg || pjmedia_sdp_neg_get_state(inv->neg) != PJMEDIA_SDP_NEG_STATE_WAIT_NEGO
        || pjmedia_sdp_neg_get_neg_local(inv->neg, &local) != PJ_SUCCESS
        || pjmedia_sdp_neg_get_neg_remote(inv->neg, &remote) != PJ_SUCCESS)
        return PJ_SUCCESS;
    if (codecs)
        wanted = *codecs;
    else
        pyj_codecs_get(pyj_acc_serial(pjsua_var.calls[id].acc_id), &wanted);
    if (!wanted.count) {
        all_codecs(&wanted);
        prefer_remote = PJMEDIA_SDP_NEG_PREFER_REMOTE_CODEC_ORDER;
    }
    changed = pjmedia_sdp_session_clone(inv->pool_prov, local);
    rewrite(inv->pool_prov, changed, &wanted);
    status = try_answer(changed, remote);
    if (status != PJ_SUCCESS)
        return status;
    /* The negotiator has no word for it: it takes one answer. */
    *(pjmedia_sdp_session *)local = *changed;
    pjmedia_sdp_neg_set_prefer_remote_codec_order(inv->neg, prefer_remote);
    return PJ_SUCCESS;
}

pj_status_t pyj_call_codecs_set(pjsua_call_id id, const pyj_codecs *codecs)
{
    pj_status_t status = answer_anew(id, codecs);

    return status == PJ_SUCCESS ? pyj_codecs_set(pyj_call_serial(id), codecs) : status;
}
