# Accounts.

cdef inline pj.pj_status_t acc_enter(int id, uint64_t serial) noexcept nogil:
    """Enters with the account held, so that it cannot go between the check and the call."""
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_acc_enter(id, serial)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline void acc_leave() noexcept nogil:
    native.pyj_acc_leave()
    native.pyj_leave()


cdef pj.pjsua_acc_config *acc_config(Arena arena, object cfg) except NULL:
    """The C struct, its URIs checked: pjsua names no culprit."""
    cdef pj.pjsua_acc_config *out = <pj.pjsua_acc_config *>config_struct(
        arena, native.PYJ_AccConfig, cfg, "cfg")
    as_number(cfg.rtp_cfg.port, "cfg.rtp_cfg.port", 0, 65535)
    uri_text(arena, cfg.id, "cfg.id")
    if cfg.reg_uri:
        uri_text(arena, cfg.reg_uri, "cfg.reg_uri")
    for i, proxy in enumerate(cfg.proxy):
        uri_text(arena, proxy, f"cfg.proxy[{i}]")
    return out


def acc_add(cfg: object, is_default: bool = True) -> object:
    """Adds an account and returns its `AccId`; registers it if it has a `reg_uri` (`pjsua_acc_add`).

    A transport must exist. Raises `ValueError` naming the field that is wrong.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_acc_config *c_cfg = acc_config(arena, cfg)
    cdef pj.pj_bool_t c_default = as_bool(is_default, "is_default")
    cdef pj.pjsua_acc_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    c_cfg.user_data = <void *><size_t>serial
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_acc_add(c_cfg, c_default, &id)
            native.pyj_leave()
    check(status, "pjsua_acc_add")
    return AccId(id, serial)


def acc_add_local(tid: int, is_default: bool = True) -> object:
    """Adds an account named after a transport's address, without registration (`pjsua_acc_add_local`)."""
    cdef uint64_t tid_serial
    cdef int c_tid = as_id(tid, "tid", TRANSPORTS, TransportId, &tid_serial)
    cdef pj.pj_bool_t c_default = as_bool(is_default, "is_default")
    cdef pj.pjsua_acc_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TRANSPORTS, c_tid, tid_serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_acc_add_local(c_tid, c_default, &id)
            if status == pj.PJ_SUCCESS:
                status = pj.pjsua_acc_set_user_data(id, <void *><size_t>serial)
            slot_leave(native.PYJ_TRANSPORTS)
    check(status, "pjsua_acc_add_local", "tid", tid)
    return AccId(id, serial)


def acc_del(acc_id: int) -> None:
    """Deletes an account, unregistering on its way (`pjsua_acc_del`).

    A REGISTER under way is given 200 ms to be answered first, or the registrar would keep its binding.
    Its calls go on.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_del(c_id, serial)
            native.pyj_leave()
    check(status, "pjsua_acc_del", "acc_id", acc_id)


def acc_modify(acc_id: int, cfg: object) -> None:
    """Changes an account's settings, registering anew where they ask for it (`pjsua_acc_modify`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pjsua_acc_config *c_cfg = acc_config(arena, cfg)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            c_cfg.user_data = <void *><size_t>native.pyj_acc_serial(c_id)
            status = pj.pjsua_acc_modify(c_id, c_cfg)
            acc_leave()
    check(status, "pjsua_acc_modify", "acc_id", acc_id)


def acc_set_registration(acc_id: int, renew: bool) -> None:
    """Registers or re-registers (`renew` true), or unregisters (`pjsua_acc_set_registration`).

    The outcome comes as `OnRegState2`.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_bool_t c_renew = as_bool(renew, "renew")
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_acc_set_registration(c_id, c_renew)
            acc_leave()
    check(status, "pjsua_acc_set_registration", "acc_id", acc_id)


def acc_get_info(acc_id: int) -> object:
    """An account as `AccInfo` (`pjsua_acc_get_info`)."""
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_pack_info(c_id, &native.pyj_structs[native.PYJ_AccInfo], &block)
            acc_leave()
    check(status, "pjsua_acc_get_info", "acc_id", acc_id)
    return decode_and_free(native.PYJ_AccInfo, block, context_of_acc(c_id))


def acc_is_valid(acc_id: int) -> bool:
    """Whether the id names an account that exists (`pjsua_acc_is_valid`)."""
    cdef uint64_t serial
    cdef int c_id
    cdef pj.pj_status_t status
    try:
        c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    except ValueError:
        return False
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            acc_leave()
    return status == pj.PJ_SUCCESS


def acc_get_count() -> int:
    """Number of accounts (`pjsua_acc_get_count`)."""
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_acc_get_count()
            native.pyj_leave()
    check(status, "pjsua_acc_get_count")
    return count


def acc_get_default() -> object:
    """The default account's `AccId`, -1 if there is none (`pjsua_acc_get_default`)."""
    cdef int id = -1
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            id = pj.pjsua_acc_get_default()
            native.pyj_leave()
    check(status, "pjsua_acc_get_default")
    return AccId(id, native.pyj_acc_serial(id))  # gil-ok: reads two words


def acc_set_default(acc_id: int) -> None:
    """Makes an account the default (`pjsua_acc_set_default`)."""
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_acc_set_default(c_id)
            acc_leave()
    check(status, "pjsua_acc_set_default", "acc_id", acc_id)


def enum_accs() -> list[object]:
    """Every account's `AccId` (`pjsua_enum_accs`)."""
    cdef pj.pjsua_acc_id ids[pj.PJSUA_MAX_ACC]
    cdef unsigned count = pj.PJSUA_MAX_ACC
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_accs(ids, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_accs")
    return [AccId(ids[i], native.pyj_acc_serial(ids[i])) for i in range(count)]  # gil-ok: reads two words
