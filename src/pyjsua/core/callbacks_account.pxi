# Trampolines of accounts.

cdef void tell_reg_started(int acc_id, bint renew) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_reg_started2 out
    if not native.pyj_wanted(native.PYJ_OnRegStarted2):
        return
    about = native.pyj_about_acc(acc_id)
    out.renew = renew
    native.pyj_emit_about(native.PYJ_OnRegStarted2, &out, &about, NULL, 0)


cdef void on_reg_started2(int acc_id, pj.pjsua_reg_info *info) noexcept nogil:
    if native.pyj_reg_started(acc_id):
        tell_reg_started(acc_id, info.renew)


cdef void on_reg_state2(int acc_id, pj.pjsua_reg_info *info) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_reg_state2 out
    cdef char buf[128]
    cdef pj.pjsip_regc_cbparam *param = info.cbparam
    # Whoever listens.
    cdef long retry_ms = native.pyj_reg_retry(acc_id, param.rdata)
    if native.pyj_reg_ended(acc_id, param.is_unreg):
        tell_reg_started(acc_id, not param.is_unreg)
    if not native.pyj_wanted(native.PYJ_OnRegState2):
        return
    about = native.pyj_about_acc(acc_id)
    memset(&out, 0, sizeof(out))
    out.info.status = param.status
    if param.status != pj.PJ_SUCCESS:
        out.info.status_text = pj.pj_strerror(param.status, buf, sizeof(buf))
    out.info.code = param.code
    out.info.reason = param.reason
    out.info.expiration = param.expiration
    out.info.renew = info.renew
    out.info.is_unreg = param.is_unreg
    out.info.retry_ms = retry_ms
    native.pyj_emit_about(native.PYJ_OnRegState2, &out, &about, native.pyj_message_from_rdata(param.rdata), 0)


cdef void on_acc_send_request(int acc_id, void *token, pj.pjsip_event *event) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_acc_send_request out
    if (native.pyj_request_ended(token, event, &about, &out)
            and native.pyj_wanted(native.PYJ_OnAccSendRequest)):
        native.pyj_emit_about(native.PYJ_OnAccSendRequest, &out, &about, native.pyj_message_from_event(event), 0)


cdef void on_rejected_incoming_call(const pj.pjsua_on_rejected_incoming_call_param *param) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_rejected_incoming_call out
    if not native.pyj_wanted(native.PYJ_OnRejectedIncomingCall):
        return
    about = native.pyj_about_call(param.call_id)
    out.local_info = param.local_info
    out.remote_info = param.remote_info
    out.st_code = param.st_code
    out.st_text = param.st_text
    native.pyj_emit_about(native.PYJ_OnRejectedIncomingCall, &out, &about,
                          native.pyj_message_from_rdata(param.rdata), 0)


cdef void install_account_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_acc_send_request = on_acc_send_request
    cb.on_rejected_incoming_call = on_rejected_incoming_call
    cb.on_reg_started2 = on_reg_started2
    cb.on_reg_state2 = on_reg_state2
