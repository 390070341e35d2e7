# Trampolines of what an application may decide: the policy says it, a hook may say otherwise, the event tells what it was.

cdef enum:
    SDP_SIZE = 16000


cdef void on_call_transfer_request2(int call_id, const pj.pj_str_t *dst, pj.pjsip_status_code *code,
                                    pj.pjsua_call_setting *opt) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_transfer_request2 out
    cdef native.pyj_answer answer
    # As of every call we make.
    opt.txt_cnt = 0
    out.dst = dst[0]
    out.code = native.pyj_policies.call_transfer_request2
    out.opt = opt[0]
    if native.pyj_verdict(native.PYJ_HELD_TRANSFER, &out.code, opt):
        out.opt = opt[0]
    elif native.pyj_hook_ask(native.PYJ_OnCallTransferRequest2, &out, &about, NULL, &answer):
        out.code = answer.number
        if answer.has_setting:
            out.opt = opt[0] = answer.setting
    code[0] = <pj.pjsip_status_code>out.code
    native.pyj_emit_about(native.PYJ_OnCallTransferRequest2, &out, &about, NULL, 0)


cdef void on_call_replace_request2(int call_id, pj.pjsip_rx_data *rdata, int *st_code, pj.pj_str_t *st_text,
                                   pj.pjsua_call_setting *opt) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_replace_request2 out
    cdef native.pyj_answer answer
    cdef native.pyj_message *message
    cdef bint decided
    st_code[0] = native.pyj_policies.call_replace_request2
    decided = native.pyj_verdict(native.PYJ_HELD_REPLACE, st_code, opt)
    if (not native.pyj_wanted(native.PYJ_OnCallReplaceRequest2)
            and not native.pyj_hook_set(native.PYJ_OnCallReplaceRequest2)):
        return
    message = native.pyj_message_from_rdata(rdata)
    memset(&out.reason, 0, sizeof(out.reason))
    out.code = st_code[0]
    out.opt = opt[0]
    if not decided and native.pyj_hook_ask(native.PYJ_OnCallReplaceRequest2, &out, &about, message, &answer):
        out.code = answer.number
        if answer.reason[0]:
            st_text[0] = out.reason = native.pyj_keep_reason(answer.reason)
        if answer.has_setting:
            out.opt = opt[0] = answer.setting
    st_code[0] = out.code
    native.pyj_emit_about(native.PYJ_OnCallReplaceRequest2, &out, &about, message, 0)


cdef void on_call_rx_offer(int call_id, const pj.pjmedia_sdp_session *offer, void *reserved, pj.pjsip_status_code *code,
                           pj.pjsua_call_setting *opt) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_rx_offer out
    cdef native.pyj_answer answer
    cdef char text[SDP_SIZE]
    cdef int chosen = native.pyj_policies.call_rx_offer
    cdef bint decided = (native.pyj_verdict(native.PYJ_HELD_UPDATE, &chosen, opt)
                         or native.pyj_verdict(native.PYJ_HELD_REINVITE, &chosen, opt))
    # pjsua takes every other 2xx for a refusal.
    code[0] = <pj.pjsip_status_code>(200 if decided else chosen)
    if not native.pyj_codecs_in_common(call_id, offer):
        code[0] = <pj.pjsip_status_code>488
    if not native.pyj_wanted(native.PYJ_OnCallRxOffer) and not native.pyj_hook_set(native.PYJ_OnCallRxOffer):
        return
    about = native.pyj_about_call(call_id)
    out.offer.ptr = text
    out.offer.slen = native.pyj_sdp_text(offer, text, SDP_SIZE)
    out.code = code[0]
    out.opt = opt[0]
    if not decided and native.pyj_hook_ask(native.PYJ_OnCallRxOffer, &out, &about, NULL, &answer):
        out.code = answer.number
        code[0] = <pj.pjsip_status_code>out.code
        if answer.has_setting:
            out.opt = opt[0] = answer.setting
    native.pyj_emit_about(native.PYJ_OnCallRxOffer, &out, &about, NULL, 0)


cdef void on_call_rx_reinvite(int call_id, const pj.pjmedia_sdp_session *offer, pj.pjsip_rx_data *rdata,
                              void *reserved, pj.pj_bool_t *is_async, pj.pjsip_status_code *code,
                              pj.pjsua_call_setting *opt) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_rx_reinvite out
    cdef char text[SDP_SIZE]
    cdef int decided = 0
    if not native.pyj_wanted(native.PYJ_OnCallRxReinvite):
        return
    about = native.pyj_about_call(call_id)
    out.later = (native.pyj_policies.call_rx_reinvite == native.PYJ_LATER and offer is not NULL
                 and not native.pyj_verdict(native.PYJ_HELD_REINVITE, &decided, NULL))
    if out.later:
        out.later = native.pyj_reinvite_defer(call_id)
        is_async[0] = out.later
    out.offer.ptr = text
    out.offer.slen = native.pyj_sdp_text(offer, text, SDP_SIZE)
    native.pyj_emit_about(native.PYJ_OnCallRxReinvite, &out, &about, native.pyj_message_from_rdata(rdata), 0)


