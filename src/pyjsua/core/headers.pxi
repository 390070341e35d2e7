# Headers on every message, also where PJSIP's functions take none.

# "BYE", "200 BYE", "2xx BYE", "* BYE"; a method may be "*".
cdef object WHICH = re.compile(r"(?:([1-6]\d\d|[1-6]xx|\*) )?([A-Z0-9\-.!%*_+`'~]{1,64})", re.IGNORECASE | re.ASCII)


cdef tuple message_class(object which):
    """Method, lowest and highest status code of the messages that are meant; 0 is the request, no method any."""
    if not isinstance(which, str):
        raise TypeError(f"which: str expected, not {type(which).__name__}")
    found = WHICH.fullmatch(which)
    if found is None:
        raise ValueError(f"which: {which!r} names no message; 'BYE', '200 BYE', '2xx *' or '*' would")
    code, method = found.groups()
    if "*" in method and method != "*":
        raise ValueError(f"which: {method!r} is no method")
    if method.upper() == "ACK" and code is not None:
        raise ValueError("which: nothing answers an ACK")
    if code is None:
        lowest, highest = 0, 699 if method == "*" else 0
    elif code == "*":
        lowest, highest = 100, 699
    elif code.isdigit():
        lowest = highest = int(code)
    else:
        lowest, highest = int(code[0]) * 100, int(code[0]) * 100 + 99
    return "" if method == "*" else method.upper(), lowest, highest


def check_headers(headers: object) -> object:
    """The headers as a tuple of pairs; raises for what is none, naming it by its place in `headers`."""
    out = []
    if isinstance(headers, (str, bytes)) or not hasattr(headers, "__iter__"):
        raise TypeError(f"headers: a sequence of (name, value) pairs expected, not {type(headers).__name__}")
    for i, pair in enumerate(headers):
        try:
            header, value = pair
        except (TypeError, ValueError):
            raise TypeError(f"headers[{i}]: a (name, value) pair expected") from None
        encode(header, f"headers[{i}] name")
        encode(value, f"headers[{i}] value")
        check_header(header, value, f"headers[{i}]")
        out.append((header, value))
    return tuple(out)


cdef pj.pj_str_t headers_text(Arena arena, object headers) except *:
    """The headers as they stand in a message, in one piece."""
    cdef pj.pj_str_t out
    lines = [f"{header}: {value}" for header, value in check_headers(headers)]
    out = arena.text("\r\n".join(lines), "headers", True)
    as_number(out.slen, "headers: bytes", 0, native.PYJ_MAX_ADDED)
    return out


def call_set_headers(call_id: int, which: str, headers: object, once: bool = False) -> None:
    """Headers every message of a kind gets that is sent in the call, from now on.

    `which` is a method, for its requests (``"BYE"``, ``"ACK"``, ``"PRACK"``); a status and a method, for the
    responses to it (``"200 BYE"``, ``"2xx INVITE"``, ``"* UPDATE"``), where the method may be ``"*"``; or ``"*"``
    for every message. `headers` are pairs of name and value, up to 8000 bytes; they take the place of those set
    before for the same `which`, and an empty sequence takes them back; with `once` they are for the next such message
    only, besides the others. A message gets those of its account
    (`acc_set_headers`) and then those of its call, from every kind it is of, besides what it was sent with. They last
    until PJSIP has forgotten the call, its last BYE and 200 included. A retransmission is what was sent first. A
    message that would not fit its packet goes without them, which the log says.

    Raises `ValueError` for what is no header, and for those that are PJSIP's to write (Via, From, To, Call-ID, CSeq,
    Max-Forwards, Content-Type, Content-Length, Record-Route, RSeq, RAck); `PjsuaError` (``PJ_ETOOMANY``) above 64 kinds.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    method, lowest, highest = message_class(which)
    cdef int c_lowest = lowest, c_highest = highest
    cdef pj.pj_str_t c_method = arena.text(method, "which")
    cdef pj.pj_str_t text = headers_text(arena, headers)
    cdef bint c_once = as_bool(once, "once")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_headers_set(c_id, &c_method, c_lowest, c_highest, c_once, &text)
            call_leave(held)
    check(status, "call_set_headers", "call_id", call_id)


def acc_set_headers(acc_id: int, which: str, headers: object) -> None:
    """Headers every message of a kind gets that an account sends, from now on until it is deleted.

    The arguments are those of `call_set_headers`. A message is an account's if its call is; a request outside of
    calls, REGISTER, MESSAGE or SUBSCRIBE, by its From, which is the account's URI; a response by the account the
    request was found to be for. Also after `acc_modify`. The INVITE of a call that is made has them too.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    method, lowest, highest = message_class(which)
    cdef int c_lowest = lowest, c_highest = highest
    cdef pj.pj_str_t c_method = arena.text(method, "which")
    cdef pj.pj_str_t text = headers_text(arena, headers)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_headers_set(c_id, &c_method, c_lowest, c_highest, &text)
            acc_leave()
    check(status, "acc_set_headers", "acc_id", acc_id)
