# Trampolines of calls.

cdef void tell_transferred(int call_id, const native.pyj_about *about) noexcept nogil:
    """A call that began because of a REFER has its first callback."""
    cdef native.pyj_on_call_replaced out
    out.old_call_id = native.pyj_call_parent(call_id)
    if out.old_call_id.id < 0:
        return
    out.new_call_id.id = call_id
    out.new_call_id.serial = about.call_serial
    native.pyj_verdict_made(call_id, about.call_serial)
    native.pyj_emit_about(native.PYJ_OnCallTransferred, &out, about, NULL, 0)


cdef void on_call_state(int call_id, pj.pjsip_event *e) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_state out
    cdef bint ended = native.pyj_call_ended(call_id)
    tell_transferred(call_id, &about)
    native.pyj_admission_changed(call_id, ended)
    # Before what waits for a decision is ended: the dialog may go with that.
    cdef bint told = (native.pyj_wanted(native.PYJ_OnCallState)
                      and pj.pjsua_call_get_info(call_id, &out.info) == pj.PJ_SUCCESS)
    if ended:
        native.pyj_transfer_call_ended(call_id)
        native.pyj_decisions_call_ended(call_id)
        native.pyj_held_call_ended(&about)
        native.pyj_codecs_set(about.call_serial, NULL)
    else:
        native.pyj_dialog_met(call_id)
    if not told:
        return
    # make_call is about to return this failure to its caller: it is told once.
    if ended and native.pyj_making_call(about.call_serial):
        return
    native.pyj_emit_about(native.PYJ_OnCallState, &out, &about, native.pyj_message_from_event(e), 0)


cdef void on_incoming_call(int acc_id, int call_id, pj.pjsip_rx_data *rdata) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_incoming_call out
    native.pyj_dialog_met(call_id)
    native.pyj_admission_came(call_id)
    if not native.pyj_wanted(native.PYJ_OnIncomingCall):
        # What C does when nobody listens.
        pj.pjsua_call_hangup(call_id, 480, NULL, NULL)
    elif pj.pjsua_call_get_info(call_id, &out.info) == pj.PJ_SUCCESS:
        native.pyj_emit_about(native.PYJ_OnIncomingCall, &out, &about, native.pyj_message_from_rdata(rdata), 0)


cdef void on_call_tsx_state(int call_id, pj.pjsip_transaction *tsx, pj.pjsip_event *e) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_tsx_state out
    native.pyj_reinvite_tsx_state(call_id, tsx)
    if not native.pyj_wanted(native.PYJ_OnCallTsxState):
        return
    about = native.pyj_about_call(call_id)
    out.method = tsx.method.name
    out.role = tsx.role
    out.state = tsx.state
    out.status_code = tsx.status_code
    out.cseq = tsx.cseq
    # Somebody waits for what becomes of a request of ours, and a CANCEL is the reason of an end. The rest is as
    # many as the other side likes.
    cdef bint droppable = ((tsx.role != pj.PJSIP_ROLE_UAC or tsx.state == pj.PJSIP_TSX_STATE_PROCEEDING)
                           and tsx.method.id != pj.PJSIP_CANCEL_METHOD)
    native.pyj_emit_about(native.PYJ_OnCallTsxState, &out, &about, native.pyj_message_from_event(e),
                          native.PYJ_EMIT_DROPPABLE if droppable else 0)


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
    # One in an INFO comes in a SIP thread, which may wait for memory.
    native.pyj_emit_about(native.PYJ_OnDtmfEvent, &out, &about, NULL,
                          0 if event.method == pj.PJSUA_DTMF_METHOD_SIP_INFO else native.PYJ_EMIT_REALTIME)


cdef void on_call_transfer_status(int call_id, int st_code, const pj.pj_str_t *st_text, pj.pj_bool_t final,
                                  pj.pj_bool_t *p_cont) noexcept nogil:
    # *p_cont stays: PJSIP goes on telling until the last.
    cdef native.pyj_about about
    cdef native.pyj_on_call_transfer_status out
    if not native.pyj_wanted(native.PYJ_OnCallTransferStatus):
        return
    about = native.pyj_about_call(call_id)
    out.st_code = st_code
    out.st_text = st_text[0]
    out.final = final
    native.pyj_emit_about(native.PYJ_OnCallTransferStatus, &out, &about, NULL, 0)


cdef void on_call_replaced(int old_call_id, int new_call_id) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_replaced out
    cdef uint64_t serial = native.pyj_call_serial(new_call_id)
    # It inherited the old one's user_data, and has had no other callback yet. No REFER made it.
    native.pyj_call_parent(new_call_id)
    native.pyj_dialog_met(new_call_id)
    native.pyj_verdict_made(new_call_id, serial)
    if not native.pyj_wanted(native.PYJ_OnCallReplaced):
        return
    about = native.pyj_about_call(old_call_id)
    out.old_call_id.id = old_call_id
    out.old_call_id.serial = about.call_serial
    out.new_call_id.id = new_call_id
    out.new_call_id.serial = serial
    native.pyj_emit_about(native.PYJ_OnCallReplaced, &out, &about, NULL, 0)


cdef void install_call_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_call_state = on_call_state
    cb.on_incoming_call = on_incoming_call
    cb.on_call_tsx_state = on_call_tsx_state
    cb.on_dtmf_event = on_dtmf_event
    cb.on_call_transfer_status = on_call_transfer_status
    cb.on_call_replaced = on_call_replaced
