# WAV players and recorders.

cdef pj.pj_str_t path_text(Arena arena, object filename, str name="filename") except *:
    try:
        path = os.fspath(filename)
    except TypeError:
        raise TypeError(f"{name}: a path expected, not {type(filename).__name__}") from None
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not path:
        raise ValueError(f"{name}: empty")
    return arena.text(path, name)


def check_regular(filename: str | bytes | os.PathLike) -> None:
    """Refuses what is there and no file: to open a pipe waits for its other end, without a limit."""
    try:
        mode = os.stat(filename).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(filename))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", os.fspath(filename))


cdef enum:
    CHUNKS = 1000


cdef tuple wav_format(object filename):
    """What PJMEDIA will find in a file: format tag, channels, rate, bits per sample, bytes of sound.

    None where it finds nothing, and says so itself. Refuses rates and channels it accepts and cannot mean, and a
    file that cannot be read.
    """
    check_regular(filename)
    with open(filename, "rb") as file:
        riff = file.read(12)
        if riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
            return None
        form = None
        for _ in range(CHUNKS):
            head = file.read(8)
            size = int.from_bytes(head[4:], "little")
            if len(head) != 8:
                return None
            if form is None and head[:4] == b"fmt ":
                fields = file.read(16)
                if len(fields) != 16:
                    return None
                form = tuple([int.from_bytes(fields[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8), (14, 16))])
                file.seek(max(size - 16, 0), os.SEEK_CUR)
                if not (1 <= form[1] <= 32 and 1000 <= form[2] <= 384000):
                    check_wav(constant("PJMEDIA_EWAVEUNSUPP"), "pjsua_player_create", "filename", filename)
            elif form is not None and head[:4] == b"data":
                return (*form, size)
            elif size == 0:
                return None
            else:
                file.seek(size, os.SEEK_CUR)
    check_wav(constant("PJMEDIA_EWAVEUNSUPP"), "pjsua_player_create", "filename", filename)


cdef int check_wav(pj.pj_status_t status, str call, str name, object filename) except -1:
    """`check`, with what the file is where that is what is wrong."""
    if status in (constant("PJMEDIA_EWAVEUNSUPP"), constant("PJMEDIA_ENOTVALIDWAVE"),
                  constant("PJMEDIA_EWAVETOOSHORT")):
        line = text_from_chars(native.pyj_log_last_error())  # gil-ok: this thread's own text
        raise error_from(status, call, line, f"{subject(name, filename)}, {kind_of(filename)}")
    return check(status, call, name, filename)


cdef unsigned player_options(object options) except? 0xFFFFFFFF:
    # Without its lock a player cannot be moved while it plays.
    if as_unsigned(options, "options") & ~<unsigned>pj.PJMEDIA_FILE_NO_LOOP:
        raise ValueError(f"options: {int(options)} is neither 0 nor PLAYER_NO_LOOP")
    return <unsigned>options


cdef int check_file(pj.pj_status_t status, str call, object filename) except -1:
    """`check`, with what the system has against a file as the exception Python has for it."""
    cdef int number = status - pj.PJ_ERRNO_START_SYS
    if 0 < number < 4096:
        raise OSError(number, os.strerror(number), os.fspath(filename))
    return check_wav(status, call, "filename", filename)


