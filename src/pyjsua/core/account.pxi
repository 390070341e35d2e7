# Accounts.

acc_user_data = UserData()


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
    cdef pj.pjsua_acc_config *out = <pj.pjsua_acc_config *>required_struct(
        arena, native.PYJ_AccConfig, cfg, "cfg")
    cdef uint64_t serial = 0
    cdef uint64_t now
    as_number(cfg.rtp_cfg.port, "cfg.rtp_cfg.port", 0, 65535)
    if cfg.ka_interval == 1:
        # PJSIP waits 80 to 100 % of it, in whole seconds: nothing.
        raise ValueError("cfg.ka_interval: 1 would send without a pause; 0 turns it off, 2 is the least")
    if (cfg.contact_rewrite_method & 3) not in (1, 2):
        # PJSIP asserts, and goes on with a REGISTER that collides with the one before.
        raise ValueError("cfg.contact_rewrite_method: one of UNREGISTER and NO_UNREG is wanted, beside what else there is")
    as_number(cfg.txt_red_level, "cfg.txt_red_level", 0, pj.PJMEDIA_TXT_STREAM_MAX_RED_LEVELS)
    # pjsua would keep the pointers in it, and nothing reads it.
    if cfg.rtp_cfg.tls_setting != type(cfg.rtp_cfg.tls_setting)():
        raise ValueError("cfg.rtp_cfg.tls_setting: media has no TLS; see use_srtp")
    uri_text(arena, cfg.id, "cfg.id")
    if cfg.reg_uri:
        uri_text(arena, cfg.reg_uri, "cfg.reg_uri")
    for i, proxy in enumerate(cfg.proxy):
        route_text(arena, proxy, f"cfg.proxy[{i}]")
    if out.transport_id != -1:
        # pjsua looks it up in its array as it stands.
        as_id(cfg.transport_id, "cfg.transport_id", native.PYJ_MAX_TRANSPORTS, TransportId, &serial)
        now = native.pyj_slot_serial(native.PYJ_TRANSPORTS, out.transport_id)  # gil-ok: an atomic
        if now == 0 or serial not in (0, now):
            check(native.PYJ_ESTALE, "pjsua_acc_add", "cfg.transport_id", cfg.transport_id)
    return out


def acc_add(cfg: object, is_default: bool = True, codecs: object = None) -> object:
    """Adds an account and returns its `AccId`; registers it if it has a `reg_uri` (`pjsua_acc_add`).

    A transport must exist. `codecs` as for `acc_set_codecs`, in force from the first call on. Raises `ValueError` naming the field that is wrong.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_acc_config *c_cfg = acc_config(arena, cfg)
    cdef pj.pj_bool_t c_default = as_bool(is_default, "is_default")
    cdef native.pyj_codecs *c_codecs = codec_list(arena, codecs)
    cdef pj.pjsua_acc_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    c_cfg.user_data = <void *><size_t>serial
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codecs_set(serial, c_codecs)
            if status == pj.PJ_SUCCESS:
                status = native.pyj_acc_name_set(serial, &c_cfg.id)
            if status == pj.PJ_SUCCESS:
                status = pj.pjsua_acc_add(c_cfg, c_default, &id)
            if status != pj.PJ_SUCCESS:
                native.pyj_codecs_set(serial, NULL)
                native.pyj_acc_name_drop(serial)
            native.pyj_leave()
    check(status, "pjsua_acc_add")
    return AccId(id, serial)


def acc_add_local(tid: int, is_default: bool = True) -> object:
    """Adds an account named after a transport's address, without registration (`pjsua_acc_add_local`)."""
    cdef uint64_t tid_serial
    cdef int c_tid = as_id(tid, "tid", native.PYJ_MAX_TRANSPORTS, TransportId, &tid_serial)
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
                native.pyj_acc_name_update(id)
            slot_leave(native.PYJ_TRANSPORTS)
    check(status, "pjsua_acc_add_local", "tid", tid)
    return AccId(id, serial)


