# Trampolines of transports.

cdef void on_transport_state(pj.pjsip_transport *tp, pj.pjsip_transport_state state,
                             const pj.pjsip_transport_state_info *info) noexcept nogil:
    cdef native.pyj_on_transport_state out
    if not native.pyj_wanted(native.PYJ_OnTransportState):
        return
    memset(&out, 0, sizeof(out))
    out.state = state
    out.type = <pj.pjsip_transport_type_e>tp.key.type
    out.type_name.ptr = tp.type_name
    out.type_name.slen = <pj.pj_ssize_t>strlen(tp.type_name)
    if tp.info is not NULL:
        out.info.ptr = tp.info
        out.info.slen = <pj.pj_ssize_t>strlen(tp.info)
    out.local_addr = tp.local_addr
    out.remote_host = tp.remote_name.host
    out.remote_port = tp.remote_name.port
    out.status = info.status if info is not NULL else pj.PJ_SUCCESS
    native.pyj_tls_describe(tp, info, &out.tls)
    native.pyj_emit(native.PYJ_OnTransportState, &out, NULL, native.PYJ_EMIT_DROPPABLE)


cdef void install_transport_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_transport_state = on_transport_state
