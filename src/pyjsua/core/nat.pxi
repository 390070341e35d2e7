# What lies between us and the network: STUN servers, NAT, a change of address.

cdef pj.pj_str_t *server_list(Arena arena, object srv, unsigned limit, unsigned *count) except NULL:
    cdef pj.pj_str_t *out
    cdef size_t i
    if isinstance(srv, (str, bytes)) or not hasattr(srv, "__iter__"):
        raise TypeError(f"srv: a sequence of servers expected, not {type(srv).__name__}")
    servers = tuple(srv)
    if not 1 <= len(servers) <= limit:
        raise ValueError(f"srv: {len(servers)} servers, not 1 to {limit}")
    out = <pj.pj_str_t *>arena.block(len(servers) * sizeof(pj.pj_str_t))
    for i in range(len(servers)):
        out[i] = arena.text(servers[i], f"srv[{i}]")
        if not 0 < out[i].slen < 256:
            raise ValueError(f"srv[{i}]: {out[i].slen} bytes long, not 1 to 255")
    count[0] = <unsigned>len(servers)
    return out


def update_stun_servers(srv: object, wait: bool = False) -> None:
    """Replaces the STUN servers, at most eight, by ``"host:port"`` (`pjsua_update_stun_servers`).

    The first that answers is used; which, comes as `OnStunResolutionComplete`. With `wait` this returns after that, which
    takes seconds for each server that is silent, and raises `PjsuaError` when none answers and
    ``Config.stun_ignore_failure`` is off.
    """
    cdef Arena arena = Arena()
    cdef unsigned count = 0
    cdef pj.pj_str_t *c_srv = server_list(arena, srv, native.PYJ_STUN_SERVERS, &count)
    cdef pj.pj_bool_t c_wait = as_bool(wait, "wait")
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_update_stun_servers(count, c_srv, c_wait)
            native.pyj_leave()
    check(status, "pjsua_update_stun_servers", "srv", srv)


def resolve_stun_servers(srv: object, wait: bool = False, token: object = None) -> None:
    """Finds the first of some STUN servers that answers, at most 64 (`pjsua_resolve_stun_servers`).

    The result comes as `OnStunResolutionComplete` with `token`; the servers in use stay. With `wait` this returns after it,
    and raises `PjsuaError` when none answers.
    """
    cdef Arena arena = Arena()
    cdef unsigned count = 0
    cdef pj.pj_str_t *c_srv = server_list(arena, srv, 64, &count)
    cdef pj.pj_bool_t c_wait = as_bool(wait, "wait")
    cdef uint64_t number = keep_token(native.PYJ_OnStunResolutionComplete, token)
    cdef bint entered = False
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            entered = True
            status = native.pyj_resolve_stun_servers(count, c_srv, c_wait, number)
            native.pyj_leave()
    # Once PJSIP has it, its event brings the token back whatever became of it.
    if not entered:
        take_token(number)
    check(status, "pjsua_resolve_stun_servers", "srv", srv)


def cancel_stun_resolution(token: object, notify_cb: bool = False) -> None:
    """Gives up every resolution under way that was given an equal `token` (`pjsua_cancel_stun_resolution`).

    With `notify_cb` each still sends its event, with ``PJ_ECANCELLED``. Raises `PjsuaError` (``PJ_ENOTFOUND``) when
    there is none; a token is known only while `OnStunResolutionComplete` has a listener.
    """
    cdef pj.pj_bool_t c_notify = as_bool(notify_cb, "notify_cb")
    cdef pj.pj_status_t status
    cdef pj.pj_status_t found = pj.PJ_ENOTFOUND
    cdef uint64_t number
    if token is None:
        raise ValueError("token: None names no resolution")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            native.pyj_leave()
    check(status, "pjsua_cancel_stun_resolution")
    for number in tokens_like(native.PYJ_OnStunResolutionComplete, token):
        with nogil:
            status = native.pyj_enter(pj.PJSUA_STATE_INIT)
            if status == pj.PJ_SUCCESS:
                status = pj.pjsua_cancel_stun_resolution(<void *><size_t>number, c_notify)
                if status == pj.PJ_SUCCESS:
                    found = status
                native.pyj_leave()
        if status == pj.PJ_SUCCESS and not c_notify:
            take_token(number)
    check(found, "pjsua_cancel_stun_resolution", "token", token)


def detect_nat_type() -> None:
    """Finds out what kind of NAT is in the way, by the STUN server in use (`pjsua_detect_nat_type`).

    The result comes as `OnNatDetect`. Blocks while a STUN server is still being looked for. Raises `PjsuaError` when
    there is none.
    """
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_detect_nat_type()
            native.pyj_leave()
    check(status, "pjsua_detect_nat_type")


def get_nat_type() -> object:
    """What `detect_nat_type` found, a `NatType` (`pjsua_get_nat_type`).

    Raises `PjsuaError`: ``PJ_EPENDING`` until it is known, or why it could not be found.
    """
    cdef pj.pj_stun_nat_type found
    cdef pj.pj_status_t status
    memset(&found, 0, sizeof(found))
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_get_nat_type(&found)
            native.pyj_leave()
    check(status, "pjsua_get_nat_type")
    return enum_by_name("NatType")(<int>found)


def handle_ip_change(param: object = None) -> None:
    """Makes good for a change of our address: listeners, registrations, calls (`pjsua_handle_ip_change`).

    What is done comes as `OnIpChangeProgress`, COMPLETED last. A listener that is restarted listens on every interface
    afterwards, whatever its `bound_addr` was.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_ip_change_param *c_param = <pj.pjsua_ip_change_param *>config_struct(
        arena, native.PYJ_IpChangeParam, param, "param")
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_RUNNING)
        if status == pj.PJ_SUCCESS:
            # It restarts the listeners, and two restarts of one share a socket in PJSIP.
            native.pyj_slots_enter(native.PYJ_TRANSPORTS)
            status = pj.pjsua_handle_ip_change(c_param)
            native.pyj_slot_leave(native.PYJ_TRANSPORTS)
            native.pyj_leave()
    check(status, "pjsua_handle_ip_change")