cdef void on_call_tx_offer(int call_id, void *reserved, pj.pjsua_call_setting *opt) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_call_tx_offer out
    cdef native.pyj_answer answer
    out.opt = opt[0]
    if native.pyj_hook_ask(native.PYJ_OnCallTxOffer, &out, &about, NULL, &answer):
        out.opt = opt[0] = answer.setting
    native.pyj_emit_about(native.PYJ_OnCallTxOffer, &out, &about, NULL, 0)


cdef void on_call_sdp_created(int call_id, pj.pjmedia_sdp_session *sdp, pj.pj_pool_t *pool,
                              const pj.pjmedia_sdp_session *rem_sdp) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_sdp_created out
    cdef native.pyj_answer answer
    cdef bint deferred = rem_sdp is not NULL and native.pyj_reinvite_deferred(call_id)
    cdef char text[SDP_SIZE]
    cdef char remote[SDP_SIZE]
    native.pyj_codecs_filter(call_id, sdp, pool, rem_sdp)
    if (not deferred and not native.pyj_wanted(native.PYJ_OnCallSdpCreated)
            and not native.pyj_hook_set(native.PYJ_OnCallSdpCreated)):
        return
    about = native.pyj_about_call(call_id)
    out.sdp.ptr = text
    out.sdp.slen = native.pyj_sdp_text(sdp, text, SDP_SIZE)
    out.rem_sdp.ptr = remote
    out.rem_sdp.slen = native.pyj_sdp_text(rem_sdp, remote, SDP_SIZE)
    out.changed = pj.PJ_FALSE
    if native.pyj_hook_ask(native.PYJ_OnCallSdpCreated, &out, &about, NULL, &answer):
        out.changed = native.pyj_sdp_replace(pool, sdp, answer.text, answer.text_len)
        free(answer.text)
        out.sdp.slen = native.pyj_sdp_text(sdp, text, SDP_SIZE)
    if deferred:
        native.pyj_reinvite_keep_answer(call_id, text, <int>out.sdp.slen)
    native.pyj_emit_about(native.PYJ_OnCallSdpCreated, &out, &about, NULL, 0)


cdef pj.pjsip_redirect_op on_call_redirected(int call_id, const pj.pjsip_uri *target,
                                             const pj.pjsip_event *e) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_call_redirected out
    cdef native.pyj_answer answer
    cdef native.pyj_message *message
    cdef char text[pj.PJSIP_MAX_URL_SIZE]
    cdef int length
    out.op = native.pyj_policies.call_redirected
    if not native.pyj_wanted(native.PYJ_OnCallRedirected) and not native.pyj_hook_set(native.PYJ_OnCallRedirected):
        # Nobody would ever decide.
        return pj.PJSIP_REDIRECT_STOP if out.op == pj.PJSIP_REDIRECT_PENDING else out.op
    about = native.pyj_about_call(call_id)
    message = native.pyj_message_from_event(e)
    length = pj.pjsip_uri_print(
        pj.PJSIP_URI_IN_CONTACT_HDR, pj.pjsip_uri_get_uri(target), text, pj.PJSIP_MAX_URL_SIZE)
    out.target.ptr = text
    out.target.slen = length if length > 0 else 0
    if native.pyj_hook_ask(native.PYJ_OnCallRedirected, &out, &about, message, &answer):
        out.op = <pj.pjsip_redirect_op>answer.number
    # Nobody would ever decide.
    if out.op == pj.PJSIP_REDIRECT_PENDING and not native.pyj_wanted(native.PYJ_OnCallRedirected):
        out.op = pj.PJSIP_REDIRECT_STOP
    if out.op == pj.PJSIP_REDIRECT_PENDING and not native.pyj_redirect_defer(call_id):
        out.op = pj.PJSIP_REDIRECT_STOP
    native.pyj_emit_about(native.PYJ_OnCallRedirected, &out, &about, message, 0)
    return out.op


cdef void on_auth_challenge(pj.pjsua_on_auth_challenge_param *param) noexcept nogil:
    # Not PJSUA_LOCK here: it would be taken in the wrong order.
    cdef native.pyj_about about
    cdef native.pyj_on_auth_challenge out
    native.pyj_im_challenge(param)
    if not native.pyj_wanted(native.PYJ_OnAuthChallenge):
        return
    about = native.pyj_about_call(param.call_id) if param.call_id >= 0 else native.pyj_about_acc(param.acc_id)
    out.method = param.tdata.msg.line.req.method.name
    out.challenge = 0
    if native.pyj_policies.auth_challenge == native.PYJ_LATER:
        out.challenge = native.pyj_challenge_defer(param, &about)
    out.later = out.challenge != 0
    param.handled = out.later
    native.pyj_emit_about(native.PYJ_OnAuthChallenge, &out, &about,
                          native.pyj_message_from_rdata(<pj.pjsip_rx_data *>param.rdata), 0)


