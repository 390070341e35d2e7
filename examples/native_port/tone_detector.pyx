# cython: language_level=3
"""A tone detector in the conference bridge, and a count of messages."""

cimport pyjsua
from libc.math cimport M_PI, cos
from libc.stdint cimport int16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

cdef extern from *:
    """
    #define add_to(p, n) __atomic_add_fetch((p), (n), __ATOMIC_ACQ_REL)
    #define look_at(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    """
    int add_to(int *p, int n) nogil
    int look_at(int *p) nogil

cdef const pyjsua.pyjsua_api *api = pyjsua.pyjsua_import()


# Owned by the Python object and by pyjsua: who lets go last frees it.
cdef struct State:
    int owners
    double coefficient
    int frames        # with the tone
    int messages
    int of_calls
    int destroyed


cdef void let_go(State *state) noexcept nogil:
    if add_to(&state.owners, -1) == 0:
        free(state)


cdef void put_frame(void *user, const int16_t *samples, uint32_t count) noexcept nogil:
    cdef State *state = <State *>user
    cdef double before = 0, last = 0, now, power, all = 0
    cdef uint32_t i
    if samples is NULL or count == 0:
        return
    for i in range(count):  # Goertzel
        now = samples[i] + state.coefficient * last - before
        before = last
        last = now
        all += <double>samples[i] * samples[i]
    power = (last * last + before * before - state.coefficient * last * before) * 2 / count
    if all / count > 10000 and power > all * 0.7:
        add_to(&state.frames, 1)


cdef void on_gone(void *user) noexcept nogil:
    add_to(&(<State *>user).destroyed, 1)
    let_go(<State *>user)


cdef void on_message(void *user, const pyjsua.pyjsua_message *message) noexcept nogil:
    add_to(&(<State *>user).messages, 1)
    if message.call_serial != 0 and message.call_serial == api.call_serial(message.call_id):
        add_to(&(<State *>user).of_calls, 1)


cdef class ToneDetector:
    """Counts the frames with a tone of `frequency` Hz in them; `conf_port` is its ConfPortId."""

    cdef State *state
    cdef readonly object conf_port

    def __cinit__(self, double frequency):
        cdef pyjsua.pyjsua_port_ops ops
        cdef pyjsua.pyjsua_slot port
        cdef int outcome
        ops.size = sizeof(ops)
        ops.clock_rate = 8000
        ops.channel_count = 1
        ops.samples_per_frame = 0
        ops.name = "tone detector"
        ops.get_frame = NULL
        ops.put_frame = put_frame
        ops.on_destroy = on_gone
        self.state = <State *>calloc(1, sizeof(State))
        if self.state is NULL:
            raise MemoryError
        self.state.owners = 2
        self.state.coefficient = 2 * cos(2 * M_PI * frequency / 8000)
        with nogil:
            outcome = api.port_add(&ops, self.state, &port)
        if outcome != pyjsua.PYJSUA_OK:
            self.state.owners = 1
            raise RuntimeError(f"port_add: {outcome}")
        self.conf_port = api.conf_port(&port)

    def __dealloc__(self):
        if self.state is not NULL:
            let_go(self.state)

    @property
    def frames(self):
        return look_at(&self.state.frames)

    @property
    def destroyed(self):
        """How often the bridge said that it is done with the port."""
        return look_at(&self.state.destroyed)


cdef class MessageCounter:
    """Counts the messages on the wire, and those of calls, until `close`."""

    cdef State *state
    cdef uint64_t observer

    def __cinit__(self):
        cdef int outcome
        self.state = <State *>calloc(1, sizeof(State))
        if self.state is NULL:
            raise MemoryError
        self.state.owners = 2
        with nogil:
            outcome = api.observer_add(on_message, on_gone, self.state, &self.observer)
        if outcome != pyjsua.PYJSUA_OK:
            self.state.owners = 1
            raise RuntimeError(f"observer_add: {outcome}")

    def __dealloc__(self):
        if self.state is not NULL:
            api.observer_remove(self.observer)
            let_go(self.state)

    def close(self):
        """Whether it was still there."""
        cdef int outcome
        with nogil:
            outcome = api.observer_remove(self.observer)
        return outcome == pyjsua.PYJSUA_OK

    @property
    def counts(self):
        """Messages, and how many of them were of a call that has its id now."""
        return look_at(&self.state.messages), look_at(&self.state.of_calls)

    @property
    def removed(self):
        return look_at(&self.state.destroyed)