def player_create(filename: str | os.PathLike[str], options: int = 0) -> object:
    """Opens a WAV file for playing and returns its `PlayerId` (`pjsua_player_create`).

    16-bit PCM, A-law or mu-law, any rate. `options`: `PLAYER_NO_LOOP` plays once; `OnPlayerEof` tells when
    that was. Raises `FileNotFoundError`, `UnsupportedFormat`.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_name = path_text(arena, filename)
    cdef unsigned c_options = player_options(options)
    cdef pj.pjsua_player_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    wav_format(filename)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_player_create(&c_name, c_options, serial, &id)
            native.pyj_leave()
    check_file(status, "pjsua_player_create", filename)
    return PlayerId(id, serial)


def playlist_create(file_names: Sequence[str | os.PathLike[str]], label: str = "", options: int = 0) -> object:
    """Opens WAV files for playing one after the other, without a gap; returns a `PlayerId` (`pjsua_playlist_create`).

    16-bit PCM, all of one rate and number of channels, a frame of the bridge long at least. `label` is the name of
    the port. `options`: `PLAYER_NO_LOOP` plays them once; `OnPlayerEof` tells when that was. A playlist has no
    position and no info. Raises `FileNotFoundError`, `UnsupportedFormat`.
    """
    cdef Arena arena = Arena()
    cdef tuple names = path_list(file_names)
    cdef pj.pj_str_t *c_names = <pj.pj_str_t *>arena.block(len(names) * sizeof(pj.pj_str_t))
    cdef native.pyj_playlist playlist
    cdef unsigned c_options = player_options(options)
    cdef pj.pjsua_player_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    playlist.files = c_names
    playlist.count = len(names)
    playlist.label = arena.text(label, "label")
    playlist.bytes = 0
    for i, name in enumerate(names):
        c_names[i] = path_text(arena, name, f"file_names[{i}]")
        form = wav_format(name)
        if form is None or form[:4] != (1, form[1], form[2], 16) or (i and form[1:3] != first[1:3]):
            check_wav(constant("PJMEDIA_EWAVEUNSUPP"), "pjsua_playlist_create", f"file_names[{i}]", name)
        if i == 0:
            first = form
            playlist.channels, playlist.rate, playlist.shortest = form[1], form[2], form[4]
        playlist.bytes += <uint64_t>form[4]
        playlist.shortest = min(playlist.shortest, <uint64_t>form[4])
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_playlist_create(&playlist, c_options, serial, &id)
            native.pyj_leave()
    check_file(status, "pjsua_playlist_create", names[0])
    return PlayerId(id, serial)


cdef tuple path_list(object file_names):
    if isinstance(file_names, (str, bytes, os.PathLike)) or not hasattr(file_names, "__iter__"):
        raise TypeError(f"file_names: a sequence of paths expected, not {type(file_names).__name__}")
    names = tuple(file_names)
    as_number(len(names), "len(file_names)", 1, 10000)
    return names


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


def player_get_info(id: int) -> object:
    """The file of a player as `WavPlayerInfo` (`pjsua_player_get_info`); a playlist has none."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef pj.pjmedia_wav_player_info info
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_player_get_info(c_id, &info)
            slot_leave(native.PYJ_PLAYERS)
    check(status, "pjsua_player_get_info", "id", id)
    return decode(native.PYJ_WavPlayerInfo, <const char *>&info, Context())


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
        check(<pj.pj_status_t>-pos, "pjsua_player_get_pos", "id", id)
    return pos


def player_set_pos(id: int, samples: int) -> None:
    """Moves the player, in samples from the start (`pjsua_player_set_pos`); one that has ended plays again."""
    cdef uint64_t serial
    cdef int c_id = player_arg(id, &serial)
    cdef unsigned c_samples = as_unsigned(samples, "samples")
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_PLAYERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_player_set_pos(c_id, c_samples)
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

    At the bridge's rate and number of channels; `options` is a `FileWriterOption`, 16-bit PCM by default.
    `max_size` in bytes, -1 for none; `enc_type` must be 0. Raises `FileNotFoundError`, `PermissionError` and other
    kinds of `OSError`.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_name = path_text(arena, filename)
    cdef unsigned c_type = <unsigned>as_number(enc_type, "enc_type", 0, 0)
    cdef pj.pj_ssize_t c_max = <pj.pj_ssize_t>as_number(max_size, "max_size", -1, 2 ** 62)
    cdef unsigned c_options = <unsigned>as_number(options, "options", pj.PJMEDIA_FILE_WRITE_PCM,
                                                  pj.PJMEDIA_FILE_WRITE_ULAW)
    cdef pj.pjsua_recorder_id id = -1
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef pj.pj_status_t status
    if max_size != -1:
        raise ValueError("max_size: PJSIP keeps no limit; -1 is all it takes")
    if os.path.splitext(os.fspath(filename))[1].lower() != ".wav":
        raise ValueError(f"filename: {os.fspath(filename)!r} does not end in .wav, all PJSIP records")
    check_regular(filename)
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


def recorder_get_pos(id: int) -> int:
    """How much sound was recorded, in bytes; the file may be behind (`pjmedia_wav_writer_port_get_pos`)."""
    cdef uint64_t serial
    cdef int c_id = recorder_arg(id, &serial)
    cdef pj.pj_ssize_t size = 0
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_RECORDERS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_recorder_get_pos(c_id, &size)
            slot_leave(native.PYJ_RECORDERS)
    check(status, "pjmedia_wav_writer_port_get_pos", "id", id)
    return size


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
