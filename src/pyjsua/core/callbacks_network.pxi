# Trampolines of the network.

cdef void on_nat_detect(const pj.pj_stun_nat_detect_result *res) noexcept nogil:
    cdef native.pyj_on_nat_detect out
    memset(&out, 0, sizeof(out))
    out.status = res.status
    if res.status != pj.PJ_SUCCESS and res.status_text is not NULL:
        out.status_text.ptr = <char *>res.status_text
        out.status_text.slen = <pj.pj_ssize_t>strlen(res.status_text)
    out.nat_type = res.nat_type
    if res.nat_type_name is not NULL:
        out.nat_type_name.ptr = <char *>res.nat_type_name
        out.nat_type_name.slen = <pj.pj_ssize_t>strlen(res.nat_type_name)
    native.pyj_emit(native.PYJ_OnNatDetect, &out, NULL, 0)


cdef void on_stun_resolution_complete(const pj.pj_stun_resolve_result *result) noexcept nogil:
    cdef native.pyj_on_stun_resolution_complete out
    cdef char buf[128]
    native.pyj_stun_result(result, buf, sizeof(buf), &out)
    native.pyj_emit(native.PYJ_OnStunResolutionComplete, &out, NULL, 0)


cdef void on_ip_change_progress(pj.pjsua_ip_change_op op, pj.pj_status_t status,
                                const pj.pjsua_ip_change_op_info *info) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_ip_change_progress out
    native.pyj_ip_change_describe(op, info, &about, &out)
    out.status = status
    native.pyj_emit_about(native.PYJ_OnIpChangeProgress, &out, &about, NULL, 0)


cdef void install_network_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_nat_detect = on_nat_detect
    cb.on_stun_resolution_complete = on_stun_resolution_complete
    cb.on_ip_change_progress = on_ip_change_progress
