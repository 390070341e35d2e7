# What an account says beforehand of what comes in.

cdef int fill_users(native.pyj_match *match, object users) except -1:
    cdef bytes text
    cdef native.pyj_user *user
    if isinstance(users, (str, bytes)) or not hasattr(users, "__iter__"):
        raise TypeError(f"users: a sequence of str expected, not {type(users).__name__}")
    for i, given in enumerate(users):
        if i == native.PYJ_MAX_MATCHES:
            raise ValueError(f"users: more than {native.PYJ_MAX_MATCHES}")
        if not isinstance(given, str):
            raise TypeError(f"users[{i}]: str expected, not {type(given).__name__}")
        text = encode(given, f"users[{i}]")
        user = &match.user[i]
        user.prefix = text.endswith(b"*")
        if user.prefix:
            text = text[:-1]
        if not text or len(text) > native.PYJ_MAX_USER:
            raise ValueError(f"users[{i}]: {len(text)} bytes long, not 1 to {native.PYJ_MAX_USER}")
        user.len = <unsigned>len(text)
        memcpy(user.text, PyBytes_AsString(text), len(text))
        match.user_count = <unsigned>i + 1
    return 0


cdef int fill_sources(native.pyj_match *match, object sources) except -1:
    import ipaddress
    cdef bytes packed
    cdef native.pyj_source *source
    if isinstance(sources, (str, bytes)) or not hasattr(sources, "__iter__"):
        raise TypeError(f"sources: a sequence of addresses expected, not {type(sources).__name__}")
    for i, given in enumerate(sources):
        if i == native.PYJ_MAX_MATCHES:
            raise ValueError(f"sources: more than {native.PYJ_MAX_MATCHES}")
        if not isinstance(given, str):
            raise TypeError(f"sources[{i}]: str expected, not {type(given).__name__}")
        try:
            network = ipaddress.ip_network(given, strict=False)
        except ValueError:
            raise ValueError(f"sources[{i}]: {given!r} is neither an address nor a network") from None
        packed = network.network_address.packed
        source = &match.source[i]
        source.version = network.version
        source.bits = network.prefixlen
        memcpy(source.addr, PyBytes_AsString(packed), len(packed))
        match.source_count = <unsigned>i + 1
    return 0


def acc_set_incoming_match(acc_id: int, users: object = (), sources: object = ()) -> None:
    """Which requests from outside any dialog are for an account, whatever pjsua would have chosen.

    Those to one of `users` of the Request-URI (``"5551234"``; ``"+4930*"`` is all that begin so), and from one of
    `sources` (``"192.0.2.7"``, ``"192.0.2.0/24"``, ``"2001:db8::/32"``); of none given, any will do. Of several accounts
    the first by priority has it, and a request that is for none goes where pjsua puts it: by the address in its To
    and Request-URI, else to the default account. Neither given takes it back. At most 64 of each. A hook
    `on_acc_find_for_incoming` is asked after it. pjsua.h has nothing like it.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef native.pyj_match *match = <native.pyj_match *>arena.block(sizeof(native.pyj_match))
    cdef pj.pj_status_t status
    fill_users(match, users)
    fill_sources(match, sources)
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_match_set(native.pyj_acc_serial(c_id), match)
            acc_leave()
    check(status, "acc_set_incoming_match", "acc_id", acc_id)


def acc_set_incoming_subscribe(acc_id: int, st_code: int | None) -> None:
    """How a SUBSCRIBE to this account's presence is answered, None for as `Policy.incoming_subscribe` says.

    `st_code` as there: 200 accepts and tells at once, 202 accepts and leaves the NOTIFY to `pres_notify`, 300 to 699
    refuses. pjsua.h has nothing like it.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef int c_code = 0 if st_code is None else <int>as_number(st_code, "st_code", 200, 699)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_subscribe_set(native.pyj_acc_serial(c_id), c_code)
            acc_leave()
    check(status, "acc_set_incoming_subscribe", "acc_id", acc_id)
