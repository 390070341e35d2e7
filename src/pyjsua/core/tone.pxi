# Tone generators. Their id is their slot in the bridge.

cdef unsigned tone_options(object options) except? 0xFFFFFFFF:
    # Without its lock a generator cannot be told anything while it plays.
    if as_unsigned(options, "options") & ~<unsigned>pj.PJMEDIA_TONEGEN_LOOP:
        raise ValueError(f"options: {int(options)} is neither 0 nor TONEGEN_LOOP")
    return <unsigned>options


def tonegen_create(clock_rate: int = 0, channel_count: int = 1, options: int = 0) -> object:
    """A tone generator in the bridge, silent until it is told to play; its `TonegenId` (`pjmedia_tonegen_create`).

    `clock_rate` is one of `PCM_CLOCK_RATES`, or 0 for the bridge's own. `options`: `TONEGEN_LOOP` plays whatever it
    is given over and over. It plays while somebody listens.
    """
    cdef unsigned c_rate = 0
    cdef unsigned c_channels = <unsigned>as_number(channel_count, "channel_count", 1, 2)
    cdef unsigned c_options = tone_options(options)
    cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
    cdef int id = -1
    cdef pj.pj_status_t status
    if as_int(clock_rate, "clock_rate") not in (0, *PCM_CLOCK_RATES):
        raise ValueError(f"clock_rate: {int(clock_rate)} is none of 0, {', '.join(map(str, PCM_CLOCK_RATES))}")
    c_rate = clock_rate
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_create(c_rate, c_channels, c_options, serial, &id)
            native.pyj_leave()
    check(status, "pjmedia_tonegen_create")
    return TonegenId(id, serial)


cdef int tonegen_arg(object id, uint64_t *serial) except? -1:
    return as_id(id, "id", pj.PJSUA_MAX_CONF_PORTS, TonegenId, serial)


def tonegen_get_conf_port(id: int) -> object:
    """Conference slot of a tone generator."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            serial = native.pyj_slot_serial(native.PYJ_TONEGENS, c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "tonegen_get_conf_port", "id", id)
    return ConfPortId(c_id, 0, TonegenId(c_id, serial))


cdef int check_tone(const pj.pjmedia_tone_desc *tone, str name) except -1:
    as_number(tone.on_msec, f"{name}.on_msec", 0, 32767)
    as_number(tone.off_msec, f"{name}.off_msec", 0, 32767)
    # PJMEDIA would go round and round within one frame.
    if not tone.on_msec and not tone.off_msec:
        raise ValueError(f"{name}: it has no length, on_msec and off_msec are 0")
    as_number(tone.freq1, f"{name}.freq1", 1 if tone.on_msec else 0, 24000)
    as_number(tone.freq2, f"{name}.freq2", 0, 24000)
    as_number(tone.volume, f"{name}.volume", 0, 32767)
    return 0


def tonegen_play(id: int, tones: Sequence[ToneDesc], options: int = 0) -> None:
    """Plays tones after those it plays already (`pjmedia_tonegen_play`); `OnToneEnd` tells when all were.

    `options`: `TONEGEN_LOOP` plays all it has over and over. Raises `TooMany` above `TONEGEN_MAX_DIGITS` in all.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef unsigned c_options = tone_options(options)
    cdef unsigned count
    cdef pj.pjmedia_tone_desc *c_tones
    cdef pj.pj_status_t status
    if isinstance(tones, (str, bytes)) or not hasattr(tones, "__iter__"):
        raise TypeError(f"tones: a sequence of ToneDesc expected, not {type(tones).__name__}")
    tones = tuple(tones)
    count = <unsigned>as_number(len(tones), "len(tones)", 1, pj.PJMEDIA_TONEGEN_MAX_DIGITS)
    c_tones = <pj.pjmedia_tone_desc *>arena.block(count * sizeof(pj.pjmedia_tone_desc))
    for i, tone in enumerate(tones):
        fill(arena, native.PYJ_ToneDesc, &c_tones[i], tone, f"tones[{i}]")
        check_tone(&c_tones[i], f"tones[{i}]")
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_play(c_id, count, c_tones, c_options)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_play", "id", id)


