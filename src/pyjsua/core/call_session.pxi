# Changing a call that is there: hold, re-INVITE, UPDATE, transfer, redirection.

cdef pj.pjsua_msg_data *optional_msg_data(Arena arena, object msg_data) except? NULL:
    return <pj.pjsua_msg_data *>optional_struct(arena, native.PYJ_MsgData, msg_data, "msg_data")


cdef inline pj.pj_status_t call_enter_for_offer(int id, uint64_t serial, const pj.pjsua_call_setting *opt,
                                                void **held) noexcept nogil:
    """call_enter, if a re-INVITE may be sent, with no more media lines than pjsua has room for."""
    cdef pj.pj_status_t status = call_enter(id, serial, held)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_call_may_reinvite(id)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_media_room(id, opt)
        if status != pj.PJ_SUCCESS:
            call_leave(held[0])
    return status


cdef inline pj.pj_status_t call_enter_for_update(int id, uint64_t serial, const pj.pjsua_call_setting *opt,
                                                 void **held, bint offers) noexcept nogil:
    """The same of an UPDATE."""
    cdef pj.pj_status_t status = call_enter(id, serial, held)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_call_may_update(id, offers)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_media_room(id, opt)
        if status != pj.PJ_SUCCESS:
            call_leave(held[0])
    return status


def call_set_hold(call_id: int, msg_data: object = None) -> None:
    """Puts the other side on hold (`pjsua_call_set_hold`).

    What became of it is told by `OnCallMediaState`; `call_reinvite` with `CallFlag.UNHOLD` ends it. Both offer the
    codec in use, where the call's list has it.
    """
    call_set_hold2(call_id, 0, msg_data)


def call_set_hold2(call_id: int, options: int = 0, msg_data: object = None) -> None:
    """`call_set_hold` with `CallFlag.UPDATE_CONTACT` or `CallFlag.UPDATE_VIA` (`pjsua_call_set_hold2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter_for_offer(c_id, serial, NULL, &held)
        if status == pj.PJ_SUCCESS:
            native.pyj_codecs_keep(1)
            status = pj.pjsua_call_set_hold2(c_id, c_options, c_msg)
            native.pyj_codecs_keep(0)
            call_leave(held)
    check(status, "pjsua_call_set_hold2", "call_id", call_id)


def call_reinvite(call_id: int, opt: object = None, msg_data: object = None) -> None:
    """Sends a re-INVITE; `opt` is a `CallFlag` or a `CallSetting` (`pjsua_call_reinvite`).

    `CallFlag.UNHOLD` ends a hold. What became of it is told by `OnCallMediaState`.
    """
    cdef Arena arena
    cdef uint64_t serial
    cdef int c_id
    cdef unsigned c_options
    cdef pj.pjsua_msg_data *c_msg
    cdef void *held = NULL
    cdef pj.pj_status_t status
    if not isinstance(opt, int) or isinstance(opt, bool):
        call_reinvite2(call_id, opt, msg_data)
        return
    arena = Arena()
    c_id = call_arg(call_id, &serial)
    c_options = as_unsigned(opt, "opt")
    c_msg = optional_msg_data(arena, msg_data)
    with nogil:
        status = call_enter_for_offer(c_id, serial, NULL, &held)
        if status == pj.PJ_SUCCESS:
            native.pyj_codecs_keep(c_options & pj.PJSUA_CALL_UNHOLD)
            status = pj.pjsua_call_reinvite(c_id, c_options, c_msg)
            native.pyj_codecs_keep(0)
            call_leave(held)
    check(status, "pjsua_call_reinvite", "call_id", call_id)


def call_reinvite2(call_id: int, opt: object = None, msg_data: object = None) -> None:
    """Sends a re-INVITE; without `opt` the call's settings stay (`pjsua_call_reinvite2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>optional_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    check_setting(c_opt, True)
    with nogil:
        status = call_enter_for_offer(c_id, serial, c_opt, &held)
        if status == pj.PJ_SUCCESS:
            native.pyj_codecs_keep(c_opt != NULL and c_opt.flag & pj.PJSUA_CALL_UNHOLD)
            status = pj.pjsua_call_reinvite2(c_id, c_opt, c_msg)
            native.pyj_codecs_keep(0)
            call_leave(held)
    check(status, "pjsua_call_reinvite2", "call_id", call_id)


def call_update(call_id: int, options: int = 0, msg_data: object = None) -> None:
    """Sends an UPDATE with an offer, RFC 3311; `options` are `CallFlag` (`pjsua_call_update`).

    With `CallFlag.NO_SDP_OFFER` it has none. Raises if the other side does not allow UPDATE, and `InvalidState`,
    with an offer or without, while another waits for its answer.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter_for_update(c_id, serial, NULL, &held, not c_options & pj.PJSUA_CALL_NO_SDP_OFFER)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_update(c_id, c_options, c_msg)
            call_leave(held)
    check(status, "pjsua_call_update", "call_id", call_id)


def call_update2(call_id: int, opt: object = None, msg_data: object = None) -> None:
    """`call_update` with a `CallSetting`; without one the call's settings stay (`pjsua_call_update2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>optional_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    check_setting(c_opt, True)
    with nogil:
        status = call_enter_for_update(
            c_id, serial, c_opt, &held, c_opt is NULL or not c_opt.flag & pj.PJSUA_CALL_NO_SDP_OFFER)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_update2(c_id, c_opt, c_msg)
            call_leave(held)
    check(status, "pjsua_call_update2", "call_id", call_id)


