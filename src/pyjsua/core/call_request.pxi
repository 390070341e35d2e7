# Requests within a call, and DTMF, which may be one.

def call_send_request(call_id: int, method: str, msg_data: object = None) -> int:
    """Sends a request of any other method within the call, such as INFO (`pjsua_call_send_request`).

    Returns its CSeq; the answer comes as an `OnCallTsxState` with the same. INVITE, UPDATE, BYE and their kin have functions of their own, since
    pjsua must know of them.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_str_t c_method = arena.text(method, "method")
    cdef pj.pjsua_msg_data *c_msg = optional_msg_data(arena, msg_data)
    cdef void *held = NULL
    cdef int cseq = 0
    cdef pj.pj_status_t status
    if not is_token(method):
        raise ValueError(f"method: {method!r} is not a SIP method")
    if method.upper() in OWN_METHODS:
        raise ValueError(f"method: {method} changes the call itself; use {OWN_METHODS[method.upper()]}")
    as_number(c_method.slen, "method: bytes", 1, 64)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_send_request(c_id, &c_method, c_msg)
            cseq = native.pyj_call_last_cseq(held)
            call_leave(held)
    check(status, "pjsua_call_send_request", "call_id", call_id)
    return cseq


cdef dict OWN_METHODS = {
    "INVITE": "call_reinvite",
    "ACK": "call_answer",
    "CANCEL": "call_hangup",
    "BYE": "call_hangup",
    "PRACK": "require_100rel",
    "UPDATE": "call_update",
}


def call_send_dtmf(call_id: int, digits: object, method: int = 0, duration: int = 0) -> int:
    """Sends DTMF digits (`pjsua_call_send_dtmf`).

    `digits` is a string, or a `CallSendDtmfParam` that says all. `method` is a `DtmfMethod`: RFC 4733 events
    in the audio stream, or SIP INFO. `duration` of a digit is in ms up to 8000, 0 for PJSIP's default. Returns
    when the digits are queued: 0, or the CSeq of the last INFO, which `OnCallTsxState` has too.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_send_dtmf_param param
    cdef void *held = NULL
    cdef int cseq = 0
    cdef pj.pj_status_t status
    if isinstance(digits, struct_by_index[native.PYJ_CallSendDtmfParam]):
        digits, method, duration = digits.digits, digits.method, digits.duration
    with nogil:
        pj.pjsua_call_send_dtmf_param_default(&param)
    param.digits = dtmf_text(arena, digits)
    if as_int(method, "method") not in DTMF_METHODS:
        raise ValueError(f"method: {method} is no DtmfMethod")
    param.method = <pj.pjsua_dtmf_method><int>method
    if dtmf_duration(duration):
        param.duration = dtmf_duration(duration)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_send_dtmf(c_id, &param)
            if param.method == pj.PJSUA_DTMF_METHOD_SIP_INFO:
                cseq = native.pyj_call_last_cseq(held)
            call_leave(held)
    check(status, "pjsua_call_send_dtmf", "call_id", call_id)
    return cseq


DTMF = frozenset("0123456789*#ABCDabcdRr")
DTMF_METHODS = frozenset({constant("PJSUA_DTMF_METHOD_RFC2833"), constant("PJSUA_DTMF_METHOD_SIP_INFO")})


cdef pj.pj_str_t dtmf_text(Arena arena, object digits) except *:
    cdef pj.pj_str_t out = arena.text(digits, "digits")
    if not digits or not DTMF.issuperset(digits):
        raise ValueError(f"digits: {digits!r} is not made of 0-9, *, #, A-D and R")
    return out


cdef unsigned dtmf_duration(object duration) except? 0xFFFFFFFF:
    # A digit's RTP duration is counted in 16 bits of the codec's clock.
    return <unsigned>as_number(duration, "duration", 0, 8000)


def call_dial_dtmf(call_id: int, digits: str) -> None:
    """Sends DTMF digits as RFC 4733 events (`pjsua_call_dial_dtmf`)."""
    call_dial_dtmf2(call_id, digits, 0)


def call_dial_dtmf2(call_id: int, digits: str, duration: int = 0) -> None:
    """Sends DTMF digits as RFC 4733 events of `duration` ms, 0 for PJSIP's default (`pjsua_call_dial_dtmf2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_str_t c_digits = dtmf_text(arena, digits)
    cdef unsigned c_duration = dtmf_duration(duration)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_dial_dtmf2(c_id, &c_digits, c_duration)
            call_leave(held)
    check(status, "pjsua_call_dial_dtmf2", "call_id", call_id)


def call_get_queued_dtmf_digits(call_id: int) -> int:
    """How many DTMF digits wait to be sent as RFC 4733 events (`pjsua_call_get_queued_dtmf_digits`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef unsigned count = 0
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_get_queued_dtmf_digits(c_id, &count)
            call_leave(held)
    check(status, "pjsua_call_get_queued_dtmf_digits", "call_id", call_id)
    return count