def tonegen_play_digits(id: int, digits: str, on_msec: int = 100, off_msec: int = 100, volume: int = 0,
                        options: int = 0) -> None:
    """Plays digits, each `on_msec` long with `off_msec` of silence after it (`pjmedia_tonegen_play_digits`).

    They are those of DTMF, ``0-9*#A-D``, unless `tonegen_set_digit_map` gave others. See `tonegen_play`.
    """
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef unsigned c_options = tone_options(options)
    cdef unsigned count
    cdef short c_on = <short>as_number(on_msec, "on_msec", 1, 32767)
    cdef short c_off = <short>as_number(off_msec, "off_msec", 0, 32767)
    cdef short c_volume = <short>as_number(volume, "volume", 0, 32767)
    cdef pj.pjmedia_tone_digit[32] c_digits
    cdef pj.pj_status_t status
    if not isinstance(digits, str):
        raise TypeError(f"digits: str expected, not {type(digits).__name__}")
    if not digits.isascii():
        raise ValueError(f"digits: {digits!r} has what is no digit")
    # One less than tones: PJMEDIA counts so.
    count = <unsigned>as_number(len(digits), "len(digits)", 1, min(32, pj.PJMEDIA_TONEGEN_MAX_DIGITS) - 1)
    for i, digit in enumerate(digits):
        c_digits[i].digit = <char><int>ord(digit)
        c_digits[i].on_msec = c_on
        c_digits[i].off_msec = c_off
        c_digits[i].volume = c_volume
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_play_digits(c_id, count, c_digits, c_options)
            slot_leave(native.PYJ_TONEGENS)
    if status == pj.PJMEDIA_RTP_EINDTMF:
        raise ValueError(f"digits: {digits!r} has what is no digit of this generator")
    check(status, "pjmedia_tonegen_play_digits", "id", id)


def tonegen_is_busy(id: int) -> bool:
    """Whether it has tones to play (`pjmedia_tonegen_is_busy`)."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef int busy = 0
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            busy = native.pyj_tonegen_is_busy(c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_is_busy", "id", id)
    return busy != 0


def tonegen_stop(id: int) -> None:
    """Drops what it plays: silence from the next frame on, and no `OnToneEnd` (`pjmedia_tonegen_stop`)."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_stop(c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_stop", "id", id)


def tonegen_stop_loop(id: int) -> None:
    """Lets what it plays over and over be heard to its end (`pjmedia_tonegen_stop_loop`).

    Not of one that was created with `TONEGEN_LOOP`.
    """
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_stop_loop(c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_stop_loop", "id", id)


def tonegen_rewind(id: int) -> None:
    """Begins anew with the first of the tones it plays (`pjmedia_tonegen_rewind`)."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_rewind(c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_rewind", "id", id)


def tonegen_get_digit_map(id: int) -> dict[str, tuple[int, int]]:
    """The two frequencies of each digit it knows, Hz (`pjmedia_tonegen_get_digit_map`)."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef native.pyj_digit_map c_map
    cdef pj.pj_status_t status
    c_map.count = 0
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            native.pyj_tonegen_get_digit_map(c_id, &c_map)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_get_digit_map", "id", id)
    return {chr(c_map.digits[i]).upper(): (c_map.freq1[i], c_map.freq2[i])
            for i in range(c_map.count)}


def tonegen_set_digit_map(id: int, digit_map: Mapping[str, tuple[int, int]]) -> None:
    """Other digits than those of DTMF, 16 at most, for `tonegen_play_digits` (`pjmedia_tonegen_set_digit_map`).

    Each is one ASCII character, of either case, with its two frequencies in Hz; the second is 0 for a single tone.
    """
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef native.pyj_digit_map c_map
    cdef pj.pj_status_t status
    if not hasattr(digit_map, "items"):
        raise TypeError(f"digit_map: a mapping expected, not {type(digit_map).__name__}")
    pairs = tuple(digit_map.items())
    c_map.count = <unsigned>as_number(len(pairs), "len(digit_map)", 1, 16)
    for i, (digit, frequencies) in enumerate(pairs):
        if not isinstance(digit, str) or len(digit) != 1 or not digit.isascii() or not digit.isprintable():
            raise ValueError(f"digit_map: {digit!r} is not one ASCII character")
        if not isinstance(frequencies, tuple) or len(frequencies) != 2:
            raise TypeError(f"digit_map[{digit!r}]: a pair of frequencies expected")
        c_map.digits[i] = <char><int>ord(digit.lower())
        c_map.freq1[i] = <short>as_number(frequencies[0], f"digit_map[{digit!r}][0]", 1, 24000)
        c_map.freq2[i] = <short>as_number(frequencies[1], f"digit_map[{digit!r}][1]", 0, 24000)
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_tonegen_set_digit_map(c_id, &c_map)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "pjmedia_tonegen_set_digit_map", "id", id)


def tonegen_destroy(id: int) -> None:
    """Takes a tone generator out of the bridge (`pjmedia_port_destroy`)."""
    cdef uint64_t serial
    cdef int c_id = tonegen_arg(id, &serial)
    cdef pj.pj_status_t status
    with nogil:
        status = slot_enter(native.PYJ_TONEGENS, c_id, serial, True)
        if status == pj.PJ_SUCCESS:
            native.pyj_tonegen_destroy(c_id)
            slot_leave(native.PYJ_TONEGENS)
    check(status, "tonegen_destroy", "id", id)


def tonegen_census() -> tuple[int, int]:
    """How many generators were made in this process, and how many of them the bridge is done with, for tests."""
    cdef uint64_t made
    cdef uint64_t destroyed
    with nogil:
        native.pyj_tonegen_census(&made, &destroyed)
    return made, destroyed
