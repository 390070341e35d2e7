# Trampolines of presence, messages, message waiting and real-time text.

cdef native.pyj_serial_id buddy_serial_id(int buddy_id) noexcept nogil:
    cdef native.pyj_serial_id out
    out.id = buddy_id
    out.serial = native.pyj_buddy_serial(buddy_id)
    return out


cdef native.pyj_about about_pager(int call_id, int acc_id) noexcept nogil:
    """The call a message belongs to, if any, and the account."""
    cdef native.pyj_about about
    if call_id >= 0:
        return native.pyj_about_call(call_id)
    about = native.pyj_about_acc(acc_id)
    return about


# -- presence

cdef void on_incoming_subscribe(int acc_id, pj.pjsua_srv_pres *srv_pres, int buddy_id, const pj.pj_str_t *from_,
                                pj.pjsip_rx_data *rdata, pj.pjsip_status_code *code, pj.pj_str_t *reason,
                                pj.pjsua_msg_data *msg_data) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_acc(acc_id)
    cdef native.pyj_on_incoming_subscribe out
    cdef native.pyj_answer answer
    cdef native.pyj_message *message
    out.srv_pres = native.pyj_srv_pres_add(srv_pres, acc_id)
    cdef bint decided
    out.code = native.pyj_acc_subscribe_code(acc_id)
    decided = native.pyj_verdict(native.PYJ_HELD_SUBSCRIBE, &out.code, NULL)
    code[0] = <pj.pjsip_status_code>out.code
    if out.code >= 300:
        reason[0] = native.pyj_reason_of(out.code)
    if (not native.pyj_wanted(native.PYJ_OnIncomingSubscribe)
            and not native.pyj_hook_set(native.PYJ_OnIncomingSubscribe)):
        # C ends a refused one without a word.
        if out.code >= 300:
            native.pyj_srv_pres_remove(srv_pres)
        return
    message = native.pyj_message_from_rdata(rdata)
    out.buddy_id = buddy_serial_id(buddy_id)
    out.from_uri = from_[0]
    if not decided and native.pyj_hook_ask(native.PYJ_OnIncomingSubscribe, &out, &about, message, &answer):
        out.code = answer.number
        code[0] = <pj.pjsip_status_code>out.code
        reason[0] = native.pyj_keep_reason(answer.reason) if answer.reason[0] else native.pyj_reason_of(out.code)
    if out.code >= 300:
        native.pyj_srv_pres_remove(srv_pres)
    native.pyj_emit_about(native.PYJ_OnIncomingSubscribe, &out, &about, message, 0)


cdef void on_srv_subscribe_state(int acc_id, pj.pjsua_srv_pres *srv_pres, const pj.pj_str_t *remote_uri,
                                 pj.pjsip_evsub_state state, pj.pjsip_event *event) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_srv_subscribe_state out
    if native.pyj_wanted(native.PYJ_OnSrvSubscribeState):
        about = native.pyj_about_acc(acc_id)
        # Its account may have gone, and another have come to its place.
        out.srv_pres = native.pyj_srv_pres_id(srv_pres, &about.acc_serial)
        out.remote_uri = remote_uri[0]
        out.state = state
        native.pyj_emit_about(native.PYJ_OnSrvSubscribeState, &out, &about,
                              native.pyj_message_from_event(event), 0)
    if state == pj.PJSIP_EVSUB_STATE_TERMINATED:
        native.pyj_srv_pres_remove(srv_pres)


cdef void on_buddy_state(int buddy_id) noexcept nogil:
    cdef native.pyj_on_buddy_state out
    if not native.pyj_wanted(native.PYJ_OnBuddyState):
        return
    out.buddy_id = buddy_serial_id(buddy_id)
    native.pyj_buddy_gather(buddy_id, &out.info)
    native.pyj_emit(native.PYJ_OnBuddyState, &out, NULL, 0)


cdef void on_buddy_dlg_event_state(int buddy_id) noexcept nogil:
    cdef native.pyj_on_buddy_dlg_event_state out
    if not native.pyj_wanted(native.PYJ_OnBuddyDlgEventState):
        return
    out.buddy_id = buddy_serial_id(buddy_id)
    native.pyj_buddy_gather_dlg_event(buddy_id, &out.info)
    native.pyj_emit(native.PYJ_OnBuddyDlgEventState, &out, NULL, 0)


cdef void emit_buddy_evsub(uint16_t kind, int buddy_id, pj.pjsip_evsub *sub, pj.pjsip_event *event) noexcept nogil:
    cdef native.pyj_on_buddy_evsub_state out
    # The first callback after a NOTIFY, whoever listens.
    native.pyj_buddy_forget_dangling(buddy_id, event)
    if not native.pyj_wanted(kind):
        return
    out.buddy_id = buddy_serial_id(buddy_id)
    out.state = pj.pjsip_evsub_get_state(sub)
    out.state_name = pj.pjsip_evsub_get_state_name(sub)
    out.term_reason = pj.pjsip_evsub_get_termination_reason(sub)[0]
    native.pyj_emit(kind, &out, native.pyj_message_from_event(event), 0)


