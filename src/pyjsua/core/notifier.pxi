# Event packages accounts serve, and who subscribes to them.

# What has functions of its own, and what only a REFER makes.
cdef frozenset NOT_SERVED = frozenset({"presence", "refer"})
# PJSIP registers these itself, and grants no more.
cdef dict LONGEST = {"dialog": pj.PJSIP_DLG_EVENT_DEFAULT_EXPIRES, "message-summary": pj.PJSIP_MWI_DEFAULT_EXPIRES}


def acc_register_pkg(
    acc_id: int,
    event: str,
    accept: Sequence[str] = (),
    expires: int | None = None,
    min_expires: int = 0,
    resend: bool = True,
) -> None:
    """Lets others subscribe to `event`, an event package of any name but presence (`pjsip_evsub_register_pkg`).

    `accept` are the media types of its NOTIFYs, by preference: a SUBSCRIBE whose Accept names none of them is refused
    with 406; of none given, nothing is compared. `expires` is the most a subscriber is granted, in seconds, and what
    it gets where it asks for no time: 3600, or 600 for ``"dialog"``, of which PJSIP grants no more, as it grants no
    more than 3600 of ``"message-summary"``. Less than `min_expires` is refused with 423. With `resend` a refresh is
    answered with what the last NOTIFY told, and so is the end; without it a refresh is told of by
    `OnSubscriberRefresh` alone, and the end has no body.

    A SUBSCRIBE that comes is told by `OnSubscribe`; while nobody listens to that it is refused with 480. One for a
    package an account does not serve is refused with 489. Said again it counts from then on. Up to 31 for an account.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef native.pyj_package c_package
    cdef pj.pj_status_t status
    c_package.event = event_text(arena, event)
    name = event.lower()
    if name in NOT_SERVED:
        raise ValueError(f"event: {event!r} cannot be served so")
    longest = LONGEST.get(name, 2147483647)
    c_package.accept = arena.text(accept_value(accept), "accept")
    c_package.expires = <unsigned>as_number(min(3600, longest) if expires is None else expires, "expires", 1, longest)
    c_package.min_expires = <unsigned>as_number(min_expires, "min_expires", 0, c_package.expires)
    c_package.resend = as_bool(resend, "resend")
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_register_pkg(c_id, &c_package)
            acc_leave()
    check(status, "pjsip_evsub_register_pkg", "acc_id", acc_id)


def acc_unregister_pkg(acc_id: int, event: str) -> None:
    """Refuses who subscribes to `event` from now on; the subscriptions that stand go on.

    Raises `NotFound` for what the account does not serve.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_event = event_text(arena, event)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_unregister_pkg(c_id, &c_event)
            acc_leave()
    if status == pj.PJ_ENOTFOUND:
        check(status, "acc_unregister_pkg", "event", event)
    check(status, "acc_unregister_pkg", "acc_id", acc_id)


def subscribe_respond(request: int, code: int, reason: str | None = None, msg_data: object = None) -> object:
    """Decides about a SUBSCRIBE; `request` is `OnSubscribe.request`.

    200 or 202 accepts it and returns the `SubscriberId` (`pjsip_evsub_create_uas`, `pjsip_evsub_accept`): a NOTIFY is
    to follow at once. 300 to 699 refuses, with `reason`. Either has the headers of `msg_data`. Raises `StaleError`
    once it was decided, by whomever: after `policy.later_ms`, 20 s at most, it is refused with 480.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_request = as_id(request, "request", 2147483647, RequestId, &serial)
    cdef int c_code = <int>as_number(code, "code", 200, 699)
    cdef pj.pj_str_t *c_text = reason_text(arena, reason, "reason")
    cdef pj.pjsua_msg_data *c_data = <pj.pjsua_msg_data *>config_struct(
        arena, native.PYJ_MsgData, msg_data, "msg_data")
    cdef native.pyj_serial_id out
    cdef pj.pj_status_t status
    if c_code < 300 and c_code not in (200, 202):
        raise ValueError(f"code: {c_code} neither accepts (200, 202) nor refuses (300 to 699)")
    if c_code < 300 and reason is not None:
        raise ValueError(f"reason: PJSIP has its own for {c_code}")
    if c_data.msg_body.slen:
        raise ValueError("msg_data: only its headers can be sent with this answer")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_subscribe_respond(c_request, serial, c_code, c_text, c_data, &out)
            native.pyj_leave()
    check(status, "pjsip_evsub_accept", "request", request)
    return None if out.id < 0 else new_id(SubscriberId, out.id, out.serial)


def subscriber_notify(subscriber: int, state: int, state_str: str | None = None, reason: str | None = None,
                      retry_after: int | None = None, msg_data: object = None) -> int:
    """Sends NOTIFY to a subscriber, with the body and headers of `msg_data` (`pjsip_evsub_notify`).

    `state` is ACTIVE, PENDING or TERMINATED, or UNKNOWN with its name in `state_str`. TERMINATED ends it, for a
    `reason` such as "noresource" and with `retry_after` in seconds; any NOTIFY ends one that asked for 0 seconds.
    Returns the CSeq of the NOTIFY, by which `OnNotifyStatus` tells of its answer: not of the last one's, since
    `OnSubscriberState` tells the end at once. A NOTIFY that is refused ends the subscription, unless the answer has
    Retry-After. The next is best sent when the last was answered: one that overtakes another is refused. Raises
    `StaleError` once the subscription has ended.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(subscriber, "subscriber", 2147483647, SubscriberId, &serial)
    cdef native.pyj_notify what
    cdef int cseq = 0
    cdef pj.pj_status_t status
    what.state = <pj.pjsip_evsub_state>notify_state(state, state_str)
    what.state_str = optional_token(arena, state_str, "state_str")
    what.reason = optional_token(arena, reason, "reason")
    what.retry_after = -1 if retry_after is None else <int>as_number(retry_after, "retry_after", 0, 2147483647)
    what.msg_data = <pj.pjsua_msg_data *>config_struct(arena, native.PYJ_MsgData, msg_data, "msg_data")
    if what.state != pj.PJSIP_EVSUB_STATE_TERMINATED:
        if reason is not None:
            raise ValueError("reason: for the state TERMINATED only")
        if retry_after is not None:
            raise ValueError("retry_after: for the state TERMINATED only")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_subscriber_notify(c_id, serial, &what, &cseq)
            native.pyj_leave()
    check(status, "pjsip_evsub_notify", "subscriber", subscriber)
    return cseq