def call_xfer(call_id: int, dest: str, msg_data: object = None) -> None:
    """Asks the other side to call `dest` instead: REFER, RFC 3515 (`pjsua_call_xfer`).

    `dest` is a SIP URI, in angle brackets when it has headers. `OnCallTransferStatus` tells how it goes;
    the call stays until it is hung up.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_str_t c_dest = uri_text(arena, dest, "dest")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_xfer(c_id, &c_dest, c_msg)
            call_leave(held)
    check(status, "pjsua_call_xfer", "call_id", call_id)


def call_xfer_replaces(call_id: int, dest_call_id: int, options: int = 0, msg_data: object = None) -> None:
    """Joins the other sides of two calls: REFER with Replaces, RFC 3891 (`pjsua_call_xfer_replaces`).

    The other side of `call_id` is asked to take our place in `dest_call_id`. `options` may be
    `XFER_NO_REQUIRE_REPLACES`. `OnCallTransferStatus` tells how it goes.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef uint64_t dest_serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int c_dest = as_id(dest_call_id, "dest_call_id", pj.PJSUA_MAX_CALLS, CallId, &dest_serial)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef void *dest_held = NULL
    cdef bint bad_dest = False
    cdef pj.pj_status_t status
    if c_id == c_dest:
        raise ValueError(f"dest_call_id: {int(dest_call_id)} is the call that is transferred")
    with nogil:
        # Two threads that join the same two calls must not each hold the other's dialog.
        if c_id < c_dest:
            status = call_enter(c_id, serial, &held)
        else:
            status = call_enter(c_dest, dest_serial, &dest_held)
            bad_dest = status != pj.PJ_SUCCESS
        if status == pj.PJ_SUCCESS:
            if c_id < c_dest:
                status = call_enter(c_dest, dest_serial, &dest_held)
                bad_dest = status != pj.PJ_SUCCESS
            else:
                status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_xfer_replaces(c_id, c_dest, c_options, c_msg)
        elif held is NULL and call_enter(c_id, serial, &held) != pj.PJ_SUCCESS:
            # Neither is there: the first argument is named.
            bad_dest = False
        if held is not NULL:
            call_leave(held)
        if dest_held is not NULL:
            call_leave(dest_held)
    if bad_dest:
        check(status, "pjsua_call_xfer_replaces", "dest_call_id", dest_call_id)
    check(status, "pjsua_call_xfer_replaces", "call_id", call_id)


def call_process_redirect(call_id: int, cmd: int) -> None:
    """Follows a redirection that was left pending, or not; `cmd` is a `RedirectOp` (`pjsua_call_process_redirect`).

    Raises where none waits. `RedirectOp.REJECT` goes on to the next target, or ends the call after the last.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int c_cmd = as_int(cmd, "cmd")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    if c_cmd not in REDIRECT_OPS:
        raise ValueError(f"cmd: {c_cmd} is no RedirectOp that decides")
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_process_redirect(c_id, <pj.pjsip_redirect_op>c_cmd)
            call_leave(held)
    check(status, "pjsua_call_process_redirect", "call_id", call_id)


REDIRECT_OPS = frozenset(
    constant(f"PJSIP_REDIRECT_{name}") for name in ("REJECT", "ACCEPT", "ACCEPT_REPLACE", "STOP"))


def call_answer_with_sdp(call_id: int, sdp: object, opt: object = None, code: int = 200, reason: str | None = None,
                         msg_data: object = None) -> None:
    """Answers an INVITE or re-INVITE with this SDP, an `Sdp` or its text (`pjsua_call_answer_with_sdp`).

    Raises `ValueError` for text that is no session description or has more in it than PJMEDIA keeps, and
    `PjsuaError` when no offer waits for an answer.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_str_t c_sdp = sdp_text(arena, sdp, "sdp")
    cdef unsigned c_code = status_code(code, 100)
    cdef pj.pj_str_t *c_reason = reason_text(arena, reason, "reason")
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>optional_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef int bad_sdp = 0
    cdef pj.pj_status_t status
    check_setting(c_opt, True)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_answer_with_sdp(c_id, &c_sdp, c_opt, c_code, c_reason, c_msg, &bad_sdp)
            call_leave(held)
    if bad_sdp:
        raise ValueError(f"sdp: {status_text(status)}")
    check(status, "pjsua_call_answer_with_sdp", "call_id", call_id)


cdef pj.pj_str_t sdp_text(Arena arena, object sdp, str name) except *:
    """A session description PJMEDIA keeps whole: what is beyond its arrays it would leave out without a word."""
    if isinstance(sdp, str):
        sdp = Sdp(sdp)
    if not isinstance(sdp, Sdp):
        raise TypeError(f"{name}: str or Sdp expected, not {type(sdp).__name__}")
    as_number(len(sdp.media), f"{name}: media lines", 0, pj.PJMEDIA_MAX_SDP_MEDIA)
    for section in (sdp.session, *sdp.media):
        as_number(len(section.values("a")), f"{name}: attributes", 0, pj.PJMEDIA_MAX_SDP_ATTR)
        as_number(len(section.values("b")), f"{name}: bandwidths", 0, pj.PJMEDIA_MAX_SDP_BANDW)
    for media in sdp.media:
        as_number(len(media.formats), f"{name}: formats", 0, pj.PJMEDIA_MAX_SDP_FMT)
    return arena.text(str(sdp), name, True)
