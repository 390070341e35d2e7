# Calls. Check and action are one: both happen under the call's dialog lock.

call_user_data = UserData()

cdef inline pj.pj_status_t call_enter(int id, uint64_t serial, void **held) noexcept nogil:
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_call_enter(id, serial, held)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline void call_leave(void *held) noexcept nogil:
    native.pyj_call_leave(held)
    native.pyj_leave()


cdef int call_arg(object call_id, uint64_t *serial) except? -1:
    return as_id(call_id, "call_id", pj.PJSUA_MAX_CALLS, CallId, serial)


cdef unsigned status_code(object code, unsigned lowest) except? 0:
    return <unsigned>as_number(code, "code", lowest, 699)


# RFC 3261's callid: word [ "@" word ].
WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]+"
CALL_ID = re.compile(rf"{WORD}(?:@{WORD})?")


cdef int check_setting(pj.pjsua_call_setting *opt, bint in_dialog) except -1:
    """Refuses more media lines than an SDP has room for: pjsua counts them into fixed arrays."""
    cdef long long count
    if in_dialog and opt is not NULL:
        # It has one, and pjsua would keep a pointer to ours.
        memset(&opt.custom_call_id, 0, sizeof(opt.custom_call_id))
    if opt is not NULL:
        if opt.custom_call_id.slen and not CALL_ID.fullmatch(text_from(opt.custom_call_id)):
            raise ValueError(f"opt.custom_call_id: {text_from(opt.custom_call_id)!r} is no Call-ID")
        if opt.vid_cnt:
            raise ValueError(f"opt.vid_cnt: {opt.vid_cnt} given, and this build has no video")
        for name, count in (("aud_cnt", opt.aud_cnt), ("txt_cnt", opt.txt_cnt)):
            as_number(count, f"opt.{name}", 0, pj.PJMEDIA_MAX_SDP_MEDIA)
        count = <long long>opt.aud_cnt + opt.txt_cnt
        if opt.flag & pj.PJSUA_CALL_INCLUDE_DISABLED_MEDIA:
            count += (opt.aud_cnt == 0) + (opt.txt_cnt == 0)
        as_number(count, "opt.aud_cnt + opt.txt_cnt", 0, pj.PJMEDIA_MAX_SDP_MEDIA)
    return 0


def call_make_call(acc_id: int, dst_uri: str, opt: object = None, msg_data: object = None,
                   user_data: object = None, codecs: object = None) -> object:
    """Calls `dst_uri` and returns the `CallId` (`pjsua_call_make_call`).

    `user_data` is there for `call_get_user_data` from the first event on. `codecs` are what the call offers, as for
    `acc_set_codecs`; without them it offers what the account says.

    Progress comes as `OnCallState`. A call that fails at once raises and sends no event of its end. PJSIP
    looks for the STUN server, where one is set, before this returns.
    """
    cdef Arena arena = Arena()
    cdef uint64_t acc_serial
    cdef int c_acc = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &acc_serial)
    cdef pj.pj_str_t c_uri = uri_text(arena, dst_uri, "dst_uri")
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>config_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef native.pyj_codecs *c_codecs
    cdef pj.pjsua_call_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    check_setting(c_opt, False)
    c_codecs = codec_list(arena, codecs)
    # Events may come before the slot is known.
    unplaced = -<long long>serial
    call_user_data.set(unplaced, serial, user_data)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            native.pyj_stun_settle(c_acc)
            status = native.pyj_acc_enter(c_acc, acc_serial)
            if status == pj.PJ_SUCCESS:
                native.pyj_rtp_ports_seek(c_acc)
                native.pyj_make_call_begin(serial)
                status = native.pyj_codecs_set(serial, c_codecs)
                if status == pj.PJ_SUCCESS:
                    status = pj.pjsua_call_make_call(
                        c_acc, &c_uri, c_opt, native.pyj_call_user_data(serial), c_msg, &id)
                if status != pj.PJ_SUCCESS:
                    native.pyj_codecs_set(serial, NULL)
                native.pyj_make_call_end()
                if status == pj.PJ_SUCCESS:
                    # Media that is still being set up (ICE, STUN) means no callback has met the call yet.
                    native.pyj_call_serial(id)
                native.pyj_acc_leave()
            native.pyj_leave()
    if status == pj.PJ_SUCCESS and user_data is not None:
        call_user_data.set(id, serial, user_data)
    call_user_data.drop(unplaced, serial)
    if status == native.PYJ_ESTALE:
        check(status, "pjsua_call_make_call", "acc_id", acc_id)
    check(status, "pjsua_call_make_call", "dst_uri", dst_uri)
    return CallId(id, serial)


def call_answer(call_id: int, code: int = 200, reason: str | None = None, msg_data: object = None) -> None:
    """Answers with a provisional (180, 183), final (200) or rejecting response (`pjsua_call_answer`)."""
    call_answer2(call_id, None, code, reason, msg_data)


def call_answer2(call_id: int, opt: object = None, code: int = 200, reason: str | None = None,
                 msg_data: object = None) -> None:
    """`call_answer` with a `CallSetting`, which the first answer may carry (`pjsua_call_answer2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_code = status_code(code, 100)
    cdef pj.pj_str_t *c_reason = reason_text(arena, reason, "reason")
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>optional_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    check_setting(c_opt, True)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_answer2(c_id, c_opt, c_code, c_reason, c_msg)
            call_leave(held)
    check(status, "pjsua_call_answer2", "call_id", call_id)


def call_hangup(call_id: int, code: int = 0, reason: str | None = None, msg_data: object = None) -> None:
    """Ends a call: CANCEL, BYE or a rejection, as its state wants (`pjsua_call_hangup`).

    `code`, 300 to 699, is for an incoming call not yet answered; 0 lets PJSIP choose (603). The headers of
    `msg_data`, up to 8000 bytes, are on whichever of them ends the call, also on a CANCEL that has to wait for a
    provisional response, and on the BYE after a 200 that crossed it.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    # With any other PJSIP forgets the call and leaves the caller ringing.
    cdef unsigned c_code = status_code(code, 300) if code != 0 else 0
    cdef pj.pj_str_t *c_reason = reason_text(arena, reason, "reason")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_hangup(c_id, c_code, c_reason, c_msg)
            call_leave(held)
    check(status, "pjsua_call_hangup", "call_id", call_id)


def call_hangup_all() -> None:
    """Ends every call (`pjsua_call_hangup_all`)."""
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            pj.pjsua_call_hangup_all()
            native.pyj_leave()
    check(status, "pjsua_call_hangup_all")
