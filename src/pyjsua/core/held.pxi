# Requests that were held ahead of PJSIP for a decision, and calls that are not let in.

def held_request_respond(request: int, code: int, reason: str | None = None, opt: object = None,
                         msg_data: object = None) -> object:
    """Decides about a request that waits; `request` is `OnHeldRequest.request`.

    A 2xx lets PJSIP go on with it as if it came now: it follows the REFER, replaces the call, takes the offer,
    accepts the subscription. `opt` is a `CallSetting` for the call it makes or changes. 300 to 699 refuses, with
    `reason`. The headers of `msg_data` are on the answer; a 2xx has them for a REFER, an UPDATE and a re-INVITE only.
    Returns the `CallId` of the call that came of it, None where none did: a target that cannot be called, a call that
    ended meanwhile. Raises `StaleError` once it was decided, by whomever, and `CallFailed` with its code where PJSIP
    refused an offer all the same, for want of a common codec (488) or since something of ours was under way (491).
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_request = as_id(request, "request", 2147483647, RequestId, &serial)
    cdef int c_code = <int>as_number(code, "code", 200, 699)
    cdef pj.pj_str_t *c_text = reason_text(arena, reason, "reason")
    cdef pj.pjsua_call_setting *c_opt = <pj.pjsua_call_setting *>optional_struct(
        arena, native.PYJ_CallSetting, opt, "opt")
    cdef pj.pjsua_msg_data *c_data = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef native.pyj_serial_id new_call
    cdef pj.pj_status_t status
    check_setting(c_opt, True)
    if c_data is not NULL and c_data.msg_body.slen:
        raise ValueError("msg_data: only its headers can be sent with this answer")
    if c_code < 300 and reason is not None:
        raise ValueError(f"code: PJSIP makes the {c_code}, without a reason")
    if c_code >= 300 and opt is not None:
        raise ValueError(f"opt: {c_code} makes no call")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_held_respond(c_request, serial, c_code, c_text, c_opt, c_data, &new_call)
            native.pyj_leave()
    if status == native.PYJ_ESTALE:
        check(status, "held_request_respond", "request", request)
    if status == pj.PJ_ENOTSUP:
        raise ValueError("msg_data: the 2xx to such a request takes no headers; see acc_set_headers")
    check(status, "held_request_respond", "reason", reason)
    return None if new_call.id < 0 else new_id(CallId, new_call.id, new_call.serial)


def call_hold_requests(call_id: int, which: int) -> None:
    """Which requests of the call's other side wait for `held_request_respond`, besides those of `Policy.held_requests`.

    `which` is a `HeldRequest`, 0 for none. As there they wait while somebody listens to `OnHeldRequest`; one that
    waits already goes on waiting.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int c_which = as_int(which, "which")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    if c_which & ~HELD_REQUESTS or c_which & native.PYJ_HELD_SUBSCRIBE:
        raise ValueError(f"which: {c_which} is no HeldRequest of a call")
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_dialog_hold_requests(c_id, c_which)
            call_leave(held)
    check(status, "call_hold_requests", "call_id", call_id)


def set_max_pending(max_pending: int, retry_after: int = 10) -> None:
    """Lets no more calls in while so many wait for an answer of ours; 0 is no limit, as at first.

    What comes then is answered 503, with Retry-After where `retry_after` seconds are not 0, before it costs a
    slot, a dialog or a socket; so is what repeats it for 32 s. Requests within dialogs, and an INVITE that
    replaces a call, are let in. PJSIP's worker threads may let in one each beyond that.
    """
    cdef int c_max = <int>as_number(max_pending, "max_pending", 0, pj.PJSUA_MAX_CALLS)
    cdef int c_after = <int>as_number(retry_after, "retry_after", 0, 86400)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if status == pj.PJ_SUCCESS:
            native.pyj_admission_limit(c_max, c_after)
            native.pyj_leave()
    check(status, "set_max_pending")


def set_draining(code: int, retry_after: int = 60) -> None:
    """Refuses every new call with `code`, 300 to 699, until it is set to 0; the calls there are go on.

    As `set_max_pending` does it. Calls that ring or wait already are let go on, and we may call.
    """
    cdef int c_code = 0 if code == 0 and not isinstance(code, bool) else <int>as_number(code, "code", 300, 699)
    cdef int c_after = <int>as_number(retry_after, "retry_after", 0, 86400)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if status == pj.PJ_SUCCESS:
            native.pyj_admission_drain(c_code, c_after)
            native.pyj_leave()
    check(status, "set_draining")


def get_admission() -> object:
    """Who is let in, and how many were not, as `Admission`; since `create`."""
    cdef native.pyj_admission out
    native.pyj_admission_get(&out)  # gil-ok: reads atomics, and a list under a lock nothing is done under
    return decode(native.PYJ_Admission, <const char *>&out, Context())
