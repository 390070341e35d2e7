# Presence that others subscribe to.

def pres_notify(acc_id: int, srv_pres: int, state: int, state_str: str | None = None, reason: str | None = None,
                with_body: bool = True, msg_data: object = None) -> None:
    """Sends NOTIFY to one subscriber (`pjsua_pres_notify`).

    `state` is ACTIVE, PENDING or TERMINATED, or UNKNOWN with its name in `state_str`; `reason` is for
    TERMINATED, such as "rejected". The body tells the account's online status. Of a subscription that has
    ended `srv_pres` raises `StaleError`.
    """
    cdef Arena arena = Arena()
    cdef uint64_t acc_serial
    cdef uint64_t serial
    cdef int c_acc = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &acc_serial)
    cdef int c_id = as_id(srv_pres, "srv_pres", 2147483647, SrvPresId, &serial)
    cdef int c_state = notify_state(state, state_str)
    cdef pj.pj_str_t *c_state_str = optional_token(arena, state_str, "state_str")
    cdef pj.pj_str_t *c_reason = optional_token(arena, reason, "reason")
    cdef pj.pj_bool_t c_body = as_bool(with_body, "with_body")
    cdef pj.pjsua_msg_data *c_msg = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_acc, acc_serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_pres_notify(c_acc, c_id, serial, <pj.pjsip_evsub_state>c_state, c_state_str,
                                            c_reason, c_body, c_msg)
            acc_leave()
    check(status, "pjsua_pres_notify", "srv_pres", srv_pres)


cdef frozenset NOTIFY_STATES = frozenset(
    constant(name) for name in ("PJSIP_EVSUB_STATE_PENDING", "PJSIP_EVSUB_STATE_ACTIVE",
                                "PJSIP_EVSUB_STATE_TERMINATED", "PJSIP_EVSUB_STATE_UNKNOWN"))


cdef int notify_state(object state, object state_str) except -1:
    cdef int c_state = as_int(state, "state")
    if c_state not in NOTIFY_STATES:
        raise ValueError(f"state: a NOTIFY cannot say {c_state}")
    if (c_state == constant("PJSIP_EVSUB_STATE_UNKNOWN")) != (state_str is not None):
        raise ValueError("state_str: for the state UNKNOWN, and for that only")
    return c_state


cdef pj.pj_str_t *optional_token(Arena arena, object value, str name) except? NULL:
    cdef pj.pj_str_t *out = optional_text(arena, value, name)
    if out is not NULL and not is_token(value):
        raise ValueError(f"{name}: {value!r} is not a token")
    return out


def pres_dump(verbose: bool = False) -> str:
    """Presence subscriptions, ours and to us, as text for people (`pjsua_pres_dump`)."""
    cdef Arena arena = Arena()
    cdef pj.pj_bool_t c_verbose = as_bool(verbose, "verbose")
    cdef int size = 65536
    cdef char *buf = <char *>arena.block(size)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            native.pyj_pres_dump(buf, size, c_verbose)
            native.pyj_leave()
    check(status, "pjsua_pres_dump")
    return text_from_chars(buf)
