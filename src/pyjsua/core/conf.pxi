# The conference bridge. A slot that belongs to a call or a WAV file is checked against its owner.

cdef int port_arg(object slot, str name, native.pyj_port *port) except -1:
    cdef uint64_t serial
    port.slot = as_id(slot, name, pj.PJSUA_MAX_CONF_PORTS, ConfPortId, &serial)
    port.owner = native.PYJ_OWNER_NONE
    port.owner_id = -1
    port.owner_serial = 0
    owner = getattr(slot, "owner", None)
    if owner is None:
        return 0
    if isinstance(owner, CallId):
        port.owner = native.PYJ_OWNER_CALL
    elif isinstance(owner, PlayerId):
        port.owner = native.PYJ_OWNER_PLAYER
    elif isinstance(owner, PcmPortId):
        port.owner = native.PYJ_OWNER_PCM
    elif isinstance(owner, TonegenId):
        port.owner = native.PYJ_OWNER_TONEGEN
    else:
        port.owner = native.PYJ_OWNER_RECORDER
    port.owner_id = owner
    port.owner_serial = owner.serial
    return 0


cdef inline pj.pj_status_t ports_enter(const native.pyj_port *ports, int count,
                                       native.pyj_ports_held *held) noexcept nogil:
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    cdef int i
    for i in range(count):
        if status == pj.PJ_SUCCESS and <unsigned>ports[i].slot >= pj.pjsua_conf_get_max_ports():
            native.pyj_leave()
            status = pj.PJ_EINVAL
    if status == pj.PJ_SUCCESS:
        status = native.pyj_ports_enter(ports, count, held)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline pj.pj_status_t port_hold(const native.pyj_port *port, native.pyj_ports_held *held) noexcept nogil:
    """`ports_enter` for one port, with its owner held even where the caller does not know who that is."""
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    if status == pj.PJ_SUCCESS:
        if <unsigned>port.slot >= pj.pjsua_conf_get_max_ports():
            status = pj.PJ_EINVAL
        else:
            status = native.pyj_port_hold(port, held)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline void ports_leave(native.pyj_ports_held *held) noexcept nogil:
    native.pyj_ports_leave(held)
    native.pyj_leave()


