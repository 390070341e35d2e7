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
