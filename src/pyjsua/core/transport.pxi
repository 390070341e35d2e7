# SIP transports.


def transport_create(type: int, cfg: object = None) -> object:
    """Makes a SIP transport and returns its `TransportId` (`pjsua_transport_create`).

    Raises `AddressInUse` when the port is taken, `ValueError` for a type PJSIP does not know.
    """
    cdef Arena arena = Arena()
    cdef int c_type = as_int(type, "type")
    cdef pj.pjsua_transport_config *c_cfg = <pj.pjsua_transport_config *>config_struct(
        arena, native.PYJ_TransportConfig, cfg, "cfg")
    cdef pj.pjsua_transport_id id = -1
    cdef uint64_t serial = 0
    cdef pj.pj_status_t status
    if c_type not in TRANSPORT_TYPES:
        raise ValueError(f"type: {c_type} is no transport this build has")
    as_number(c_cfg.port, "cfg.port", 0, 65535)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_transport_create(<pj.pjsip_transport_type_e>c_type, c_cfg, &id)
            if status == pj.PJ_SUCCESS:
                serial = native.pyj_serial_new()
                native.pyj_slot_set(native.PYJ_TRANSPORTS, id, serial)
            native.pyj_leave()
    if status != pj.PJ_SUCCESS and cfg is not None:
        check(status, "pjsua_transport_create", f"cfg.bound_addr {cfg.bound_addr!r}, cfg.port", cfg.port)
    check(status, "pjsua_transport_create")
    return TransportId(id, serial)


TRANSPORT_TYPES = frozenset(
    constant(f"PJSIP_TRANSPORT_{name}") for name in ("UDP", "TCP", "TLS", "UDP6", "TCP6", "TLS6"))


def transport_get_info(id: int) -> object:
    """A transport as `TransportInfo` (`pjsua_transport_get_info`)."""
    cdef uint64_t serial
    cdef int c_id = as_id(id, "id", native.PYJ_MAX_TRANSPORTS, TransportId, &serial)
    cdef pj.pjsua_transport_info info
    cdef void *block = NULL
    cdef pj.pj_status_t status
    memset(&info, 0, sizeof(info))
    with nogil:
        status = slot_enter(native.PYJ_TRANSPORTS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_transport_get_info(c_id, &info)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_TransportInfo], &info)
            slot_leave(native.PYJ_TRANSPORTS)
    check(status, "pjsua_transport_get_info", "id", id)
    return decode_and_free(native.PYJ_TransportInfo, block, Context())


def transport_close(id: int, force: bool = False) -> None:
    """Closes a transport (`pjsua_transport_close`)."""
    cdef uint64_t serial
    cdef int c_id = as_id(id, "id", native.PYJ_MAX_TRANSPORTS, TransportId, &serial)
    cdef pj.pj_bool_t c_force = as_bool(force, "force")
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TRANSPORTS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_transport_close(c_id, c_force)
            if status == pj.PJ_SUCCESS:
                native.pyj_slot_set(native.PYJ_TRANSPORTS, c_id, 0)
            slot_leave(native.PYJ_TRANSPORTS)
    check(status, "pjsua_transport_close", "id", id)


def transport_lis_start(id: int, cfg: object) -> None:
    """Starts the listener of a TCP or TLS transport that has none; UDP always listens (`pjsua_transport_lis_start`).

    A port must be named: C would bind whatever its stack held.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(id, "id", native.PYJ_MAX_TRANSPORTS, TransportId, &serial)
    cdef pj.pjsua_transport_config *c_cfg = listener_config(arena, cfg)
    cdef pj.pj_status_t status
    as_number(c_cfg.port, "cfg.port", 1, 65535)
    with nogil:
        status = slot_enter(native.PYJ_TRANSPORTS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_transport_lis_start(c_id, c_cfg)
            slot_leave(native.PYJ_TRANSPORTS)
    check(status, "pjsua_transport_lis_start", "id", id)


def transport_lis_restart(id: int, cfg: object) -> None:
    """Closes a transport's socket and opens it anew, at another port or address (`pjsua_transport_lis_restart`).

    Connections of TCP and TLS go on. A transport whose restart failed is deaf until the next one succeeds.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(id, "id", native.PYJ_MAX_TRANSPORTS, TransportId, &serial)
    cdef pj.pjsua_transport_config *c_cfg = listener_config(arena, cfg)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TRANSPORTS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_transport_lis_restart(c_id, c_cfg)
            slot_leave(native.PYJ_TRANSPORTS)
    if status in (native.PYJ_ESTALE, native.PYJ_ESTATE):
        check(status, "pjsua_transport_lis_restart", "id", id)
    check(status, "pjsua_transport_lis_restart", f"cfg.bound_addr {cfg.bound_addr!r}, cfg.port", cfg.port)


cdef pj.pjsua_transport_config *listener_config(Arena arena, object cfg) except NULL:
    cdef pj.pjsua_transport_config *out
    if cfg is None:
        raise TypeError("cfg: TransportConfig expected, not NoneType")
    out = <pj.pjsua_transport_config *>config_struct(arena, native.PYJ_TransportConfig, cfg, "cfg")
    as_number(out.port, "cfg.port", 0, 65535)
    return out


def enum_transports() -> list[object]:
    """Every transport's `TransportId` (`pjsua_enum_transports`)."""
    cdef pj.pjsua_transport_id ids[native.PYJ_MAX_TRANSPORTS]
    cdef unsigned count = native.PYJ_MAX_TRANSPORTS
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_transports(ids, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_transports")
    return [TransportId(ids[i], native.pyj_slot_serial(native.PYJ_TRANSPORTS, ids[i]))  # gil-ok: an atomic
            for i in range(count)]
