#include "text.h"

#include <pjmedia/stream_common.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

/* RTP header, three generations of 64 bytes, their headers. */
#define ROOM 512

/* Before the first text, while the stream has nothing to send and nobody else uses the buffer. */
static void make_room(pjmedia_stream_common *stream)
{
    void *buf;

    if (!stream->enc || stream->enc->buf_size >= ROOM || !stream->own_pool || !stream->jb_mutex)
        return;
    pj_mutex_lock(stream->jb_mutex);
    buf = pj_pool_alloc(stream->own_pool, ROOM);
    if (buf) {
        stream->enc->buf = buf;
        stream->enc->buf_size = ROOM;
    }
    pj_mutex_unlock(stream->jb_mutex);
}

pj_status_t pyj_call_send_text(pjsua_call_id id, const pjsua_call_send_text_param *param)
{
    pjsua_call *call = &pjsua_var.calls[id];

    for (unsigned i = 0; i < call->med_cnt; i++)
        if (call->media[i].type == PJMEDIA_TYPE_TEXT && call->media[i].strm.t.stream)
            make_room((pjmedia_stream_common *)call->media[i].strm.t.stream);
    return pjsua_call_send_text(id, param);
}
