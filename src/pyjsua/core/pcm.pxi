# Audio between Python and the conference bridge: samples in and out, in bulk, on whatever thread asks.

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
        raise TypeError(f"{name}: 16-bit samples or bytes expected, not a buffer of format {layout!r}")
    if view.len % (2 * width):
        length = view.len
        PyBuffer_Release(view)
        raise ValueError(f"{name}: {length} bytes are not whole samples of {2 * width} bytes")
    return <size_t>view.len // (2 * width)


cdef int as_timeout_ms(object timeout) except? -2:
    return -1 if timeout is None else <int>as_ms(timeout, "timeout")


@cython.final
cdef class PcmPort:
    """A conference port whose audio is Python's: s16le samples, at a rate of its own, both ways.

    What is written is played to whoever listens to `conf_port`; what `conf_port` is connected
    to can be read. PJSIP resamples. It runs on the bridge's clock without Python: nothing is
    called per frame, and samples wait in rings of `write_ahead` and `read_behind` seconds; where a
    reader is slower the oldest go. There is a frame to read at every tick, of silence where nobody
    speaks. Any thread may use it. Close it; it is not closed by itself.
    """

    cdef native.pyj_pcm *pcm
    cdef readonly int clock_rate
    """Samples per second and channel, Hz."""
    cdef readonly int channel_count
    cdef readonly double write_ahead
    """Seconds that are queued to be played at most."""
    cdef readonly double read_behind
    """Seconds that are kept to be read."""
    cdef readonly object conf_port
    """Its `ConfPortId`, for `conf_connect`."""
    cdef object writing
    cdef object reading
    cdef bint closed

    def __cinit__(self, clock_rate: int = 16000, channel_count: int = 1, write_ahead: float = 0.5,
                  read_behind: float = 2.0):
        cdef unsigned c_channels = <unsigned>as_number(channel_count, "channel_count", 1, 2)
        cdef unsigned c_rate
        cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
        cdef int slot = -1
        cdef size_t ahead
        cdef size_t behind
        cdef pj.pj_status_t status
        if as_int(clock_rate, "clock_rate") not in PCM_CLOCK_RATES:
            raise ValueError(f"clock_rate: {clock_rate} is none of {', '.join(map(str, PCM_CLOCK_RATES))}")
        c_rate = clock_rate
        ahead = as_ms(write_ahead, "write_ahead") * c_rate // 1000
        behind = as_ms(read_behind, "read_behind") * c_rate // 1000
        # Less than two frames of the bridge can never be kept full.
        if ahead < c_rate // 25 or behind < c_rate // 25:
            raise ValueError("write_ahead, read_behind: less than 0.04 seconds")
        self.clock_rate = c_rate
        self.channel_count = c_channels
        self.writing = Lock()
        self.reading = Lock()
        self.closed = False
        self.write_ahead = <double>ahead / c_rate
        self.read_behind = <double>behind / c_rate
        with nogil:
            self.pcm = native.pyj_pcm_new(c_rate, c_channels, ahead, behind)
        if self.pcm is NULL:
            raise MemoryError
        with nogil:
            status = native.pyj_enter(pj.PJSUA_STATE_INIT)
            if status == pj.PJ_SUCCESS:
                status = native.pyj_pcm_attach(self.pcm, serial, &slot)
                native.pyj_leave()
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

    cdef int check_open(self) except -1:
        if self.closed or native.pyj_slot_serial(  # gil-ok: an atomic
                native.PYJ_PCMS, self.conf_port) != self.conf_port.owner.serial:
            check(native.PYJ_ESTALE, "PcmPort", "conf_port", self.conf_port)
        return 0

    def write(self, data: object, timeout: float | None = None) -> int:
        """Queues samples to be played, and returns how many bytes of them were taken.

        `data` is bytes or any contiguous buffer of bytes or int16, of any length. Waits while
        `write_ahead` is full, for ever or for `timeout` seconds: fewer bytes than given then means time
        has passed. 0 takes what fits at once. Raises `StaleError` once the port is closed.
        """
        cdef Py_buffer view
        cdef int ms = as_timeout_ms(timeout)
        cdef size_t count = open_samples(&view, data, "data", PyBUF_C_CONTIGUOUS, self.channel_count)
        cdef size_t done = 0
        cdef int waited = 1
        cdef uint64_t end = 0
        try:
            self.check_open()
            with nogil:
                if ms > 0:
                    end = native.pyj_now_ns() // 1000000 + <uint64_t>ms
            with self.writing:
                while waited > 0:
                    with nogil:
                        done += native.pyj_pcm_write(
                            self.pcm, <const int16_t *>view.buf + done * self.channel_count, count - done)
                        if done == count or ms == 0:
                            waited = 0
                        else:
                            waited = native.pyj_pcm_wait(
                                self.pcm, native.PYJ_PCM_ROOM, 1, slice_ms(ms, end))
                            if waited == 0 and (ms < 0 or native.pyj_now_ns() // 1000000 < end):
                                waited = 1
                    if waited > 0:
                        PyErr_CheckSignals()
        finally:
            PyBuffer_Release(&view)
        if waited < 0:
            self.check_open()
            check(native.PYJ_ESTALE, "PcmPort.write", "conf_port", self.conf_port)
        return done * 2 * self.channel_count

    def readinto(self, buffer: object, timeout: float | None = None) -> int:
        """Fills a writable buffer with what was heard, and returns how many bytes that was.

        Waits until it is full, for ever or for `timeout` seconds; 0 takes what is there. Raises
        `StaleError` once the port is closed and everything has been read.
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
        got = self.take(<int16_t *>PyBytes_AS_STRING(out), c_size // (2 * self.channel_count), ms)
        return out if got == c_size else out[:got]

    cdef size_t take(self, int16_t *to, size_t count, int ms) except? 0:
        cdef size_t done = 0
        cdef int waited = 1
        cdef uint64_t end = 0
        with nogil:
            if ms > 0:
                end = native.pyj_now_ns() // 1000000 + <uint64_t>ms
        with self.reading:
            while waited > 0:
                with nogil:
                    done += native.pyj_pcm_read(self.pcm, to + done * self.channel_count, count - done)
                    if done == count or ms == 0:
                        waited = 0
                    else:
                        waited = native.pyj_pcm_wait(self.pcm, native.PYJ_PCM_READABLE, 1, slice_ms(ms, end))
                        if waited == 0 and (ms < 0 or native.pyj_now_ns() // 1000000 < end):
                            waited = 1
                if waited > 0:
                    PyErr_CheckSignals()
        if not done and count:
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

        Raises `StaleError` when the port is closed meanwhile. Nothing is played while nobody listens.
        """
        cdef native.pyj_pcm_stats stats
        with nogil:
            native.pyj_pcm_expect_end(self.pcm)
            native.pyj_pcm_get_stats(self.pcm, &stats)
        return self.wait_played(stats.written, timeout)

    def wait_played(self, place: int, timeout: float | None = None) -> bool:
        """Waits until so many of all the samples written (per channel) were played or cleared, as `drain` does."""
        cdef uint64_t c_place = <uint64_t>as_number(place, "place", 0, 9223372036854775807)
        cdef int ms = as_timeout_ms(timeout)
        cdef int waited
        cdef uint64_t end = 0
        with nogil:
            if ms > 0:
                end = native.pyj_now_ns() // 1000000 + <uint64_t>ms
        while True:
            with nogil:
                waited = native.pyj_pcm_wait(
                    self.pcm, native.PYJ_PCM_PLAYED, c_place, 0 if ms == 0 else slice_ms(ms, end))
                if waited == 0 and ms != 0 and (ms < 0 or native.pyj_now_ns() // 1000000 < end):
                    waited = 2
            if waited != 2:
                break
            PyErr_CheckSignals()
        if waited < 0:
            check(native.PYJ_ESTALE, "PcmPort", "conf_port", self.conf_port)
        return waited == 1

    @property
    def played_ms(self) -> float:
        """How much of what was written the bridge has pulled, ms; only somebody who listens makes it rise."""
        return self.stats()["played"] * 1000.0 / self.clock_rate

    @property
    def queued_ms(self) -> float:
        """How much is still to be played, ms."""
        cdef size_t count
        with nogil:
            count = native.pyj_pcm_queued(self.pcm)
        return count * 1000.0 / self.clock_rate

    @property
    def readable(self) -> int:
        """How many bytes can be read at once."""
        cdef size_t count
        with nogil:
            count = native.pyj_pcm_readable(self.pcm)
        return count * 2 * self.channel_count

    @property
    def room(self) -> int:
        """How many bytes can be written at once."""
        cdef size_t count
        with nogil:
            count = native.pyj_pcm_room(self.pcm)
        return count * 2 * self.channel_count

    def stats(self) -> dict[str, int]:
        """Counters since it was made, in samples per channel: ``written`` = ``played`` + ``cleared`` + queued;
        ``received`` = ``read`` + ``lost`` + readable. ``frames`` were pulled, of which ``underruns`` had too little
        in the middle of speech; of those heard ``overruns`` found no room since the first read."""
        cdef native.pyj_pcm_stats stats
        with nogil:
            native.pyj_pcm_get_stats(self.pcm, &stats)
        return stats


cdef inline int slice_ms(int ms, uint64_t end) noexcept nogil:
    """What is left of a time-out, in slices: between them signals are looked for."""
    cdef uint64_t now
    if ms < 0:
        return 200
    now = native.pyj_now_ns() // 1000000
    if now >= end:
        return 0
    return <int>(end - now) if end - now < 200 else 200


def pcm_census() -> tuple[int, int]:
    """How many ports `PcmPort` has made in this process, and how many of them the bridge is done with, for tests."""
    cdef uint64_t made
    cdef uint64_t destroyed
    with nogil:
        native.pyj_pcm_census(&made, &destroyed)
    return made, destroyed
