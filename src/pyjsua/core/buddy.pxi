# Buddies. Their callbacks take no lock of ours, so check and action are one under it.

buddy_user_data = UserData()


cdef inline pj.pj_status_t buddy_enter(int id, uint64_t serial) noexcept nogil:
    """Enters with the buddy held, so that it cannot be deleted between the check and the call."""
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_buddy_enter(id, serial)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline void buddy_leave() noexcept nogil:
    native.pyj_buddy_leave()
    native.pyj_leave()


cdef int buddy_arg(object buddy_id, uint64_t *serial) except? -1:
    return as_id(buddy_id, "buddy_id", pj.PJSUA_MAX_BUDDIES, BuddyId, serial)


def buddy_add(cfg: object) -> object:
    """Adds a buddy and returns its `BuddyId` (`pjsua_buddy_add`).

    A subscription that is asked for is sent at once; how it goes comes as `OnBuddyState`.
    """
    cdef Arena arena = Arena()
    cdef uint64_t acc_serial = 0
    cdef int c_acc = -1
    cdef pj.pjsua_buddy_config *c_cfg = <pj.pjsua_buddy_config *>config_struct(
        arena, native.PYJ_BuddyConfig, cfg, "cfg")
    cdef pj.pjsua_buddy_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    if cfg is None:
        raise TypeError("cfg: BuddyConfig expected, not NoneType")
    uri_text(arena, cfg.uri, "cfg.uri")
    if cfg.acc_id != -1:
        c_acc = as_id(cfg.acc_id, "cfg.acc_id", pj.PJSUA_MAX_ACC, AccId, &acc_serial)
    c_cfg.user_data = <void *><size_t>serial
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            if c_acc >= 0:
                status = native.pyj_acc_enter(c_acc, acc_serial)
            if status == pj.PJ_SUCCESS:
                status = native.pyj_buddy_add(c_cfg, &id)
                if c_acc >= 0:
                    native.pyj_acc_leave()
            native.pyj_leave()
    if status == native.PYJ_ESTALE:
        check(status, "pjsua_buddy_add", "cfg.acc_id", cfg.acc_id)
    check(status, "pjsua_buddy_add", "cfg.uri", cfg.uri)
    return BuddyId(id, serial)


