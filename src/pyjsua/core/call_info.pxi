# What is known of calls.

def call_get_info(call_id: int) -> object:
    """A call as `CallInfo` (`pjsua_call_get_info`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pjsua_call_info info
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = call_info(c_id, serial, &info)
            if status == pj.PJ_SUCCESS:
                block = native.pyj_pack_new(&native.pyj_structs[native.PYJ_CallInfo], &info)
            native.pyj_leave()
    check(status, "pjsua_call_get_info", "call_id", call_id)
    return decode_and_free(native.PYJ_CallInfo, block, context_of_call(c_id, serial))


cdef pj.pj_status_t call_info(int id, uint64_t serial, pj.pjsua_call_info *info) noexcept nogil:
    """pjsua_call_get_info of that incarnation: the slot is looked at before and after."""
    cdef pj.pj_status_t status
    if <unsigned>id >= pj.pjsua_call_get_max_count() or (serial and not native.pyj_call_holds(id, serial)):
        return native.PYJ_ESTALE
    status = pj.pjsua_call_get_info(id, info)
    if status != pj.PJ_SUCCESS or (serial and not native.pyj_call_holds(id, serial)):
        return native.PYJ_ESTALE
    return pj.PJ_SUCCESS


def call_is_active(call_id: int) -> bool:
    """Whether the call exists and is not hanging up (`pjsua_call_is_active`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int active = 0
    cdef void *held = NULL
    with nogil:
        if call_enter(c_id, serial, &held) == pj.PJ_SUCCESS:
            active = pj.pjsua_call_is_active(c_id)
            call_leave(held)
    return active != 0


def call_has_media(call_id: int) -> bool:
    """Whether the call has media running (`pjsua_call_has_media`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int has = 0
    cdef void *held = NULL
    with nogil:
        if call_enter(c_id, serial, &held) == pj.PJ_SUCCESS:
            has = pj.pjsua_call_has_media(c_id)
            call_leave(held)
    return has != 0


def call_get_conf_port(call_id: int) -> object:
    """Conference slot of the call's audio, -1 if it has none (`pjsua_call_get_conf_port`)."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int slot = -1
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            slot = pj.pjsua_call_get_conf_port(c_id)
            call_leave(held)
    check(status, "pjsua_call_get_conf_port", "call_id", call_id)
    return ConfPortId(slot, 0, CallId(c_id, serial or native.pyj_call_last_serial(c_id)))  # gil-ok: an atomic


def call_get_count() -> int:
    """Calls that take a slot, those still hanging up included (`pjsua_call_get_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_call_get_count()
            native.pyj_leave()
    check(status, "pjsua_call_get_count")
    return count


def call_get_max_count() -> int:
    """Calls there can be at once, `Config.max_calls` (`pjsua_call_get_max_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_call_get_max_count()
            native.pyj_leave()
    check(status, "pjsua_call_get_max_count")
    return count


def enum_calls() -> list[object]:
    """Every call's `CallId` (`pjsua_enum_calls`)."""
    cdef pj.pjsua_call_id ids[pj.PJSUA_MAX_CALLS]
    cdef unsigned count = pj.PJSUA_MAX_CALLS
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_calls(ids, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_calls")
    return [CallId(ids[i], native.pyj_call_last_serial(ids[i])) for i in range(count)]  # gil-ok: an atomic


def call_dump(call_id: int, with_media: bool = True, indent: str = "  ") -> str:
    """A call and its media as text for people (`pjsua_call_dump`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_bool_t c_media = as_bool(with_media, "with_media")
    cdef pj.pj_str_t c_indent = arena.text(indent, "indent")
    cdef unsigned size = 16384
    cdef char *buf = <char *>arena.block(size)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_dump(c_id, c_media, buf, size, c_indent.ptr)
            call_leave(held)
    check(status, "pjsua_call_dump", "call_id", call_id)
    return text_from_chars(buf)


def call_remote_has_cap(call_id: int, htype: int, hname: str | None, token: str) -> object:
    """Whether the other side says it can do `token`, as `DialogCapStatus` (`pjsua_call_remote_has_cap`).

    `htype` is `Hdr.ACCEPT` (types), `Hdr.ALLOW` (methods), `Hdr.SUPPORTED` (extensions), or `Hdr.OTHER` with the
    header's name in `hname`.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef int c_type = as_int(htype, "htype")
    cdef pj.pj_str_t *c_name = optional_text(arena, hname, "hname")
    cdef pj.pj_str_t c_token = arena.text(token, "token")
    cdef int found = 0
    cdef void *held = NULL
    cdef pj.pj_status_t status
    if c_type == pj.PJSIP_H_OTHER and not hname:
        raise ValueError("hname: Hdr.OTHER needs the name of the header")
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            found = pj.pjsua_call_remote_has_cap(c_id, c_type, c_name, &c_token)
            call_leave(held)
    check(status, "pjsua_call_remote_has_cap", "call_id", call_id)
    return enum_by_name("DialogCapStatus")(found)


def call_get_rem_nat_type(call_id: int) -> object:
    """NAT the other side's SDP says it is behind, as `NatType` (`pjsua_call_get_rem_nat_type`).

    Only PJSIP says it, with `Config.nat_type_in_sdp`; `NatType.UNKNOWN` otherwise.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef pj.pj_stun_nat_type found = pj.PJ_STUN_NAT_TYPE_UNKNOWN
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_call_get_rem_nat_type(c_id, &found)
            call_leave(held)
    check(status, "pjsua_call_get_rem_nat_type", "call_id", call_id)
    return enum_by_name("NatType")(<int>found)


def call_set_user_data(call_id: int, user_data: object) -> None:
    """Attaches any object to a call; None takes it back (`pjsua_call_set_user_data`).

    It is kept until the next call that is given one takes the slot, or the library goes.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    current_call(call_id, c_id, &serial, "pjsua_call_set_user_data")
    call_user_data.set(c_id, serial, user_data)


def call_get_user_data(call_id: int) -> object:
    """What was attached to a call, None for nothing (`pjsua_call_get_user_data`).

    An id that carries a serial finds it after the call has ended too.
    """
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    if serial:
        for slot in (c_id, -<long long>serial):
            found = call_user_data.get(slot, serial)
            if found is not None:
                return found
    current_call(call_id, c_id, &serial, "pjsua_call_get_user_data")
    return call_user_data.get(c_id, serial)


cdef int current_call(object call_id, int c_id, uint64_t *serial, str call) except -1:
    """Raises if the call has gone; gives a plain number the serial of whoever is there."""
    cdef uint64_t found = serial[0]
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, found, &held)
        if status == pj.PJ_SUCCESS:
            found = native.pyj_call_serial(c_id)
            call_leave(held)
    check(status, call, "call_id", call_id)
    serial[0] = found
    return 0
