# Streams of calls: what they were made with, how they do, and what carries them.

def call_get_stream_stat(call_id: int, med_idx: int = 0) -> object:
    """Figures of a stream so far, as `StreamStat` (`pjsua_call_get_stream_stat`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_idx = as_unsigned(med_idx, "med_idx")
    cdef pj.pjsua_stream_info info
    cdef pj.pjsua_stream_stat stat
    cdef native.pyj_stream_stat out
    cdef void *block = NULL
    cdef void *held = NULL
    cdef pj.pj_status_t status
    memset(&out, 0, sizeof(out))
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_get_stream_info(c_id, c_idx, &info)
            if status == pj.PJ_SUCCESS:
                status = pj.pjsua_call_get_stream_stat(c_id, c_idx, &stat)
            if status == pj.PJ_SUCCESS:
                if info.type == pj.PJMEDIA_TYPE_AUDIO:
                    out.codec = info.info.aud.fmt.encoding_name
                    out.clock_rate = info.info.aud.fmt.clock_rate
                    out.channel_cnt = info.info.aud.fmt.channel_cnt
                    out.remote_addr = info.info.aud.rem_addr
                out.rtcp = stat.rtcp
                out.jbuf = stat.jbuf
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_StreamStat], &out)
            call_leave(held)
    check(status, "pjsua_call_get_stream_stat", "call_id", call_id)
    return decode_and_free(native.PYJ_StreamStat, block, Context())


def call_get_stream_info(call_id: int, med_idx: int = 0) -> object:
    """What a media line's stream was made with, as `StreamInfo` (`pjsua_call_get_stream_info`).

    Raises when the line has no stream: refused, on its way, or gone.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_idx = as_unsigned(med_idx, "med_idx")
    cdef native.pyj_stream_info out
    cdef void *block = NULL
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_stream_info_get(c_id, c_idx, &out)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_StreamInfo], &out)
            call_leave(held)
    check(status, "pjsua_call_get_stream_info", "call_id", call_id)
    return decode_and_free(native.PYJ_StreamInfo, block, Context())


def call_get_med_transport_info(call_id: int, med_idx: int = 0) -> object:
    """What carries a media line: addresses, SRTP, ICE, as `MedTransportInfo` (`pjsua_call_get_med_transport_info`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_idx = as_unsigned(med_idx, "med_idx")
    cdef native.pyj_med_transport_info out
    cdef void *block = NULL
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_med_transport_info_get(c_id, c_idx, &out)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_MedTransportInfo], &out)
            call_leave(held)
    check(status, "pjsua_call_get_med_transport_info", "call_id", call_id)
    return decode_and_free(native.PYJ_MedTransportInfo, block, Context())


def call_aud_stream_modify_codec_param(call_id: int, med_idx: int, param: object) -> None:
    """Changes the codec of a stream under way (`pjsua_call_aud_stream_modify_codec_param`).

    `med_idx` -1 is the call's first audio line; `param` is a `CodecParam`, best the one of its `StreamInfo`
    changed. Opus takes bit rate, bandwidth and more, other codecs VAD and PLC at most. PJMEDIA takes the stream's
    own parameters again when its VAD sets in, 0.6 s after the first packet, unless `MediaConfig.no_vad` is set.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int c_idx = <int>as_number(med_idx, "med_idx", -1, 2147483647)
    cdef native.pyj_codec_param *c_param = <native.pyj_codec_param *>config_struct(
        arena, native.PYJ_CodecParam, the_param(param), "param")
    cdef const char *wrong = NULL
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_modify_codec_param(c_id, c_idx, c_param, &wrong)
            call_leave(held)
    check_codec_param(wrong, param)
    check(status, "pjsua_call_aud_stream_modify_codec_param", "call_id", call_id)
