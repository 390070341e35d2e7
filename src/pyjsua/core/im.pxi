# Messages, typing and real-time text.

cdef pj.pj_str_t *message_content(Arena arena, object content) except? NULL:
    """What a MESSAGE carries: text with whatever lines, or bytes."""
    cdef pj.pj_str_t *out
    cdef bytes data
    if content is None:
        return NULL
    data = bytes(content) if isinstance(content, (bytes, bytearray)) else encode(content, "content", True)
    arena.kept.append(data)
    out = <pj.pj_str_t *>arena.block(sizeof(pj.pj_str_t))
    out.ptr = PyBytes_AsString(data)
    out.slen = PyBytes_Size(data)
    return out


cdef pj.pj_str_t *mime_text(Arena arena, object mime_type) except? NULL:
    if mime_type is None:
        return NULL
    out = optional_text(arena, mime_type, "mime_type")
    kind, _, rest = mime_type.partition("/")
    subtype = rest.partition(";")[0].rstrip()
    if not is_token(kind) or not is_token(subtype):
        raise ValueError(f"mime_type: {mime_type!r} is not a media type")
    return out


cdef int check_content(object content, object msg_data) except -1:
    """PJSIP reads the body of what it sent when the answer comes, and takes it that there is one."""
    if content is None and not (msg_data is not None and msg_data.msg_body and msg_data.content_type):
        raise ValueError("content: None, and msg_data has no body with its content_type either")
    return 0


cdef uint64_t message_number(object user_data) except? 0:
    """What the message is known by until its fate is told, with `user_data` kept under it."""
    cdef uint64_t number = keep_token(native.PYJ_OnPagerStatus2, user_data)
    return number or native.pyj_serial_new()  # gil-ok: an atomic


def im_send(acc_id: int, to: str, mime_type: str | None = None, content: str | bytes | None = None,
            msg_data: object = None, user_data: object = None) -> None:
    """Sends a MESSAGE outside any call (`pjsua_im_send`).

    `mime_type` is "text/plain" when None; `content` may be None if `msg_data` has a body. What becomes of it
    comes as `OnPagerStatus2` with `user_data`. Over UDP a message of more than 1300 bytes goes by TCP, if
    there is a TCP transport.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_acc = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_to = uri_text(arena, to, "to")
    cdef pj.pj_str_t *c_mime = mime_text(arena, mime_type)
    cdef pj.pj_str_t *c_content = message_content(arena, content)
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef native.pyj_im_sending sending
    cdef uint64_t token
    cdef pj.pj_status_t status
    check_content(content, msg_data)
    token = message_number(user_data)
    with nogil:
        status = acc_enter(c_acc, serial)
        if status == pj.PJ_SUCCESS:
            native.pyj_im_begin(&sending, token)
            status = pj.pjsua_im_send(c_acc, &c_to, c_mime, c_content, c_msg, <void *><size_t>token)
            native.pyj_im_end(&sending, status)
            acc_leave()
    if status != pj.PJ_SUCCESS:
        take_token(token)
    if status == native.PYJ_ESTALE:
        check(status, "pjsua_im_send", "acc_id", acc_id)
    check(status, "pjsua_im_send", "to", to)


def im_typing(acc_id: int, to: str, is_typing: bool, msg_data: object = None) -> None:
    """Tells somebody that typing began or stopped, outside any call (RFC 3994, `pjsua_im_typing`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_acc = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_to = uri_text(arena, to, "to")
    cdef pj.pj_bool_t c_typing = as_bool(is_typing, "is_typing")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_acc, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_im_typing(c_acc, &c_to, c_typing, c_msg)
            acc_leave()
    if status == native.PYJ_ESTALE:
        check(status, "pjsua_im_typing", "acc_id", acc_id)
    check(status, "pjsua_im_typing", "to", to)


def call_send_im(call_id: int, mime_type: str | None = None, content: str | bytes | None = None,
                 msg_data: object = None, user_data: object = None) -> None:
    """Sends a MESSAGE in a call (`pjsua_call_send_im`); the arguments are those of `im_send`."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_str_t *c_mime = mime_text(arena, mime_type)
    cdef pj.pj_str_t *c_content = message_content(arena, content)
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef native.pyj_im_sending sending
    cdef uint64_t token
    cdef pj.pj_status_t status
    check_content(content, msg_data)
    token = message_number(user_data)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_has_dialog(c_id)
            if status == pj.PJ_SUCCESS:
                native.pyj_im_begin(&sending, token)
                status = pj.pjsua_call_send_im(c_id, c_mime, c_content, c_msg, <void *><size_t>token)
                native.pyj_im_end(&sending, status)
            call_leave(held)
    if status != pj.PJ_SUCCESS:
        take_token(token)
    check(status, "pjsua_call_send_im", "call_id", call_id)


def call_send_typing_ind(call_id: int, is_typing: bool, msg_data: object = None) -> None:
    """Tells the other side of a call that typing began or stopped (`pjsua_call_send_typing_ind`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_bool_t c_typing = as_bool(is_typing, "is_typing")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>optional_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_has_dialog(c_id)
            if status == pj.PJ_SUCCESS:
                status = pj.pjsua_call_send_typing_ind(c_id, c_typing, c_msg)
            call_leave(held)
    check(status, "pjsua_call_send_typing_ind", "call_id", call_id)


def call_send_text(call_id: int, param: object) -> None:
    """Sends real-time text (RFC 4103, `pjsua_call_send_text`); the call wants `CallSetting(txt_cnt=1)`.

    Text is sent every 300 ms, and 64 bytes of it may wait: more raises.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_send_text_param *c_param = <pj.pjsua_call_send_text_param *>config_struct(
        arena, native.PYJ_CallSendTextParam, param, "param")
    cdef void *held = NULL
    cdef pj.pj_status_t status
    if param is None:
        raise TypeError("param: CallSendTextParam expected, not NoneType")
    as_number(param.med_idx, "param.med_idx", -1, pj.PJMEDIA_MAX_SDP_MEDIA - 1)
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_send_text(c_id, c_param)
            call_leave(held)
    check(status, "pjsua_call_send_text", "call_id", call_id)