cdef void on_buddy_evsub_state(int buddy_id, pj.pjsip_evsub *sub, pj.pjsip_event *event) noexcept nogil:
    emit_buddy_evsub(native.PYJ_OnBuddyEvsubState, buddy_id, sub, event)


cdef void on_buddy_evsub_dlg_event_state(int buddy_id, pj.pjsip_evsub *sub, pj.pjsip_event *event) noexcept nogil:
    emit_buddy_evsub(native.PYJ_OnBuddyEvsubDlgEventState, buddy_id, sub, event)


# -- messages

cdef void on_pager2(int call_id, const pj.pj_str_t *from_, const pj.pj_str_t *to, const pj.pj_str_t *contact,
                    const pj.pj_str_t *mime_type, const pj.pj_str_t *body, pj.pjsip_rx_data *rdata,
                    int acc_id) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_pager out
    cdef bint unanswered = native.pyj_im_unanswered(call_id, rdata)
    if not native.pyj_wanted(native.PYJ_OnPager2):
        if unanswered:
            native.pyj_im_refuse(rdata)
        return
    about = about_pager(call_id, acc_id)
    out.request.id = -1
    out.request.serial = 0
    if unanswered:
        out.request = native.pyj_im_keep(rdata, acc_id)
    out.from_uri = from_[0]
    out.to_uri = to[0]
    out.contact = contact[0]
    out.mime_type = mime_type[0]
    out.body = body[0]
    native.pyj_emit_about(native.PYJ_OnPager2, &out, &about, native.pyj_message_from_rdata(rdata), 0)


cdef void on_pager_status2(int call_id, const pj.pj_str_t *to, const pj.pj_str_t *body, void *user_data,
                           pj.pjsip_status_code status, const pj.pj_str_t *reason, pj.pjsip_tx_data *tdata,
                           pj.pjsip_rx_data *rdata, int acc_id) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_pager_status out
    if not native.pyj_wanted(native.PYJ_OnPagerStatus2):
        return
    about = about_pager(call_id, acc_id)
    # The number was given when it was sent.
    native.pyj_about_as_of(&about, <size_t>user_data)
    out.to_uri = to[0]
    out.body = body[0]
    out.user_data = <size_t>user_data
    out.status = status
    out.reason = reason[0]
    native.pyj_im_told(<size_t>user_data, native.pyj_emit_pack(
        native.PYJ_OnPagerStatus2, &out, &about, native.pyj_message_from_rdata(rdata), 0))


cdef void on_typing2(int call_id, const pj.pj_str_t *from_, const pj.pj_str_t *to, const pj.pj_str_t *contact,
                     pj.pj_bool_t is_typing, pj.pjsip_rx_data *rdata, int acc_id) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_typing out
    if not native.pyj_wanted(native.PYJ_OnTyping2):
        return
    about = about_pager(call_id, acc_id)
    out.from_uri = from_[0]
    out.to_uri = to[0]
    out.contact = contact[0]
    out.is_typing = is_typing
    native.pyj_emit_about(native.PYJ_OnTyping2, &out, &about, native.pyj_message_from_rdata(rdata), 0)


cdef void on_call_rx_text(int call_id, const pj.pjsua_txt_stream_data *data) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_rx_text out
    if not native.pyj_wanted(native.PYJ_OnCallRxText):
        return
    about = native.pyj_about_call(call_id)
    out.data = data[0]
    native.pyj_emit_about(native.PYJ_OnCallRxText, &out, &about, NULL, 0)


# -- message waiting

cdef void on_mwi_state(int acc_id, pj.pjsip_evsub *evsub) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_mwi_state out
    if not native.pyj_wanted(native.PYJ_OnMwiState):
        return
    about = native.pyj_about_acc(acc_id)
    out.state = pj.pjsip_evsub_get_state(evsub)
    out.state_name = pj.pjsip_evsub_get_state_name(evsub)
    out.term_reason = pj.pjsip_evsub_get_termination_reason(evsub)[0]
    native.pyj_emit_about(native.PYJ_OnMwiState, &out, &about, NULL, 0)


cdef void on_mwi_info(int acc_id, pj.pjsua_mwi_info *mwi_info) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_mwi_info out
    if not native.pyj_wanted(native.PYJ_OnMwiInfo):
        return
    about = native.pyj_about_acc(acc_id)
    out.solicited = mwi_info.evsub is not NULL
    native.pyj_emit_about(native.PYJ_OnMwiInfo, &out, &about, native.pyj_message_from_rdata(mwi_info.rdata), 0)


cdef void install_presence_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_incoming_subscribe = on_incoming_subscribe
    cb.on_srv_subscribe_state = on_srv_subscribe_state
    cb.on_buddy_state = on_buddy_state
    cb.on_buddy_dlg_event_state = on_buddy_dlg_event_state
    cb.on_buddy_evsub_state = on_buddy_evsub_state
    cb.on_buddy_evsub_dlg_event_state = on_buddy_evsub_dlg_event_state
    cb.on_pager2 = on_pager2
    cb.on_pager_status2 = on_pager_status2
    cb.on_typing2 = on_typing2
    cb.on_call_rx_text = on_call_rx_text
    cb.on_mwi_state = on_mwi_state
    cb.on_mwi_info = on_mwi_info
