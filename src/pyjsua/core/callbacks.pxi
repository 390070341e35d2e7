# Trampolines: PJSIP's callbacks, in pjsua.h's order. Each gathers what its event carries into the struct
# of events.h and pushes a copy; none waits, locks what PJSIP does not allow there, or knows of Python.

cdef void on_call_state(int call_id, pj.pjsip_event *e) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_state out
    if not native.pyj_wanted(native.PYJ_OnCallState) or pj.pjsua_call_get_info(call_id, &out.info) != pj.PJ_SUCCESS:
        return
    # make_call is about to return this failure to its caller: it is told once.
    if out.info.state == pj.PJSIP_INV_STATE_DISCONNECTED and native.pyj_making_call(about.call_serial):
        return
    native.pyj_emit_about(native.PYJ_OnCallState, &out, &about, native.pyj_message_from_event(e), 0)


cdef void on_incoming_call(int acc_id, int call_id, pj.pjsip_rx_data *rdata) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_incoming_call out
    if not native.pyj_wanted(native.PYJ_OnIncomingCall):
        # What C does when nobody listens.
        pj.pjsua_call_hangup(call_id, 480, NULL, NULL)
    elif pj.pjsua_call_get_info(call_id, &out.info) == pj.PJ_SUCCESS:
        native.pyj_emit_about(native.PYJ_OnIncomingCall, &out, &about, native.pyj_message_from_rdata(rdata), 0)


cdef void on_call_tsx_state(int call_id, pj.pjsip_transaction *tsx, pj.pjsip_event *e) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_tsx_state out
    if not native.pyj_wanted(native.PYJ_OnCallTsxState):
        return
    about = native.pyj_about_call(call_id)
    out.method = tsx.method.name
    out.role = tsx.role
    out.state = tsx.state
    out.status_code = tsx.status_code
    native.pyj_emit_about(native.PYJ_OnCallTsxState, &out, &about, native.pyj_message_from_event(e),
                          native.PYJ_EMIT_DROPPABLE)


cdef void on_call_media_state(int call_id) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_media_state out
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


cdef void on_dtmf_event(int call_id, const pj.pjsua_dtmf_event *event) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_dtmf_event out
    cdef char digit
    if not native.pyj_wanted(native.PYJ_OnDtmfEvent):
        return
    about = native.pyj_about_call(call_id)
    digit = <char>event.digit
    out.digit.ptr = &digit
    out.digit.slen = 1
    out.method = event.method
    out.timestamp = event.timestamp
    out.duration = event.duration
    out.is_update = (event.flags & pj.PJMEDIA_STREAM_DTMF_IS_UPDATE) != 0
    out.is_end = (event.flags & pj.PJMEDIA_STREAM_DTMF_IS_END) != 0
    native.pyj_emit_about(native.PYJ_OnDtmfEvent, &out, &about, NULL, native.PYJ_EMIT_REALTIME)


cdef void on_reg_started2(int acc_id, pj.pjsua_reg_info *info) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_acc(acc_id)
    cdef native.pyj_on_reg_started2 out
    out.renew = info.renew
    native.pyj_emit_about(native.PYJ_OnRegStarted2, &out, &about, NULL, 0)


cdef void on_reg_state2(int acc_id, pj.pjsua_reg_info *info) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_acc(acc_id)
    cdef native.pyj_on_reg_state2 out
    cdef char buf[128]
    cdef pj.pjsip_regc_cbparam *param = info.cbparam
    memset(&out, 0, sizeof(out))
    out.info.status = param.status
    if param.status != pj.PJ_SUCCESS:
        out.info.status_text = pj.pj_strerror(param.status, buf, sizeof(buf))
    out.info.code = param.code
    out.info.reason = param.reason
    out.info.expiration = param.expiration
    out.info.renew = info.renew
    out.info.is_unreg = param.is_unreg
    native.pyj_emit_about(native.PYJ_OnRegState2, &out, &about, native.pyj_message_from_rdata(param.rdata), 0)


cdef void on_transport_state(pj.pjsip_transport *tp, pj.pjsip_transport_state state,
                             const pj.pjsip_transport_state_info *info) noexcept nogil:
    cdef native.pyj_on_transport_state out
    if not native.pyj_wanted(native.PYJ_OnTransportState):
        return
    memset(&out, 0, sizeof(out))
    out.state = state
    out.type = tp.key.type
    out.type_name.ptr = tp.type_name
    out.type_name.slen = <pj.pj_ssize_t>strlen(tp.type_name)
    if tp.info is not NULL:
        out.info.ptr = tp.info
        out.info.slen = <pj.pj_ssize_t>strlen(tp.info)
    out.local_addr = tp.local_addr
    out.remote_host = tp.remote_name.host
    out.remote_port = tp.remote_name.port
    out.status = info.status if info is not NULL else pj.PJ_SUCCESS
    native.pyj_emit(native.PYJ_OnTransportState, &out, NULL, native.PYJ_EMIT_DROPPABLE)


cdef void on_conf_op_completed(const pj.pjmedia_conf_op_info *info) noexcept nogil:
    cdef native.pyj_on_conf_op_completed out
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
    elif info.op_type == pj.PJMEDIA_CONF_OP_DISCONNECT_PORTS:
        out.source = <int>info.op_param.disconnect_ports.src
        out.sink = <int>info.op_param.disconnect_ports.sink
    native.pyj_emit(native.PYJ_OnConfOpCompleted, &out, NULL, native.PYJ_EMIT_DROPPABLE | native.PYJ_EMIT_REALTIME)


cdef void install_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    """All of them, always: which events are copied is a matter of `pyj_wanted`."""
    cb.on_call_state = on_call_state
    cb.on_incoming_call = on_incoming_call
    cb.on_call_tsx_state = on_call_tsx_state
    cb.on_call_media_state = on_call_media_state
    cb.on_stream_created2 = on_stream_created2
    cb.on_stream_destroyed = on_stream_destroyed
    cb.on_dtmf_event = on_dtmf_event
    cb.on_reg_started2 = on_reg_started2
    cb.on_reg_state2 = on_reg_state2
    cb.on_transport_state = on_transport_state
    cb.on_conf_op_completed = on_conf_op_completed