cdef void settle_incoming(const pj.pjsip_rx_data *rdata, pj.pjsua_acc_id acc_id) noexcept nogil:
    """What hangs on which account it is."""
    native.pyj_headers_incoming(rdata, acc_id)
    native.pyj_rtp_ports_incoming(rdata, acc_id)


cdef void on_acc_find_for_incoming(const pj.pjsip_rx_data *rdata, pj.pjsua_acc_id *acc_id) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_acc_find_for_incoming out
    cdef native.pyj_answer answer
    cdef native.pyj_message *message
    native.pyj_acc_match_find(rdata, acc_id)
    settle_incoming(rdata, acc_id[0])
    if (not native.pyj_wanted(native.PYJ_OnAccFindForIncoming)
            and not native.pyj_hook_set(native.PYJ_OnAccFindForIncoming)):
        return
    about = native.pyj_about_acc(acc_id[0])
    message = native.pyj_message_from_rdata(<pj.pjsip_rx_data *>rdata)
    out.changed = pj.PJ_FALSE
    if native.pyj_hook_ask(native.PYJ_OnAccFindForIncoming, &out, &about, message, &answer):
        out.changed = acc_id[0] != answer.number
        acc_id[0] = answer.number
        about = native.pyj_about_acc(acc_id[0])
        settle_incoming(rdata, acc_id[0])
    native.pyj_emit_about(native.PYJ_OnAccFindForIncoming, &out, &about, message, 0)


cdef void on_stream_precreate(int call_id, pj.pjsua_on_stream_precreate_param *param) noexcept nogil:
    cdef native.pyj_about about
    cdef native.pyj_on_stream_precreate out
    cdef native.pyj_answer answer
    cdef pj.pjmedia_stream_info *info = &param.stream_info.info.aud
    cdef bint audio = param.stream_info.type == pj.PJMEDIA_TYPE_AUDIO
    if not native.pyj_wanted(native.PYJ_OnStreamPrecreate) and not native.pyj_hook_set(native.PYJ_OnStreamPrecreate):
        return
    about = native.pyj_about_call(call_id)
    out.stream_idx = param.stream_idx
    out.changed = pj.PJ_FALSE
    # A text stream's info has the same head.
    out.setting.jb_init = info.jb_init
    out.setting.jb_min_pre = info.jb_min_pre
    out.setting.jb_max_pre = info.jb_max_pre
    out.setting.jb_max = info.jb_max
    out.setting.jb_discard_algo = info.jb_discard_algo
    out.setting.rtcp_sdes_bye_disabled = info.rtcp_sdes_bye_disabled
    out.setting.rx_event_pt = info.rx_event_pt if audio else -1
    if native.pyj_hook_ask(native.PYJ_OnStreamPrecreate, &out, &about, NULL, &answer):
        out.setting = answer.stream
        out.changed = pj.PJ_TRUE
        info.jb_init = out.setting.jb_init
        info.jb_min_pre = out.setting.jb_min_pre
        info.jb_max_pre = out.setting.jb_max_pre
        info.jb_max = out.setting.jb_max
        info.jb_discard_algo = out.setting.jb_discard_algo
        info.rtcp_sdes_bye_disabled = out.setting.rtcp_sdes_bye_disabled
        if audio:
            info.rx_event_pt = out.setting.rx_event_pt
    native.pyj_emit_about(native.PYJ_OnStreamPrecreate, &out, &about, NULL, 0)


cdef void on_create_media_transport_srtp(int call_id, unsigned media_idx,
                                         pj.pjmedia_srtp_setting *srtp_opt) noexcept nogil:
    cdef native.pyj_about about = native.pyj_about_call(call_id)
    cdef native.pyj_on_create_media_transport_srtp out
    out.media_idx = media_idx
    out.use = srtp_opt.use
    native.pyj_emit_about(native.PYJ_OnCreateMediaTransportSrtp, &out, &about, NULL, 0)


cdef void install_decision_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    cb.on_call_transfer_request2 = on_call_transfer_request2
    cb.on_call_replace_request2 = on_call_replace_request2
    cb.on_call_rx_offer = on_call_rx_offer
    cb.on_call_rx_reinvite = on_call_rx_reinvite
    cb.on_call_sdp_created = on_call_sdp_created
    cb.on_call_redirected = on_call_redirected
    cb.on_auth_challenge = on_auth_challenge
    cb.on_acc_find_for_incoming = on_acc_find_for_incoming
    cb.on_stream_precreate = on_stream_precreate
    # With it pjsua makes the media anew for every offer: only where somebody asked for that.
    if native.pyj_wanted(native.PYJ_OnCallTxOffer) or native.pyj_hook_set(native.PYJ_OnCallTxOffer):
        cb.on_call_tx_offer = on_call_tx_offer
    # Deprecated, which pjsua says in its log for every call while it is there.
    if native.pyj_wanted(native.PYJ_OnCreateMediaTransportSrtp):
        cb.on_create_media_transport_srtp = on_create_media_transport_srtp