def buddy_del(buddy_id: int) -> None:
    """Deletes a buddy, ending its subscription (`pjsua_buddy_del`). No event of it comes any more."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_buddy_del(c_id, serial)
            native.pyj_leave()
    check(status, "pjsua_buddy_del", "buddy_id", buddy_id)
    buddy_user_data.drop(c_id, serial)


def buddy_is_valid(buddy_id: int) -> bool:
    """Whether the id names a buddy that exists (`pjsua_buddy_is_valid`)."""
    cdef uint64_t serial
    cdef int c_id
    cdef pj.pj_status_t status
    try:
        c_id = buddy_arg(buddy_id, &serial)
    except ValueError:
        return False
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            buddy_leave()
    return status == pj.PJ_SUCCESS


def get_buddy_count() -> int:
    """Number of buddies (`pjsua_get_buddy_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_get_buddy_count()
            native.pyj_leave()
    check(status, "pjsua_get_buddy_count")
    return count


def enum_buddies() -> list[object]:
    """Every buddy's `BuddyId` (`pjsua_enum_buddies`)."""
    cdef pj.pjsua_buddy_id ids[pj.PJSUA_MAX_BUDDIES]
    cdef uint64_t serials[pj.PJSUA_MAX_BUDDIES]
    cdef unsigned count = pj.PJSUA_MAX_BUDDIES
    cdef unsigned i
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            native.pyj_buddies_enter()
            status = pj.pjsua_enum_buddies(ids, &count)
            if status == pj.PJ_SUCCESS:
                for i in range(count):
                    serials[i] = native.pyj_buddy_serial(ids[i])
            buddy_leave()
    check(status, "pjsua_enum_buddies")
    return [BuddyId(ids[i], serials[i]) for i in range(count)]


def buddy_find(uri: str) -> object:
    """The `BuddyId` of a URI's user, host and port, -1 if there is none (`pjsua_buddy_find`)."""
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_uri = uri_text(arena, uri, "uri")
    cdef pj.pjsua_buddy_id id = -1
    cdef uint64_t serial = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            native.pyj_buddies_enter()
            id = pj.pjsua_buddy_find(&c_uri)
            serial = native.pyj_buddy_serial(id)
            buddy_leave()
    check(status, "pjsua_buddy_find")
    return BuddyId(id, serial)


def buddy_get_info(buddy_id: int) -> object:
    """A buddy and its presence as `BuddyInfo` (`pjsua_buddy_get_info`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef Context context = Context()
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            serial = native.pyj_buddy_serial(c_id)
            status = native.pyj_buddy_pack_info(c_id, &block)
            buddy_leave()
    check(status, "pjsua_buddy_get_info", "buddy_id", buddy_id)
    context.buddy = BuddyId(c_id, serial)
    return decode_and_free(native.PYJ_BuddyInfo, block, context)


def buddy_get_dlg_event_info(buddy_id: int) -> object:
    """A buddy's call as `BuddyDlgEventInfo` (`pjsua_buddy_get_dlg_event_info`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef Context context = Context()
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            serial = native.pyj_buddy_serial(c_id)
            status = native.pyj_buddy_pack_dlg_event_info(c_id, &block)
            buddy_leave()
    check(status, "pjsua_buddy_get_dlg_event_info", "buddy_id", buddy_id)
    context.buddy = BuddyId(c_id, serial)
    return decode_and_free(native.PYJ_BuddyDlgEventInfo, block, context)


def buddy_set_user_data(buddy_id: int, user_data: object) -> None:
    """Attaches an object to a buddy, None for nothing (`pjsua_buddy_set_user_data`). It goes with the buddy."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            serial = native.pyj_buddy_serial(c_id)
            buddy_leave()
    check(status, "pjsua_buddy_set_user_data", "buddy_id", buddy_id)
    buddy_user_data.set(c_id, serial, user_data)


def buddy_get_user_data(buddy_id: int) -> object:
    """What `buddy_set_user_data` attached, None for nothing (`pjsua_buddy_get_user_data`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            serial = native.pyj_buddy_serial(c_id)
            buddy_leave()
    check(status, "pjsua_buddy_get_user_data", "buddy_id", buddy_id)
    return buddy_user_data.get(c_id, serial)


def buddy_subscribe_pres(buddy_id: int, subscribe: bool) -> None:
    """Subscribes to a buddy's presence, or ends that (`pjsua_buddy_subscribe_pres`).

    A buddy has one subscription: to change from its calls to its presence, end the one first.
    """
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_bool_t c_subscribe = as_bool(subscribe, "subscribe")
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_buddy_subscribe_pres(c_id, c_subscribe)
            buddy_leave()
    check(status, "pjsua_buddy_subscribe_pres", "buddy_id", buddy_id)


def buddy_subscribe_dlg_event(buddy_id: int, subscribe: bool) -> None:
    """Subscribes to a buddy's calls (RFC 4235), or ends that (`pjsua_buddy_subscribe_dlg_event`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_bool_t c_subscribe = as_bool(subscribe, "subscribe")
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_buddy_subscribe_dlg_event(c_id, c_subscribe)
            buddy_leave()
    check(status, "pjsua_buddy_subscribe_dlg_event", "buddy_id", buddy_id)


def buddy_update_pres(buddy_id: int) -> None:
    """Subscribes to a buddy's presence if it should be and is not (`pjsua_buddy_update_pres`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_buddy_update_pres(c_id)
            buddy_leave()
    check(status, "pjsua_buddy_update_pres", "buddy_id", buddy_id)


def buddy_update_dlg_event(buddy_id: int) -> None:
    """Subscribes to a buddy's calls if it should be and is not (`pjsua_buddy_update_dlg_event`)."""
    cdef uint64_t serial
    cdef int c_id = buddy_arg(buddy_id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = buddy_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_buddy_update_dlg_event(c_id)
            buddy_leave()
    check(status, "pjsua_buddy_update_dlg_event", "buddy_id", buddy_id)
