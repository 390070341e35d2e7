# WAV players and recorders.

cdef pj.pj_str_t path_text(Arena arena, object filename) except *:
    try:
        path = os.fspath(filename)
    except TypeError:
        raise TypeError(f"filename: a path expected, not {type(filename).__name__}") from None
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not path:
        raise ValueError("filename: empty")
    return arena.text(path, "filename")


cdef int check_file(pj.pj_status_t status, str call, object filename) except -1:
    """`check`, with what the system has against a file as the exception Python has for it."""
    cdef int number = status - pj.PJ_ERRNO_START_SYS
    if 0 < number < 4096:
        raise OSError(number, os.strerror(number), os.fspath(filename))
    return check(status, call, "filename", filename)


def player_create(filename: str | os.PathLike[str], options: int = 0) -> object:
    """Opens a WAV file for playing and returns its `PlayerId` (`pjsua_player_create`).

    16-bit PCM, A-law or mu-law, any rate. `options`: `PLAYER_NO_LOOP` plays once. Raises
    `FileNotFoundError`, `UnsupportedFormat`.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_name = path_text(arena, filename)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pjsua_player_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    check_wav(filename)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_player_create(&c_name, c_options, &id)
            if status == pj.PJ_SUCCESS:
                native.pyj_slot_set(native.PYJ_PLAYERS, id, serial)
            native.pyj_leave()
    check_file(status, "pjsua_player_create", filename)
    return PlayerId(id, serial)


cdef int player_arg(object id, uint64_t *serial) except? -1:
    return as_id(id, "id", pj.PJSUA_MAX_PLAYERS, PlayerId, serial)


def player_get_conf_port(id: int) -> object:
    """Conference slot of a player (`pjsua_player_get_conf_port`)."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef int slot = -1
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            slot = pj.pjsua_player_get_conf_port(c_id)
            slot_leave(native.PYJ_PLAYERS)
    check(status, "pjsua_player_get_conf_port", "id", id)
    serial = serial or native.pyj_slot_serial(native.PYJ_PLAYERS, c_id)  # gil-ok: an atomic
    return ConfPortId(slot, 0, PlayerId(c_id, serial))


def player_get_pos(id: int) -> int:
    """Where the player is, in samples (`pjsua_player_get_pos`)."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef pj.pj_ssize_t pos = 0
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            pos = pj.pjsua_player_get_pos(c_id)
            slot_leave(native.PYJ_PLAYERS)
    check(status, "pjsua_player_get_pos", "id", id)
    if pos < 0:
        check(<pj.pj_status_t>-pos, "pjsua_player_get_pos")
    return pos


def player_set_pos(id: int, samples: int) -> None:
    """Moves the player, in samples from the start (`pjsua_player_set_pos`)."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef unsigned c_samples = as_unsigned(samples, "samples")
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_player_set_pos(c_id, c_samples)
            slot_leave(native.PYJ_PLAYERS)
    if status == pj.PJ_EINVAL:
        check(status, "pjsua_player_set_pos", "samples", samples)
    check(status, "pjsua_player_set_pos", "id", id)


def player_destroy(id: int) -> None:
    """Closes a player and takes it out of the bridge (`pjsua_player_destroy`)."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            native.pyj_slot_set(native.PYJ_PLAYERS, c_id, 0)
            status = pj.pjsua_player_destroy(c_id)
            slot_leave(native.PYJ_PLAYERS)
    check(status, "pjsua_player_destroy", "id", id)


def recorder_create(filename: str | os.PathLike[str], enc_type: int = 0, max_size: int = -1,
                    options: int = 0) -> object:
    """Opens a WAV file for recording and returns its `RecorderId` (`pjsua_recorder_create`).

    16-bit PCM at the bridge's rate, mono. `max_size` in bytes, -1 for none; `enc_type` must be 0.
    Raises `FileNotFoundError`, `PermissionError` and other kinds of `OSError`.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_name = path_text(arena, filename)
    cdef unsigned c_type = <unsigned>as_number(enc_type, "enc_type", 0, 0)
    cdef pj.pj_ssize_t c_max = <pj.pj_ssize_t>as_number(max_size, "max_size", -1, 2 ** 62)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pjsua_recorder_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    if max_size != -1:
        raise ValueError("max_size: PJSIP keeps no limit; -1 is all it takes")
    if os.path.splitext(os.fspath(filename))[1].lower() != ".wav":
        raise ValueError(f"filename: {os.fspath(filename)!r} does not end in .wav, all PJSIP records")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_recorder_create(&c_name, c_type, NULL, c_max, c_options, &id)
            if status == pj.PJ_SUCCESS:
                native.pyj_slot_set(native.PYJ_RECORDERS, id, serial)
            native.pyj_leave()
    check_file(status, "pjsua_recorder_create", filename)
    return RecorderId(id, serial)


cdef int recorder_arg(object id, uint64_t *serial) except? -1:
    return as_id(id, "id", pj.PJSUA_MAX_RECORDERS, RecorderId, serial)


def recorder_get_conf_port(id: int) -> object:
    """Conference slot of a recorder (`pjsua_recorder_get_conf_port`)."""
    cdef uint64_t serial
    cdef int c_id = recorder_arg(id, &serial)
    cdef int slot = -1
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_RECORDERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            slot = pj.pjsua_recorder_get_conf_port(c_id)
            slot_leave(native.PYJ_RECORDERS)
    check(status, "pjsua_recorder_get_conf_port", "id", id)
    serial = serial or native.pyj_slot_serial(native.PYJ_RECORDERS, c_id)  # gil-ok: an atomic
    return ConfPortId(slot, 0, RecorderId(c_id, serial))


def recorder_destroy(id: int) -> None:
    """Ends a recording; the file is complete once the bridge has let go of it (`pjsua_recorder_destroy`)."""
    cdef uint64_t serial
    cdef int c_id = recorder_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_RECORDERS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            native.pyj_slot_set(native.PYJ_RECORDERS, c_id, 0)
            status = pj.pjsua_recorder_destroy(c_id)
            slot_leave(native.PYJ_RECORDERS)
    check(status, "pjsua_recorder_destroy", "id", id)
