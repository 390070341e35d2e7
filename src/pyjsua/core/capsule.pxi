# What other extension modules get: a table of C functions in a capsule (include/pyjsua_api.h).

cdef int native_port_arg(object conf_port, native.pyjsua_slot *slot) except -1:
    if not isinstance(conf_port, ConfPortId) or not isinstance(conf_port.owner, PcmPortId):
        raise TypeError(f"conf_port: the ConfPortId of a native port expected, not {conf_port!r}")
    slot.slot = conf_port
    slot.serial = conf_port.owner.serial
    return 0


def native_port_destroy(conf_port: int) -> None:
    """Takes a port that another extension module added out of the bridge (`port_remove` of pyjsua_api.h).

    Any thread, any number of times. Raises `TypeError` for another kind of port's slot.
    """
    cdef native.pyjsua_slot slot
    cdef int outcome
    native_port_arg(conf_port, &slot)
    with nogil:
        outcome = native.pyj_native_port_remove(&slot)
    # Gone with the library, or in another thread, or not ours to touch after a fork.
    if outcome not in (native.PYJSUA_OK, native.PYJSUA_ESTALE, native.PYJSUA_ESTATE):
        check(pj.PJ_EINVAL if outcome == native.PYJSUA_EINVAL else pj.PJ_EBUSY, "pjsua_conf_remove_port", "conf_port", conf_port)


def native_port_alive(conf_port: int) -> bool:
    """Whether a port that another extension module added is in the bridge. Raises `TypeError` as `native_port_destroy` does."""
    cdef native.pyjsua_slot slot
    native_port_arg(conf_port, &slot)
    return native.pyj_native_port_alive(&slot) != 0  # gil-ok: an atomic


cdef object api_conf_port(const native.pyjsua_slot *port):
    if port is NULL or not native.pyj_native_port_alive(port):  # gil-ok: an atomic
        check(native.PYJ_ESTALE, "conf_port")
    return ConfPortId(port.slot, 0, PcmPortId(port.slot, port.serial))


native.pyj_api.conf_port = api_conf_port
api = PyCapsule_New(<void *>&native.pyj_api, "pyjsua._core.api", NULL)
