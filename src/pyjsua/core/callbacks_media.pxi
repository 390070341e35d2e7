# Trampolines of media: streams and the conference bridge.

cdef void on_call_media_state(int call_id) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_media_state out
    native.pyj_streams_keep_texts(call_id)
    if native.pyj_wanted(native.PYJ_OnCallMediaState) and pj.pjsua_call_get_info(call_id, &out.info) == pj.PJ_SUCCESS:
        native.pyj_emit_about(native.PYJ_OnCallMediaState, &out, &about, NULL, 0)


cdef void emit_stream(uint16_t kind, int call_id, pj.pjmedia_stream *strm, unsigned stream_idx) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_stream out
    cdef pj.pjmedia_stream_info info
    if not native.pyj_wanted(kind):
        return
    about = native.pyj_about_call(call_id)
    memset(&out, 0, sizeof(out))
    out.stream_idx = stream_idx
    if pj.pjmedia_stream_get_info(strm, &info) == pj.PJ_SUCCESS:
        out.stat.codec = info.fmt.encoding_name
        out.stat.clock_rate = info.fmt.clock_rate
        out.stat.channel_cnt = info.fmt.channel_cnt
        out.stat.remote_addr = info.rem_addr
    pj.pjmedia_stream_get_stat(strm, &out.stat.rtcp)
    pj.pjmedia_stream_get_stat_jbuf(strm, &out.stat.jbuf)
    native.pyj_emit_about(kind, &out, &about, NULL, 0)


cdef void on_stream_created2(int call_id, pj.pjsua_on_stream_created_param *param) noexcept nogil:
    emit_stream(native.PYJ_OnStreamCreated2, call_id, param.stream, param.stream_idx)


cdef void on_stream_destroyed(int call_id, pj.pjmedia_stream *strm, unsigned stream_idx) noexcept nogil:
    # The last moment the stream's figures can be had: DISCONNECTED comes after media is gone.
    emit_stream(native.PYJ_OnStreamDestroyed, call_id, strm, stream_idx)


cdef pj.pj_status_t on_snd_dev_operation(int operation) noexcept nogil:
    cdef native.pyj_on_snd_dev_operation out
    native.pyj_devices_on_change()
    out.opening = operation != 0
    # Under PJSUA_LOCK, which media threads take too.
    native.pyj_emit(native.PYJ_OnSndDevOperation, &out, NULL, native.PYJ_EMIT_REALTIME)
    return pj.PJ_SUCCESS


cdef void on_conf_op_completed(const pj.pjmedia_conf_op_info *info) noexcept nogil:
    cdef native.pyj_on_conf_op_completed out
    cdef int adjustment = 0
    if not native.pyj_wanted(native.PYJ_OnConfOpCompleted):
        return
    out.op = info.op_type
    out.status = info.status
    out.source = out.sink = -1
    if info.op_type == pj.PJMEDIA_CONF_OP_ADD_PORT:
        out.source = <int>info.op_param.add_port.port
    elif info.op_type == pj.PJMEDIA_CONF_OP_REMOVE_PORT:
        out.source = <int>info.op_param.remove_port.port
    elif info.op_type == pj.PJMEDIA_CONF_OP_CONNECT_PORTS:
        out.source = <int>info.op_param.connect_ports.src
        out.sink = <int>info.op_param.connect_ports.sink
        adjustment = info.op_param.connect_ports.adj_level
    elif info.op_type == pj.PJMEDIA_CONF_OP_DISCONNECT_PORTS:
        out.source = <int>info.op_param.disconnect_ports.src
        out.sink = <int>info.op_param.disconnect_ports.sink
    elif info.op_type == pj.PJMEDIA_CONF_OP_ADJUST_CONN_LEVEL:
        out.source = <int>info.op_param.adjust_conn_level.src
        out.sink = <int>info.op_param.adjust_conn_level.sink
        adjustment = info.op_param.adjust_conn_level.adj_level
    # PJMEDIA counts in 128ths, from 0 for "as it is".
    out.level = 1 + adjustment / <float>128
    native.pyj_emit(native.PYJ_OnConfOpCompleted, &out, NULL, native.PYJ_EMIT_DROPPABLE | native.PYJ_EMIT_REALTIME)


cdef pj.pj_status_t on_call_media_transport_state(int call_id,
                                                  const pj.pjsua_med_tp_state_info *info) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_media_transport_state out
    if not native.pyj_wanted(native.PYJ_OnCallMediaTransportState):
        return pj.PJ_SUCCESS
    about = native.pyj_about_call(call_id)
    memset(&out, 0, sizeof(out))
    out.med_idx = info.med_idx
    out.state = info.state
    out.status = info.status
    out.sip_err_code = info.sip_err_code
    if info.ext_info is not NULL:
        out.has_ice_op = pj.PJ_TRUE
        out.ice_op = (<const pj.pj_ice_strans_op *>info.ext_info)[0]
    native.pyj_emit_about(native.PYJ_OnCallMediaTransportState, &out, &about, NULL, 0)
    return pj.PJ_SUCCESS


cdef void on_ice_transport_error(int index, pj.pj_ice_strans_op op, pj.pj_status_t status,
                                 void *param) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_ice_transport_error out
    if not native.pyj_wanted(native.PYJ_OnIceTransportError):
        return
    about = native.pyj_about_call(index)
    out.op = op
    out.status = status
    native.pyj_emit_about(native.PYJ_OnIceTransportError, &out, &about, NULL, 0)


cdef void on_call_media_event(int call_id, unsigned med_idx, pj.pjmedia_event *event) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_media_event out
    if not native.pyj_wanted(native.PYJ_OnCallMediaEvent):
        return
    about = native.pyj_about_call(call_id)
    out.med_idx = med_idx
    native.pyj_media_event_from(&out.event, event)
    native.pyj_emit_about(native.PYJ_OnCallMediaEvent, &out, &about, NULL, native.PYJ_EMIT_REALTIME)


cdef void on_media_event(pj.pjmedia_event *event) noexcept nogil:
    cdef native.pyj_on_media_event out
    native.pyj_devices_on_event(event)
    if not native.pyj_wanted(native.PYJ_OnMediaEvent):
        return
    native.pyj_media_event_from(&out.event, event)
    native.pyj_emit(native.PYJ_OnMediaEvent, &out, NULL, native.PYJ_EMIT_REALTIME)


cdef void install_media_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_call_media_state = on_call_media_state
    cb.on_stream_created2 = on_stream_created2
    cb.on_stream_destroyed = on_stream_destroyed
    cb.on_snd_dev_operation = on_snd_dev_operation
    cb.on_conf_op_completed = on_conf_op_completed
    cb.on_call_media_transport_state = on_call_media_transport_state
    cb.on_ice_transport_error = on_ice_transport_error
    cb.on_call_media_event = on_call_media_event
    cb.on_media_event = on_media_event
