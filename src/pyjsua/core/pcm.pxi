# Audio between Python and the conference bridge: samples in and out, in bulk, on whatever thread asks.

# Who lets the GIL go waits for it again, 5 ms and more beside each thread that computes. So what is only a look at
# atomics, or a copy shorter than this, does not.
cdef enum:
    LONG_COPY = 65536

PCM_CLOCK_RATES = (8000, 16000, 24000, 32000, 44100, 48000)


cdef size_t open_samples(Py_buffer *view, object data, str name, int flags, unsigned width) except? 0:
    """Takes hold of `data`'s memory; how many samples per channel it has. s16le: a buffer of bytes or of int16."""
    if isinstance(data, str):
        raise TypeError(f"{name}: bytes or a buffer of 16-bit samples expected, not str")
    try:
        PyObject_GetBuffer(data, view, flags | PyBUF_FORMAT)
    except TypeError:
        raise TypeError(f"{name}: bytes or a buffer of 16-bit samples expected, not {type(data).__name__}") from None
    except (BufferError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None
    layout = "B" if view.format is NULL else view.format.decode("latin-1")
    if layout not in ("B", "b", "c", "h", "<h", "=h", "@h"):
        PyBuffer_Release(view)
        hint = "; scale floats of -1 to 1 by 32767 and make them int16 first" if layout.lstrip("<=@") in ("d", "f", "e") else ""
        raise TypeError(f"{name}: 16-bit samples or bytes expected, not a buffer of format {layout!r}{hint}")
    if view.len % (2 * width):
        length = view.len
        PyBuffer_Release(view)
        raise ValueError(f"{name}: {length} bytes are not whole samples of {2 * width} bytes")
    return <size_t>view.len // (2 * width)


cdef int as_timeout_ms(object timeout) except? -2:
    return -1 if timeout is None else <int>as_ms(timeout, "timeout")


cdef inline uint64_t end_of(int ms) noexcept nogil:
    """When a wait of so many ms is over, in ms of the monotonic clock; 0 for one without a limit."""
    return 0 if ms < 0 else native.pyj_now_ns() // 1000000 + <uint64_t>ms


cdef inline int slice_of(uint64_t end) noexcept nogil:
    """How long to sleep now, ms: between slices signals, and whether the clock runs, are looked for."""
    cdef uint64_t now
    if end == 0:
        return native.PYJ_PCM_LOOK_MS
    now = native.pyj_now_ns() // 1000000
    if now >= end:
        return 0
    return <int>(end - now) if end - now < <uint64_t>native.PYJ_PCM_LOOK_MS else native.PYJ_PCM_LOOK_MS


@cython.final
cdef class PcmPort:
    """A conference port whose audio is Python's: s16le samples, at a rate of its own, both ways.

    What is written is played to whoever listens to `conf_port`; what `conf_port` is connected
    to can be read. PJSIP resamples. It runs on the bridge's clock without Python: nothing is
    called per frame, and samples wait in rings of `write_ahead` and `read_behind` seconds; where a
    reader is slower the oldest go. There is a frame to read at every tick, of silence where nobody
    speaks. With `prefill` seconds playing starts, and starts again after an underrun, once so much is
    queued, or all that will come: `drain` and `mark` say so. Any thread may use it. Close it; it is not
    closed by itself.

    What is written is pulled while somebody listens and the bridge has a clock. A clock that stands still
    for two seconds ends every wait with `NoClock`; the wait for something to have been played ends with
    `Unheard` after a second in which nobody listened, and that for room in the ring does not.
    """

    cdef native.pyj_pcm *pcm
    cdef readonly int clock_rate
    """Samples per second and channel, Hz."""
    cdef readonly int channel_count
    cdef readonly double write_ahead
    """Seconds that are queued to be played at most."""
    cdef readonly double read_behind
    """Seconds that are kept to be read."""
    cdef readonly double prefill
    """Seconds queued before playing starts."""
    cdef readonly object conf_port
    """Its `ConfPortId`, for `conf_connect`."""
    cdef object writing
    cdef object reading
    cdef bint closed

    def __cinit__(self, clock_rate: int = 16000, channel_count: int = 1, write_ahead: float = 0.5,
                  read_behind: float = 2.0, prefill: float = 0.0):
        cdef unsigned c_channels = <unsigned>as_number(channel_count, "channel_count", 1, 2)
        cdef unsigned c_rate
        cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
        cdef int slot = -1
        cdef size_t ahead
        cdef size_t behind
        cdef size_t before
        cdef pj.pj_status_t status
        if as_int(clock_rate, "clock_rate") not in PCM_CLOCK_RATES:
            raise ValueError(f"clock_rate: {clock_rate} is none of {', '.join(map(str, PCM_CLOCK_RATES))}")
        c_rate = clock_rate
        ahead = <size_t>as_ms(write_ahead, "write_ahead") * c_rate // 1000
        behind = <size_t>as_ms(read_behind, "read_behind") * c_rate // 1000
        # Two frames of the default length; how long the bridge's are is looked at once it is there.
        if ahead < c_rate // 25 or behind < c_rate // 25:
            raise ValueError("write_ahead, read_behind: less than 0.04 seconds")
        before = <size_t>as_ms(prefill, "prefill") * c_rate // 1000
        if before > ahead:
            raise ValueError(f"prefill: {prefill} seconds are more than write_ahead, {write_ahead}")
        self.clock_rate = c_rate
        self.channel_count = c_channels
        self.writing = Lock()
        self.reading = Lock()
        self.closed = False
        self.write_ahead = <double>ahead / c_rate
        self.read_behind = <double>behind / c_rate
        self.prefill = <double>before / c_rate
        with nogil:
            self.pcm = native.pyj_pcm_new(c_rate, c_channels, ahead, behind, before)
        if self.pcm is NULL:
            raise MemoryError
        with nogil:
            status = native.pyj_enter(pj.PJSUA_STATE_INIT)
            if status == pj.PJ_SUCCESS:
                status = native.pyj_pcm_attach(self.pcm, serial, &slot)
                native.pyj_leave()
        if status == pj.PJ_ETOOSMALL:
            raise ValueError("write_ahead, read_behind: less than two frames of the bridge (media_cfg.audio_frame_ptime)")
        check(status, "pjsua_conf_add_port")
        self.conf_port = ConfPortId(slot, 0, PcmPortId(slot, serial))

    def __dealloc__(self):
        # Memory of ours alone; the bridge has a reference of its own.
        if self.pcm is not NULL:
            native.pyj_pcm_unref(self.pcm)  # gil-ok: an atomic, and free

    def close(self) -> None:
        """Takes it out of the bridge. Any thread, any number of times; who waits in it is told."""
        cdef int slot = self.conf_port
        cdef uint64_t serial = self.conf_port.owner.serial
        cdef pj.pj_status_t status
        self.closed = True
        with nogil:
            status = slot_enter(native.PYJ_PCMS, slot, serial, True)
            if status == pj.PJ_SUCCESS:
                native.pyj_pcm_detach(self.pcm)
                slot_leave(native.PYJ_PCMS)
        # Gone with the library, or in another thread, or not ours to touch after a fork.
        if status not in (pj.PJ_SUCCESS, native.PYJ_ESTALE, native.PYJ_ESTATE, native.PYJ_EFORKED):
            check(status, "pjsua_conf_remove_port")

    @property
    def gone(self) -> bool:
        """Whether it was closed, or went with the library."""
        return self.closed or native.pyj_slot_serial(  # gil-ok: an atomic
            native.PYJ_PCMS, self.conf_port) != self.conf_port.owner.serial

    cdef int check_open(self) except -1:
        if self.gone:
            check(native.PYJ_ESTALE, "PcmPort", "conf_port", self.conf_port)
        return 0

    cdef int wait(self, native.pyj_pcm_what what, uint64_t count, uint64_t end,
                  native.pyj_pcm_patience *patience) except -100:
        """1 once it is so, 0 if `end` comes first, or why it will not be; see `give_up`."""
        cdef int outcome
        while True:
            with nogil:
                outcome = native.pyj_pcm_wait(self.pcm, what, count, slice_of(end), patience)
            if outcome != 0:
                return outcome
            if end and native.pyj_now_ns() // 1000000 >= end:  # gil-ok: reads a clock
                return 0
            PyErr_CheckSignals()

    cdef int give_up(self, int outcome) except -1:
        if outcome == native.PYJ_PCM_NO_CLOCK:
            check(native.PYJ_ENOCLOCK, "PcmPort", "conf_port", self.conf_port)
        if outcome == native.PYJ_PCM_UNHEARD:
            check(native.PYJ_EUNHEARD, "PcmPort", "conf_port", self.conf_port)
        check(native.PYJ_ESTALE, "PcmPort", "conf_port", self.conf_port)
        return 0

    def write(self, data: object, timeout: float | None = None) -> int:
        """Queues samples to be played, and returns how many bytes of them were taken.

        `data` is bytes or any contiguous buffer of bytes or int16, of any length. Waits while
        `write_ahead` is full, for ever or for `timeout` seconds: fewer bytes than given then means time
        has passed. 0 takes what fits at once. Raises `StaleError` once the port is closed, and `NoClock`.
        """
        cdef Py_buffer view
        cdef int ms = as_timeout_ms(timeout)
        cdef size_t count = open_samples(&view, data, "data", PyBUF_C_CONTIGUOUS, self.channel_count)
        cdef size_t most = <size_t>(self.write_ahead * self.clock_rate) // 2
        cdef size_t done = 0
        cdef int waited = 1
        cdef uint64_t end = end_of(ms)
        cdef native.pyj_pcm_patience patience
        try:
            self.check_open()
            with self.writing:
                native.pyj_pcm_wait_begin(self.pcm, &patience)  # gil-ok: reads atomics
                while waited == 1:
                    if count - done < LONG_COPY:
                        done += native.pyj_pcm_write(  # gil-ok: a short copy, no lock
                            self.pcm, <const int16_t *>view.buf + done * self.channel_count, count - done)
                    else:
                        with nogil:
                            done += native.pyj_pcm_write(
                                self.pcm, <const int16_t *>view.buf + done * self.channel_count, count - done)
                    if done == count or ms == 0:
                        break
                    waited = self.wait(native.PYJ_PCM_ROOM, min(count - done, most), end, &patience)
        finally:
            PyBuffer_Release(&view)
        if waited < 0:
            self.give_up(waited)
        return done * 2 * self.channel_count

    def readinto(self, buffer: object, timeout: float | None = None) -> int:
        """Fills a writable buffer with what was heard, and returns how many bytes that was.

        Waits until it is full, for ever or for `timeout` seconds; 0 takes what is there. Raises
        `StaleError` once the port is closed, and `NoClock` once the clock stands still, and everything has been read.
        """
        cdef Py_buffer view
        cdef int ms = as_timeout_ms(timeout)
        cdef size_t count = open_samples(
            &view, buffer, "buffer", PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE, self.channel_count)
        try:
            return self.take(<int16_t *>view.buf, count, ms)
        finally:
            PyBuffer_Release(&view)

    def read(self, size: int, timeout: float | None = None) -> bytes:
        """`readinto` into new bytes: `size` of them, a whole number of samples; fewer once `timeout` has passed."""
        cdef size_t c_size = <size_t>as_number(size, "size", 0, 1 << 30)
        cdef int ms = as_timeout_ms(timeout)
        cdef bytes out
        cdef size_t got
        if c_size % (2 * self.channel_count):
            raise ValueError(f"size: {size} bytes are not whole samples of {2 * self.channel_count} bytes")
        out = PyBytes_FromStringAndSize(NULL, c_size)
        got = self.take(<int16_t *>PyBytes_AsString(out), c_size // (2 * self.channel_count), ms)
        return out if got == c_size else out[:got]

    cdef size_t take(self, int16_t *to, size_t count, int ms) except? 0:
        cdef size_t most = <size_t>(self.read_behind * self.clock_rate) // 2
        cdef size_t done = 0
        cdef int waited = 1
        cdef uint64_t end = end_of(ms)
        cdef native.pyj_pcm_patience patience
        with self.reading:
            native.pyj_pcm_wait_begin(self.pcm, &patience)  # gil-ok: reads atomics
            while True:
                if count - done < LONG_COPY:
                    done += native.pyj_pcm_read(  # gil-ok: a short copy, no lock
                        self.pcm, to + done * self.channel_count, count - done)
                else:
                    with nogil:
                        done += native.pyj_pcm_read(self.pcm, to + done * self.channel_count, count - done)
                if done == count or ms == 0 or waited != 1:
                    break
                waited = self.wait(native.PYJ_PCM_READABLE, min(count - done, most), end, &patience)
        if not done and count:
            if waited < 0:
                self.give_up(waited)
            self.check_open()
        return done * 2 * self.channel_count

    def clear(self) -> float:
        """Drops what is queued, and returns how many milliseconds of it will not be heard.

        Not a sample of it is pulled after this returns; what the bridge has already pulled is less than a frame.
        """
        cdef size_t count
        with nogil:
            count = native.pyj_pcm_clear(self.pcm)
        return count * 1000.0 / self.clock_rate

    def skip(self) -> float:
        """Drops what was heard and not read yet, and returns how many milliseconds that was."""
        cdef size_t count
        with self.reading:
            with nogil:
                count = native.pyj_pcm_skip(self.pcm)
        return count * 1000.0 / self.clock_rate

    def pause(self) -> None:
        """Silence from the next frame on; what is queued stays queued."""
        with nogil:
            native.pyj_pcm_pause(self.pcm, 1)

    def resume(self) -> None:
        """Ends `pause`."""
        with nogil:
            native.pyj_pcm_pause(self.pcm, 0)

    def drain(self, timeout: float | None = None) -> bool:
        """Waits until what was written has been played or cleared; False after `timeout` seconds.

        Raises `StaleError` when the port is closed meanwhile, `Unheard` and `NoClock` when nothing is played.
        """
        cdef native.pyj_pcm_stats stats
        native.pyj_pcm_expect_end(self.pcm)  # gil-ok: atomics
        native.pyj_pcm_get_stats(self.pcm, &stats)  # gil-ok: reads atomics
        return self.wait_played(stats.written, timeout)

    def wait_played(self, place: int, timeout: float | None = None) -> bool:
        """Waits until so many of all the samples written (per channel) were played or cleared, as `drain` does."""
        cdef uint64_t c_place = <uint64_t>as_number(place, "place", 0, 9223372036854775807)
        cdef int ms = as_timeout_ms(timeout)
        cdef int waited
        cdef native.pyj_pcm_patience patience
        native.pyj_pcm_wait_begin(self.pcm, &patience)  # gil-ok: reads atomics
        waited = self.wait(native.PYJ_PCM_PLAYED, c_place, end_of(ms), &patience)
        if waited < 0:
            self.give_up(waited)
        return waited == 1

    def mark(self, name: str = "", keep: bool = False) -> int:
        """Marks the end of what has been written so far, and returns the mark's number, rising from 1.

        `OnPcmMark` tells once that every sample before it was pulled for somebody who listens, that some were
        cleared, or that the port was closed. With `keep` it is told by `marks` too, and `pcm_ready` names the port.
        `name` is for you, up to 64 bytes. Raises `TooMany` when 64 have not been told, or kept and not been
        fetched; `StaleError`.
        """
        cdef bytes c_name
        cdef const char *text
        cdef size_t size
        cdef int64_t number
        cdef int c_keep = bool(keep)
        if not isinstance(name, str):
            raise TypeError(f"name: str expected, not {type(name).__name__}")
        c_name = name.encode()
        if len(c_name) > native.PYJ_MARK_NAME:
            raise ValueError(f"name: {len(c_name)} bytes are more than {native.PYJ_MARK_NAME}")
        self.check_open()
        text = c_name
        size = len(c_name)
        with nogil:
            number = native.pyj_pcm_mark(self.pcm, text, size, c_keep, NULL)
        if number == 0:
            check(pj.PJ_ETOOMANY, "PcmPort.mark", "name", name)
        if number == -1:
            raise MemoryError
        if number < 0:
            check(native.PYJ_ESTALE, "PcmPort.mark", "conf_port", self.conf_port)
        return number

    def marks(self) -> list[object]:
        """Marks made with `keep` that were told since the last call, in order, as `PcmMark`."""
        cdef native.pyj_mark mark
        cdef native.pyj_pcm_mark_info out
        cdef int there
        cdef list marks = []
        while True:
            there = native.pyj_pcm_collect(self.pcm, &mark)  # gil-ok: an atomic, or a flag held for microseconds
            if not there:
                return marks
            out.number = mark.number
            out.name.ptr = mark.name
            out.name.slen = mark.name_size
            out.outcome = mark.outcome
            out.played_ms = mark.played_ms
            out.when = mark.time_ns / 1e9
            marks.append(decode(native.PYJ_PcmMark, <const char *>&out, Context()))

    def when_room(self, size: int) -> bool:
        """Whether `size` bytes can be written at once; if not, `pcm_ready` names this port once they can."""
        return self.ask(native.PYJ_PCM_ROOM, size, self.write_ahead)

    def when_readable(self, size: int) -> bool:
        """Whether `size` bytes can be read at once; if not, `pcm_ready` names this port once they can."""
        return self.ask(native.PYJ_PCM_READABLE, size, self.read_behind)

    cdef bint ask(self, native.pyj_pcm_what what, object size, double seconds) except -1:
        cdef size_t most = <size_t>(seconds * self.clock_rate + 0.5)
        cdef size_t c_size = <size_t>as_number(size, "size", 0, most * 2 * self.channel_count)
        cdef size_t count = c_size // (2 * self.channel_count)
        cdef int there
        there = native.pyj_pcm_ask(self.pcm, what, count)  # gil-ok: atomics
        return there

    def when_played(self, place: int) -> bool:
        """Whether so many of all the samples written (per channel) were played or cleared; if not, `pcm_ready`
        names this port once they were."""
        cdef uint64_t c_place = <uint64_t>as_number(place, "place", 0, 9223372036854775807)
        cdef int there
        there = native.pyj_pcm_ask(self.pcm, native.PYJ_PCM_PLAYED, c_place)  # gil-ok: atomics
        return there

    def detect_speech(self, level: float = 0.01, begin: float = 0.06, end: float = 0.5) -> None:
        """Looks for speech in what is heard, from the next frame on, in C on the bridge's clock.

        Speech begins once `begin` seconds were at least as loud as `level` (root mean square, 1 is full scale; 0.01
        is -40 dB), and ends once `end` seconds were not; to the length of a frame of the bridge. `OnPcmSpeech` tells
        both with the place where they began. Called again, it sets other values.
        """
        cdef float c_level = as_float(level, "level")
        cdef uint64_t c_begin = <uint64_t>as_ms(begin, "begin") * <unsigned>self.clock_rate // 1000
        cdef uint64_t c_end = <uint64_t>as_ms(end, "end") * <unsigned>self.clock_rate // 1000
        if not 0 < c_level <= 1:
            raise ValueError(f"level: {level} is not more than 0 and at most 1")
        if c_end == 0:
            raise ValueError("end: 0 seconds of silence end everything")
        self.check_open()
        native.pyj_pcm_detect_speech(  # gil-ok: atomics, and a futex that only wakes
            self.pcm, max(1, <unsigned>(c_level * 32768)), c_begin, c_end)

    def ignore_speech(self) -> None:
        """Ends `detect_speech`; nobody speaks any more, as far as this port knows, and no event says so."""
        native.pyj_pcm_detect_speech(self.pcm, 0, 0, 0)  # gil-ok: atomics, and a futex that only wakes

    @property
    def speech_edges(self) -> int:
        """How often somebody began or ceased to speak: odd while somebody speaks, and 0 without `detect_speech`."""
        cdef uint64_t place
        cdef uint64_t edges
        edges = native.pyj_pcm_speech_edges(self.pcm, &place)  # gil-ok: reads atomics
        return edges

    @property
    def speech_ms(self) -> float:
        """Where in all that was heard speech began or ended last, ms."""
        cdef uint64_t place
        native.pyj_pcm_speech_edges(self.pcm, &place)  # gil-ok: reads atomics
        return place * 1000.0 / self.clock_rate

    def wait_speech_edges(self, count: int, timeout: float | None = None) -> bool:
        """Waits until `speech_edges` is `count`, or more; False after `timeout` seconds.

        Raises `StaleError` when the port is closed meanwhile, and `NoClock`.
        """
        cdef uint64_t c_count = <uint64_t>as_number(count, "count", 0, 9223372036854775807)
        cdef int ms = as_timeout_ms(timeout)
        cdef int waited
        cdef native.pyj_pcm_patience patience
        native.pyj_pcm_wait_begin(self.pcm, &patience)  # gil-ok: reads atomics
        waited = self.wait(native.PYJ_PCM_SPEECH, c_count, end_of(ms), &patience)
        if waited < 0:
            self.give_up(waited)
        return waited == 1

    def when_speech_edges(self, count: int) -> bool:
        """Whether `speech_edges` is `count`, or more; if not, `pcm_ready` names this port once it is."""
        cdef uint64_t c_count = <uint64_t>as_number(count, "count", 0, 9223372036854775807)
        cdef int there
        there = native.pyj_pcm_ask(self.pcm, native.PYJ_PCM_SPEECH, c_count)  # gil-ok: atomics
        return there

    @property
    def played_ms(self) -> float:
        """How much of what was written the bridge has pulled, ms; only somebody who listens makes it rise."""
        cdef native.pyj_pcm_stats stats
        native.pyj_pcm_get_stats(self.pcm, &stats)  # gil-ok: reads atomics
        return stats.played * 1000.0 / self.clock_rate

    @property
    def queued_ms(self) -> float:
        """How much is still to be played, ms."""
        cdef size_t count
        count = native.pyj_pcm_queued(self.pcm)  # gil-ok: reads atomics
        return count * 1000.0 / self.clock_rate

    @property
    def readable(self) -> int:
        """How many bytes can be read at once."""
        cdef size_t count
        count = native.pyj_pcm_readable(self.pcm)  # gil-ok: reads atomics
        return count * 2 * self.channel_count

    @property
    def room(self) -> int:
        """How many bytes can be written at once."""
        cdef size_t count
        count = native.pyj_pcm_room(self.pcm)  # gil-ok: reads atomics
        return count * 2 * self.channel_count

    def stats(self) -> object:
        """What it has done so far, as `PcmStats`; also after its end."""
        cdef native.pyj_pcm_stats stats
        native.pyj_pcm_get_stats(self.pcm, &stats)  # gil-ok: reads atomics
        return decode(native.PYJ_PcmStats, <const char *>&stats, Context())


cdef int check_not_forked(str call) except -1:
    """The descriptor is shared with the process this one may be a fork of, whose news it is."""
    if native.pyj_forked():  # gil-ok: reads a word
        check(native.PYJ_EFORKED, call)
    return 0


def pcm_ready_fd() -> int:
    """Descriptor, one for the process, that is readable while `pcm_ready` has something to tell: for a loop."""
    cdef int fd
    check_not_forked("pcm_ready_fd")
    with nogil:
        fd = native.pyj_pcm_ready_fd()
    if fd < 0:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return fd


def pcm_ready() -> list[int]:
    """Serials (`PcmPort.conf_port.owner.serial`) of the ports that have come to what they were asked for by `when_room`,
    `when_readable`, `when_played` or `when_speech_edges`, that told a kept mark, or left the bridge after such a question."""
    cdef native.pyj_pcm *pcm
    cdef native.pyj_pcm *next
    cdef int slot
    cdef uint64_t serial
    cdef list out = []
    check_not_forked("pcm_ready")
    pcm = native.pyj_pcm_ready()  # gil-ok: an atomic, and a read of a non-blocking descriptor
    while pcm is not NULL:
        next = native.pyj_pcm_next_ready(pcm, &slot, &serial)  # gil-ok: an atomic
        out.append(serial)
        native.pyj_pcm_unref(pcm)  # gil-ok: an atomic, and free
        pcm = next
    return out


def pcm_ticks() -> int:
    """Rises while the bridge's clock runs and there is a `PcmPort`."""
    return native.pyj_pcm_ticks()  # gil-ok: an atomic


def pcm_census() -> tuple[int, int]:
    """How many ports `PcmPort` has made in this process, and how many of them the bridge is done with, for tests."""
    cdef uint64_t made
    cdef uint64_t destroyed
    with nogil:
        native.pyj_pcm_census(&made, &destroyed)
    return made, destroyed
