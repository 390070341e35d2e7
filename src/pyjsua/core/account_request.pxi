# Requests of any method in an account's name, out of a dialog.

def acc_send_request(
    acc_id: int,
    dest_uri: str,
    method: str,
    token: object = None,
    msg_data: object = None,
) -> None:
    """Sends a request of any method to `dest_uri`, out of a dialog (`pjsua_acc_send_request`).

    The final answer comes as `OnAccSendRequest` with the `token` given here. A challenge is an answer like any
    other: it is not followed. Raises `ValueError` for what is no method; ACK is none, as nothing answers it.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_uri = uri_text(arena, dest_uri, "dest_uri")
    cdef pj.pj_str_t c_method = arena.text(method, "method")
    cdef pj.pjsua_msg_data *c_data = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef uint64_t number
    cdef pj.pj_status_t status
    if not is_token(method) or len(method) > 64 or method == "ACK":
        raise ValueError(f"method: {method!r} is no method that is answered")
    number = keep_token(native.PYJ_OnAccSendRequest, token)
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_send_request(c_id, &c_uri, &c_method, number, c_data)
            acc_leave()
    if status != pj.PJ_SUCCESS:
        take_token(number)
    check(status, "pjsua_acc_send_request", "acc_id", acc_id)


def acc_send_response(
    acc_id: int,
    request: int,
    st_code: int,
    st_text: str | None = None,
    msg_data: object = None,
) -> None:
    """Answers a MESSAGE that came to an account with `auto_repond_sip_message` off (`pjsua_acc_send_response`).

    `request` is `OnPager2.request`, `st_code` 200 to 699, `st_text` another reason phrase than the usual one. Of
    `msg_data` only the headers are sent. Raises `StaleError` if the MESSAGE was answered, which after
    `policy.later_ms` (20 s), with `acc_del` and with `destroy` is done with 480; while 1024 wait, with each that comes.
    """
    cdef Arena arena = Arena()
    cdef uint64_t acc_serial, serial
    cdef int c_acc = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &acc_serial)
    cdef int c_request = as_id(request, "request", 2147483647, RequestId, &serial)
    cdef int c_code = <int>as_number(st_code, "st_code", 200, 699)
    cdef pj.pj_str_t *c_text = reason_text(arena, st_text, "st_text")
    cdef pj.pjsua_msg_data *c_data = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef pj.pj_status_t status
    if c_data is not NULL and c_data.msg_body.slen:
        raise ValueError("msg_data: only its headers can be sent with this answer")
    with nogil:
        status = acc_enter(c_acc, acc_serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_send_response(c_acc, c_request, serial, c_code, c_text, c_data)
            acc_leave()
    if status == native.PYJ_ESTALE:
        check(status, "pjsua_acc_send_response", "request", request)
    check(status, "pjsua_acc_send_response", "st_text", st_text)