def conf_connect(source: int, sink: int) -> None:
    """Lets `sink` hear `source` (`pjsua_conf_connect`). Slot 0 is the sound device.

    The bridge carries it out on its clock; `OnConfOpCompleted` tells when, and with what outcome.
    """
    cdef native.pyj_port ports[2]
    cdef native.pyj_ports_held held
    cdef pj.pj_status_t status
    port_arg(source, "source", &ports[0])
    port_arg(sink, "sink", &ports[1])
    with nogil:
        status = ports_enter(ports, 2, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_connect(ports[0].slot, ports[1].slot)
            ports_leave(&held)
    check(status, "pjsua_conf_connect", f"source {source}, sink", sink)


def conf_connect2(source: int, sink: int, prm: object = None) -> None:
    """`conf_connect` with a `ConfConnectParam`: the gain of this one connection (`pjsua_conf_connect2`).

    It is set once: a connection that exists already keeps its gain, and `OnConfOpCompleted` says so.
    """
    cdef Arena arena = Arena()
    cdef native.pyj_port ports[2]
    cdef native.pyj_ports_held held
    cdef pj.pjsua_conf_connect_param *c_prm = <pj.pjsua_conf_connect_param *>config_struct(
        arena, native.PYJ_ConfConnectParam, prm, "prm")
    cdef pj.pj_status_t status
    gain(c_prm.level, "prm.level")
    port_arg(source, "source", &ports[0])
    port_arg(sink, "sink", &ports[1])
    with nogil:
        status = ports_enter(ports, 2, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_connect2(ports[0].slot, ports[1].slot, c_prm)
            ports_leave(&held)
    check(status, "pjsua_conf_connect2", f"source {source}, sink", sink)


def conf_adjust_conn_level(source: int, sink: int, level: float) -> None:
    """Changes the gain of a connection: 0.0 silent, 1.0 as it is (`pjmedia_conf_adjust_conn_level`).

    As asynchronous as connecting is; asked for after `conf_connect` it finds the connection.
    """
    cdef native.pyj_port ports[2]
    cdef native.pyj_ports_held held
    cdef float c_level = gain(level)
    cdef pj.pj_status_t status
    port_arg(source, "source", &ports[0])
    port_arg(sink, "sink", &ports[1])
    with nogil:
        status = ports_enter(ports, 2, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_conf_adjust_conn_level(ports[0].slot, ports[1].slot, c_level)
            ports_leave(&held)
    check(status, "pjmedia_conf_adjust_conn_level", f"source {source}, sink", sink)


def conf_disconnect(source: int, sink: int) -> None:
    """Undoes `conf_connect` (`pjsua_conf_disconnect`)."""
    cdef native.pyj_port ports[2]
    cdef native.pyj_ports_held held
    cdef pj.pj_status_t status
    port_arg(source, "source", &ports[0])
    port_arg(sink, "sink", &ports[1])
    with nogil:
        status = ports_enter(ports, 2, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_disconnect(ports[0].slot, ports[1].slot)
            ports_leave(&held)
    check(status, "pjsua_conf_disconnect", f"source {source}, sink", sink)


def conf_adjust_tx_level(slot: int, level: float) -> None:
    """Gain towards the port: 0.0 silent, 1.0 as it is (`pjsua_conf_adjust_tx_level`)."""
    cdef native.pyj_port port
    cdef native.pyj_ports_held held
    cdef float c_level = gain(level)
    cdef pj.pj_status_t status
    port_arg(slot, "slot", &port)
    with nogil:
        status = ports_enter(&port, 1, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_adjust_tx_level(port.slot, c_level)
            ports_leave(&held)
    check(status, "pjsua_conf_adjust_tx_level", "slot", slot)


def conf_adjust_rx_level(slot: int, level: float) -> None:
    """Gain from the port: 0.0 silent, 1.0 as it is (`pjsua_conf_adjust_rx_level`)."""
    cdef native.pyj_port port
    cdef native.pyj_ports_held held
    cdef float c_level = gain(level)
    cdef pj.pj_status_t status
    port_arg(slot, "slot", &port)
    with nogil:
        status = ports_enter(&port, 1, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_adjust_rx_level(port.slot, c_level)
            ports_leave(&held)
    check(status, "pjsua_conf_adjust_rx_level", "slot", slot)


cdef float gain(object level, str name="level") except? -1:
    if isinstance(level, bool) or not isinstance(level, (int, float)):
        raise TypeError(f"{name}: float expected, not {type(level).__name__}")
    # PJMEDIA keeps it as an int of 128ths.
    if not 0.0 <= level <= 128.0:
        raise ValueError(f"{name}: {level} is not between 0 and 128")
    return level


def conf_configure_port(slot: int, tx: int, rx: int) -> None:
    """Turns the directions of a port on and off: `PortOp` towards it and from it (`pjsua_conf_configure_port`)."""
    cdef native.pyj_port port
    cdef native.pyj_ports_held held
    cdef int c_tx = port_op(tx, "tx")
    cdef int c_rx = port_op(rx, "rx")
    cdef pj.pj_status_t status
    port_arg(slot, "slot", &port)
    with nogil:
        status = ports_enter(&port, 1, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_configure_port(port.slot, <pj.pjmedia_port_op>c_tx, <pj.pjmedia_port_op>c_rx)
            ports_leave(&held)
    check(status, "pjsua_conf_configure_port", "slot", slot)


cdef int port_op(object value, str name) except -1:
    return <int>as_number(value, name, constant("PJMEDIA_PORT_NO_CHANGE"), constant("PJMEDIA_PORT_ENABLE"))


def conf_get_signal_level(slot: int) -> tuple[int, int]:
    """Level of the last frame towards the port and from it, 0 to 255 (`pjsua_conf_get_signal_level`)."""
    cdef native.pyj_port port
    cdef native.pyj_ports_held held
    cdef unsigned tx = 0
    cdef unsigned rx = 0
    cdef pj.pj_status_t status
    port_arg(slot, "slot", &port)
    with nogil:
        status = ports_enter(&port, 1, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_get_signal_level(port.slot, &tx, &rx)
            ports_leave(&held)
    check(status, "pjsua_conf_get_signal_level", "slot", slot)
    return tx, rx


def conf_get_port_info(slot: int) -> object:
    """A port as `ConfPortInfo` (`pjsua_conf_get_port_info`)."""
    cdef native.pyj_port port
    cdef native.pyj_ports_held held
    cdef Arena arena = Arena()
    cdef pj.pjsua_conf_port_info *info = <pj.pjsua_conf_port_info *>arena.block(sizeof(pj.pjsua_conf_port_info))
    cdef void *block = NULL
    cdef pj.pj_status_t status
    port_arg(slot, "slot", &port)
    with nogil:
        status = port_hold(&port, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_conf_get_port_info(port.slot, info)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_ConfPortInfo], info)
            ports_leave(&held)
    check(status, "pjsua_conf_get_port_info", "slot", slot)
    return decode_and_free(native.PYJ_ConfPortInfo, block, Context())


def conf_get_max_ports() -> int:
    """Ports the bridge can hold, `MediaConfig.max_media_ports` (`pjsua_conf_get_max_ports`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_conf_get_max_ports()
            native.pyj_leave()
    check(status, "pjsua_conf_get_max_ports")
    return count


def conf_get_active_ports() -> int:
    """Ports in the bridge (`pjsua_conf_get_active_ports`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_conf_get_active_ports()
            native.pyj_leave()
    check(status, "pjsua_conf_get_active_ports")
    return count


def enum_conf_ports() -> list[object]:
    """Every port's slot (`pjsua_enum_conf_ports`)."""
    cdef pj.pjsua_conf_port_id ids[pj.PJSUA_MAX_CONF_PORTS]
    cdef unsigned count = pj.PJSUA_MAX_CONF_PORTS
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_conf_ports(ids, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_conf_ports")
    return [ConfPortId(ids[i]) for i in range(count)]
