# Our subscriptions to an event package of any name.

def acc_subscribe(
    acc_id: int,
    dst_uri: str,
    event: str,
    accept: Sequence[str] = (),
    expires: int = 3600,
    msg_data: object = None,
) -> SubscriptionId:
    """Subscribes to `event`, an event package of any name, such as ``"reg"`` (RFC 6665, `pjsip_evsub_create_uac`).

    `accept` are media types for the Accept header, none for no such header; `expires` is in seconds, 0 asks for one
    NOTIFY and the end. The headers of `msg_data` are of every SUBSCRIBE, its body of the first. A challenge is
    answered with the account's credentials, and PJSIP subscribes anew before the time is over. What comes of it is
    told by `OnSubscriptionState`, and by `OnNotify` for each NOTIFY. Packages are known to PJSIP until `destroy`,
    each by its name. Raises `ValueError` for a package or media type that is none.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_uri = uri_text(arena, dst_uri, "dst_uri")
    cdef pj.pj_str_t c_event = event_text(arena, event)
    cdef pj.pj_str_t c_accept
    cdef unsigned c_expires = <unsigned>as_number(expires, "expires", 0, 2147483647)
    cdef pj.pjsua_msg_data *c_data = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef native.pyj_serial_id out
    cdef pj.pj_status_t status
    c_accept = arena.text(accept_value(accept), "accept")
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_subscribe(c_id, &c_uri, &c_event, &c_accept, c_expires, c_data, &out)
            acc_leave()
    check(status, "pjsip_evsub_create_uac", "acc_id", acc_id)
    return SubscriptionId(out.id, out.serial)


cdef pj.pj_str_t event_text(Arena arena, object event) except *:
    cdef pj.pj_str_t out = arena.text(event, "event")
    if not is_token(event) or len(event) > 64:
        raise ValueError(f"event: {event!r} is no event package")
    return out


cdef str accept_value(object accept):
    if isinstance(accept, (str, bytes)) or not isinstance(accept, Sequence):
        raise TypeError(f"accept: a sequence of media types expected, not {type(accept).__name__}")
    values = list(accept)
    if len(values) > 32:
        raise ValueError(f"accept: {len(values)} media types are more than 32")
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"accept: str expected, not {type(value).__name__}")
        kind, _, subtype = value.partition("/")
        if not is_token(kind) or not is_token(subtype) or len(value) > 128:
            raise ValueError(f"accept: {value!r} is no media type")
    return ", ".join(values)


def subscription_refresh(subscription: int, expires: int | None = None) -> None:
    """Sends SUBSCRIBE again, for `expires` seconds from now on, None for as many as before; 0 ends it.

    Raises `StaleError` once it has ended.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(subscription, "subscription", 2147483647, SubscriptionId, &serial)
    cdef int c_expires = -1 if expires is None else <int>as_number(expires, "expires", 0, 2147483647)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_subscription_refresh(c_id, serial, c_expires)
            native.pyj_leave()
    check(status, "pjsip_evsub_initiate", "subscription", subscription)


def subscription_end(subscription: int) -> None:
    """Sends SUBSCRIBE with Expires 0; `OnSubscriptionState` with TERMINATED tells of the end.

    That comes with the notifier's last NOTIFY, and without one seconds after its answer, or 32 s after none.
    Raises `StaleError` once it has ended.
    """
    subscription_refresh(subscription, 0)