cdef int delete_account(object acc_id, bint force, str call) except -1:
    cdef uint64_t serial
    cdef int c_id = current_acc(acc_id, call, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_del(c_id, serial, force)
            native.pyj_leave()
    check(status, call, "acc_id", acc_id)
    acc_user_data.drop(c_id, serial)
    return 0


def acc_del(acc_id: int) -> None:
    """Deletes an account, unregistering on its way (`pjsua_acc_del`).

    A REGISTER under way is given 200 ms to be answered first, or the registrar would keep its binding. Nobody waits
    here for the answer to what is sent then, but `destroy` does. Its calls go on.
    """
    delete_account(acc_id, True, "pjsua_acc_del")


def acc_del2(acc_id: int, prm: object = None) -> None:
    """Deletes an account as `acc_del` does; without ``prm.force`` only if it has no call (`pjsua_acc_del2`).

    `prm` left out is not forced. Raises `PjsuaError` (``PJ_EBUSY``) while it has a call, and leaves it registered.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_acc_del_param *c_prm = <pj.pjsua_acc_del_param *>config_struct(
        arena, native.PYJ_AccDelParam, prm, "prm")
    delete_account(acc_id, c_prm.force, "pjsua_acc_del2")


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
            # Before the REGISTER that it may send, and after it as things are.
            native.pyj_acc_name_set(native.pyj_acc_serial(c_id), &c_cfg.id)
            status = pj.pjsua_acc_modify(c_id, c_cfg)
            native.pyj_acc_name_update(c_id)
            native.pyj_acc_headers_moved(c_id)
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


def acc_get_config(acc_id: int) -> object:
    """An account's settings as `AccConfig`, to change and hand to `acc_modify` (`pjsua_acc_get_config`).

    As PJSIP uses them: `ice_cfg` and `turn_cfg` are those of `MediaConfig` unless `ice_cfg_use` and
    `turn_cfg_use` say otherwise.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_pack_config(c_id, &native.pyj_structs[native.PYJ_AccConfig], &block)
            acc_leave()
    check(status, "pjsua_acc_get_config", "acc_id", acc_id)
    return decode_and_free(native.PYJ_AccConfig, block, Context())


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


cdef object existing_acc(int id):
    """pjsua names account 0 as the default even while there is none."""
    cdef uint64_t serial = native.pyj_acc_serial(id)  # gil-ok: reads two words
    return AccId(id, serial) if serial else AccId(-1, 0)


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
    return existing_acc(id)


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


def acc_enum_info() -> list[object]:
    """Every account as `AccInfo` (`pjsua_acc_enum_info`)."""
    cdef void *blocks[pj.PJSUA_MAX_ACC]
    cdef uint64_t serials[pj.PJSUA_MAX_ACC]
    cdef unsigned count = 0
    cdef unsigned i
    cdef Context context
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = native.pyj_acc_pack_infos(&native.pyj_structs[native.PYJ_AccInfo], blocks, serials)
            native.pyj_leave()
    check(status, "pjsua_acc_enum_info")
    out = []
    for i in range(count):
        context = Context()
        if blocks[i] is not NULL:
            context.acc_id = (<const pj.pjsua_acc_info *>blocks[i]).id
            context.acc_serial = serials[i]
        out.append(decode_and_free(native.PYJ_AccInfo, blocks[i], context))
    return out


def acc_find_for_outgoing(url: str) -> object:
    """The account fit for calling `url`, by its domain (`pjsua_acc_find_for_outgoing`).

    The default account's id when none matches, -1 when there is no account at all.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_url = arena.text(url, "url")
    cdef int id = -1
    cdef pj.pj_status_t status
    if not 0 < c_url.slen <= pj.PJSIP_MAX_URL_SIZE:
        raise ValueError(f"url: {c_url.slen} bytes long, not 1 to {pj.PJSIP_MAX_URL_SIZE}")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            id = pj.pjsua_acc_find_for_outgoing(&c_url)
            native.pyj_leave()
    check(status, "pjsua_acc_find_for_outgoing")
    return existing_acc(id)


def acc_set_online_status(acc_id: int, is_online: bool) -> None:
    """What the account's watchers are told, plainly online or offline (`pjsua_acc_set_online_status`)."""
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_bool_t c_online = as_bool(is_online, "is_online")
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_pres_set_online_status(c_id, c_online, NULL)
            acc_leave()
    check(status, "pjsua_acc_set_online_status", "acc_id", acc_id)


def acc_set_online_status2(acc_id: int, is_online: bool, pr: object) -> None:
    """What the account's watchers are told, with activity and note (`pjsua_acc_set_online_status2`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_bool_t c_online = as_bool(is_online, "is_online")
    cdef pj.pjrpid_element *c_pr = <pj.pjrpid_element *>arena.block(sizeof(pj.pjrpid_element))
    cdef pj.pj_status_t status
    fill(arena, native.PYJ_RpidElement, c_pr, pr, "pr")
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_pres_set_online_status(c_id, c_online, c_pr)
            acc_leave()
    check(status, "pjsua_acc_set_online_status2", "acc_id", acc_id)


def acc_set_transport(acc_id: int, tp_id: int) -> None:
    """Binds an account to a transport from its next request on, -1 to any (`pjsua_acc_set_transport`)."""
    cdef uint64_t serial
    cdef uint64_t tp_serial = 0
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef int c_tp = -1
    cdef pj.pj_status_t status
    cdef pj.pj_status_t tp_status = pj.PJ_SUCCESS
    if not isinstance(tp_id, int) or tp_id != -1:
        c_tp = as_id(tp_id, "tp_id", native.PYJ_MAX_TRANSPORTS, TransportId, &tp_serial)
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            if c_tp >= 0:
                tp_status = native.pyj_slot_enter(native.PYJ_TRANSPORTS, c_tp, tp_serial, False)
            if tp_status == pj.PJ_SUCCESS:
                status = pj.pjsua_acc_set_transport(c_id, c_tp)
                if c_tp >= 0:
                    native.pyj_slot_leave(native.PYJ_TRANSPORTS)
            acc_leave()
    check(tp_status, "pjsua_acc_set_transport", "tp_id", tp_id)
    check(status, "pjsua_acc_set_transport", "acc_id", acc_id)


def acc_create_uac_contact(acc_id: int, uri: str) -> str:
    """The Contact header's value the account would give in a request to `uri` (`pjsua_acc_create_uac_contact`)."""
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef pj.pj_str_t c_uri = uri_text(arena, uri, "uri")
    cdef char *buf = <char *>arena.block(pj.PJSIP_MAX_URL_SIZE)
    cdef pj.pj_str_t contact
    cdef pj.pj_status_t status
    contact.ptr = NULL
    contact.slen = 0
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_acc_create_uac_contact(c_id, &c_uri, buf, pj.PJSIP_MAX_URL_SIZE, &contact)
            acc_leave()
    check(status, "pjsua_acc_create_uac_contact", "acc_id", acc_id)
    return text_from(contact)


cdef object current_acc(object acc_id, str call, uint64_t *serial):
    """The number of an account that exists now, its serial put beside it."""
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, serial)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial[0])
        if status == pj.PJ_SUCCESS:
            serial[0] = native.pyj_acc_serial(c_id)
            acc_leave()
    check(status, call, "acc_id", acc_id)
    return c_id


def acc_set_user_data(acc_id: int, user_data: object) -> None:
    """Attaches any object to an account; None takes it back (`pjsua_acc_set_user_data`).

    It is kept until the account is deleted.
    """
    cdef uint64_t serial
    slot = current_acc(acc_id, "pjsua_acc_set_user_data", &serial)
    acc_user_data.set(slot, serial, user_data)


def acc_get_user_data(acc_id: int) -> object:
    """What `acc_set_user_data` attached, None for nothing (`pjsua_acc_get_user_data`)."""
    cdef uint64_t serial
    slot = current_acc(acc_id, "pjsua_acc_get_user_data", &serial)
    return acc_user_data.get(slot, serial)
