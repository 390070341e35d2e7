# Calls. Check and action are one: both happen under the call's dialog lock.

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


cdef int check_setting(pj.pjsua_call_setting *opt, bint in_dialog) except -1:
    """Refuses more media lines than an SDP has room for: pjsua counts them into fixed arrays."""
    cdef long long count
    if in_dialog and opt is not NULL:
        # It has one, and pjsua would keep a pointer to ours.
        memset(&opt.custom_call_id, 0, sizeof(opt.custom_call_id))
    if opt is not NULL:
        if opt.vid_cnt:
            raise ValueError(f"opt.vid_cnt: {opt.vid_cnt} given, and this build has no video")
        for name, count in (("aud_cnt", opt.aud_cnt), ("txt_cnt", opt.txt_cnt)):
            as_number(count, f"opt.{name}", 0, pj.PJMEDIA_MAX_SDP_MEDIA)
        count = <long long>opt.aud_cnt + opt.txt_cnt
        as_number(count, "opt.aud_cnt + opt.txt_cnt", 0, pj.PJMEDIA_MAX_SDP_MEDIA)
    return 0


def call_make_call(acc_id: int, dst_uri: str, opt: object = None, msg_data: object = None) -> object:
    """Calls `dst_uri` and returns the `CallId` (`pjsua_call_make_call`).

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
    cdef pj.pjsua_call_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    check_setting(c_opt, False)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_enter(c_acc, acc_serial)
            if status == pj.PJ_SUCCESS:
                native.pyj_make_call_begin(serial)
                status = pj.pjsua_call_make_call(c_acc, &c_uri, c_opt, native.pyj_call_user_data(serial), c_msg, &id)
                native.pyj_make_call_end()
                if status == pj.PJ_SUCCESS:
                    # Media that is still being set up (ICE, STUN) means no callback has met the call yet.
                    native.pyj_call_serial(id)
                native.pyj_acc_leave()
            native.pyj_leave()
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
    cdef pj.pj_str_t *c_reason = optional_text(arena, reason, "reason")
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
            status = pj.pjsua_call_answer2(c_id, c_opt, c_code, c_reason, c_msg)
            call_leave(held)
    check(status, "pjsua_call_answer2", "call_id", call_id)


def call_hangup(call_id: int, code: int = 0, reason: str | None = None, msg_data: object = None) -> None:
    """Ends a call: CANCEL, BYE or a rejection, as its state wants (`pjsua_call_hangup`).

    `code`, 300 to 699, is for an incoming call not yet answered; 0 lets PJSIP choose (603).
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    # With any other PJSIP forgets the call and leaves the caller ringing.
    cdef unsigned c_code = status_code(code, 300) if code else 0
    cdef pj.pj_str_t *c_reason = optional_text(arena, reason, "reason")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_hangup(c_id, c_code, c_reason, c_msg)
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


