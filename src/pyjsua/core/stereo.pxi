# Two ports of the bridge heard as two channels: what is left and what is right began at the same tick of its clock.

@cython.final
cdef class StereoPort:
    """Two conference ports, `left` and `right`, heard together as two channels aligned to the sample.

    At the bridge's own rate, so that nothing is resampled. What both heard waits to be read in a ring of
    `read_behind` seconds; where a reader is slower the oldest goes. No Python runs on the bridge's clock. Any
    thread may use it. Close it; it is not closed by itself.
    """

    cdef native.pyj_stereo *stereo
    cdef readonly int clock_rate
    """Samples per second and channel, Hz."""
    cdef readonly object left
    """`ConfPortId` of the left channel, for `conf_connect`."""
    cdef readonly object right
    """`ConfPortId` of the right one."""
    cdef object reading
    cdef bint closed

    def __cinit__(self, read_behind: float = 10.0):
        cdef int ms = <int>as_ms(read_behind, "read_behind")
        cdef uint64_t serial = native.pyj_serial_new()  # gil-ok: an atomic
        cdef int slots[2]
        cdef pj.pj_status_t status
        if not 100 <= ms <= 3600000:
            raise ValueError(f"read_behind: {read_behind} is not between 0.1 and 3600 seconds")
        self.reading = Lock()
        self.closed = True
        with nogil:
            self.stereo = native.pyj_stereo_new()
        if self.stereo is NULL:
            raise MemoryError
        with nogil:
            status = native.pyj_enter(pj.PJSUA_STATE_INIT)
            if status == pj.PJ_SUCCESS:
                status = native.pyj_stereo_attach(self.stereo, ms, serial, slots)
                native.pyj_leave()
        check(status, "pjsua_conf_add_port")
        self.closed = False
        with nogil:
            self.clock_rate = native.pyj_stereo_clock_rate(self.stereo)
        self.left = ConfPortId(slots[0], 0, PcmPortId(slots[0], serial))
        self.right = ConfPortId(slots[1], 0, PcmPortId(slots[1], serial))

    def __dealloc__(self):
        # Memory of ours alone; the bridge has references of its own.
        if self.stereo is not NULL:
            native.pyj_stereo_unref(self.stereo)  # gil-ok: an atomic, and free

    def close(self) -> None:
        """Takes both out of the bridge. Any thread, any number of times; what was heard can still be read."""
        cdef int slot = self.left
        cdef uint64_t serial = self.left.owner.serial
        cdef pj.pj_status_t status
        self.closed = True
        with nogil:
            status = slot_enter(native.PYJ_PCMS, slot, serial, True)
            if status == pj.PJ_SUCCESS:
                native.pyj_stereo_detach(self.stereo)
                slot_leave(native.PYJ_PCMS)
        # Gone with the library, or in another thread, or not ours to touch after a fork.
        if status not in (pj.PJ_SUCCESS, native.PYJ_ESTALE, native.PYJ_ESTATE, native.PYJ_EFORKED):
            check(status, "pjsua_conf_remove_port")

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of what was heard, s16le, left and right in turn; what there is, without waiting.

        Raises `StaleError` once it is closed, or went with its library, and everything has been read.
        """
        cdef size_t count = <size_t>as_number(size, "size", 0, 1 << 30)
        cdef bytes out
        cdef int16_t *samples
        cdef size_t got
        if count % 4:
            raise ValueError(f"size: {size} bytes are not whole samples of 4 bytes")
        with self.reading:
            with nogil:
                got = native.pyj_stereo_readable(self.stereo)
            count = min(count // 4, got)
            out = PyBytes_FromStringAndSize(NULL, count * 4)
            samples = <int16_t *>PyBytes_AsString(out)
            with nogil:
                got = native.pyj_stereo_read(self.stereo, samples, count)
        if not got and size and (self.closed or native.pyj_slot_serial(  # gil-ok: an atomic
                native.PYJ_PCMS, self.left) != self.left.owner.serial):
            check(native.PYJ_ESTALE, "StereoPort", "left", self.left)
        return out if got == count else out[:got * 4]

    @property
    def readable(self) -> int:
        """How many bytes can be read."""
        cdef size_t count
        with nogil:
            count = native.pyj_stereo_readable(self.stereo)
        return count * 4

    def stats(self) -> dict[str, int]:
        """Counters since it was made, in samples per channel: ``received`` = ``read`` + ``lost`` + readable."""
        cdef native.pyj_stereo_stats stats
        with nogil:
            native.pyj_stereo_get_stats(self.stereo, &stats)
        return stats