def call_set_hold(call_id: int, msg_data: object = None) -> None:
    """Puts the other side on hold (`pjsua_call_set_hold`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_set_hold2(c_id, 0, c_msg)
            call_leave(held)
    check(status, "pjsua_call_set_hold2", "call_id", call_id)


def call_reinvite(call_id: int, opt: object = None, msg_data: object = None) -> None:
    """Sends a re-INVITE; `opt.flag` with `CallFlag.UNHOLD` ends a hold (`pjsua_call_reinvite2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
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
            status = pj.pjsua_call_reinvite2(c_id, c_opt, c_msg)
            call_leave(held)
    check(status, "pjsua_call_reinvite2", "call_id", call_id)


def call_send_dtmf(call_id: int, digits: str, method: int = 0, duration: int = 0) -> None:
    """Sends DTMF digits (`pjsua_call_send_dtmf`).

    `method` is a `DtmfMethod`: RFC 4733 events in the audio stream, or SIP INFO. `duration` of a digit is
    in ms, 0 for PJSIP's default. Returns when the digits are queued.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_send_dtmf_param param
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        pj.pjsua_call_send_dtmf_param_default(&param)
    param.digits = arena.text(digits, "digits")
    if not digits or not DTMF.issuperset(digits):
        raise ValueError(f"digits: {digits!r} is not made of 0-9, *, #, A-D and R")
    if as_int(method, "method") not in DTMF_METHODS:
        raise ValueError(f"method: {method} is no DtmfMethod")
    param.method = <pj.pjsua_dtmf_method><int>method
    if duration:
        param.duration = as_unsigned(duration, "duration")
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_send_dtmf(c_id, &param)
            call_leave(held)
    check(status, "pjsua_call_send_dtmf", "call_id", call_id)


DTMF = frozenset("0123456789*#ABCDabcdRr")
DTMF_METHODS = frozenset({constant("PJSUA_DTMF_METHOD_RFC2833"), constant("PJSUA_DTMF_METHOD_SIP_INFO")})


def call_dial_dtmf(call_id: int, digits: str) -> None:
    """Sends DTMF digits as RFC 4733 events (`pjsua_call_dial_dtmf`)."""
    call_send_dtmf(call_id, digits, 0)


def call_get_info(call_id: int) -> object:
    """A call as `CallInfo` (`pjsua_call_get_info`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_info info
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = call_info(c_id, serial, &info)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_CallInfo], &info)
            native.pyj_leave()
    check(status, "pjsua_call_get_info", "call_id", call_id)
    return decode_and_free(native.PYJ_CallInfo, block, context_of_call(c_id, serial))


cdef pj.pj_status_t call_info(int id, uint64_t serial, pj.pjsua_call_info *info) noexcept nogil:
    """pjsua_call_get_info of that incarnation: the slot is looked at before and after."""
    cdef pj.pj_status_t status
    if <unsigned>id >= pj.pjsua_call_get_max_count() or (serial and not native.pyj_call_holds(id, serial)):
        return native.PYJ_ESTALE
    status = pj.pjsua_call_get_info(id, info)
    if status != pj.PJ_SUCCESS or (serial and not native.pyj_call_holds(id, serial)):
        return native.PYJ_ESTALE
    return pj.PJ_SUCCESS


def call_is_active(call_id: int) -> bool:
    """Whether the call exists and is not hanging up (`pjsua_call_is_active`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int active = 0
    cdef void *held = NULL
    with nogil:
        if call_enter(c_id, serial, &held) == pj.PJ_SUCCESS:
            active = pj.pjsua_call_is_active(c_id)
            call_leave(held)
    return active != 0


def call_has_media(call_id: int) -> bool:
    """Whether the call has media running (`pjsua_call_has_media`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int has = 0
    cdef void *held = NULL
    with nogil:
        if call_enter(c_id, serial, &held) == pj.PJ_SUCCESS:
            has = pj.pjsua_call_has_media(c_id)
            call_leave(held)
    return has != 0


def call_get_conf_port(call_id: int) -> object:
    """Conference slot of the call's audio, -1 if it has none (`pjsua_call_get_conf_port`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int slot = -1
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            slot = pj.pjsua_call_get_conf_port(c_id)
            call_leave(held)
    check(status, "pjsua_call_get_conf_port", "call_id", call_id)
    return ConfPortId(slot, 0, CallId(c_id, serial or native.pyj_call_last_serial(c_id)))  # gil-ok: an atomic


def call_get_count() -> int:
    """Calls that take a slot, those still hanging up included (`pjsua_call_get_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_call_get_count()
            native.pyj_leave()
    check(status, "pjsua_call_get_count")
    return count


def call_get_max_count() -> int:
    """Calls there can be at once, `Config.max_calls` (`pjsua_call_get_max_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_call_get_max_count()
            native.pyj_leave()
    check(status, "pjsua_call_get_max_count")
    return count


def enum_calls() -> list[object]:
    """Every call's `CallId` (`pjsua_enum_calls`)."""
    cdef pj.pjsua_call_id ids[pj.PJSUA_MAX_CALLS]
    cdef unsigned count = pj.PJSUA_MAX_CALLS
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_calls(ids, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_calls")
    return [CallId(ids[i], native.pyj_call_last_serial(ids[i])) for i in range(count)]  # gil-ok: an atomic


def call_get_stream_stat(call_id: int, med_idx: int = 0) -> object:
    """Figures of an audio stream so far, as `StreamStat` (`pjsua_call_get_stream_stat`)."""
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


def call_dump(call_id: int, with_media: bool = True, indent: str = "  ") -> str:
    """A call and its media as text for people (`pjsua_call_dump`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_bool_t c_media = as_bool(with_media, "with_media")
    cdef pj.pj_str_t c_indent = arena.text(indent, "indent")
    cdef unsigned size = 16384
    cdef char *buf = <char *>arena.block(size)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_dump(c_id, c_media, buf, size, c_indent.ptr)
            call_leave(held)
    check(status, "pjsua_call_dump", "call_id", call_id)
    return text_from_chars(buf)
