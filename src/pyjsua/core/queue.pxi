# The consumer's side of the event queue. One consumer at a time: the dispatcher sees to that.

cdef object decode_record(const native.pyj_record *record):
    cdef Context context = Context()
    context.call_id = record.call_id
    context.call_serial = record.call_serial
    context.acc_id = record.acc_id
    context.acc_serial = record.acc_serial
    return decode(record.kind, record.payload, context, record)


def queue_drain(limit: int = 256) -> list[object]:
    """Takes up to `limit` events off the queue.

    A record that cannot be decoded gives its exception in its place.
    """
    cdef native.pyj_record *record
    cdef int left = as_int(limit, "limit")
    cdef list out = []
    while left > 0:
        record = native.pyj_queue_pop()  # gil-ok: lock-free
        if record is NULL:
            break
        left -= 1
        try:
            out.append(decode_record(record))
        except Exception as error:
            out.append(error)
        finally:
            native.pyj_record_free(record)  # gil-ok: gives a node back
    return out


def queue_discard() -> int:
    """Throws away what an earlier run of the library left; how many events that was."""
    tokens.clear()
    cdef native.pyj_record *record
    cdef int count = 0
    while True:
        record = native.pyj_queue_pop()  # gil-ok: lock-free
        if record is NULL:
            return count
        native.pyj_record_free(record)  # gil-ok: gives a node back
        count += 1


def queue_wait(timeout: float | None = None) -> bool:
    """Waits for an event, a wake-up or a signal; False after `timeout` seconds."""
    cdef int ms = -1 if timeout is None else <int>min(max(timeout, 0.0) * 1000.0 + 0.999, 2147483647.0)
    cdef int woken
    with nogil:
        woken = native.pyj_queue_wait(ms)
    return woken != 0


def queue_may_sleep() -> bool:
    """Tells the producers to write to the descriptor at the next event; False if there is one already."""
    return native.pyj_queue_may_sleep() != 0  # gil-ok: lock-free


def queue_ack() -> None:
    """Empties the descriptor after it was found readable."""
    native.pyj_queue_ack()  # gil-ok: reads a non-blocking descriptor


def queue_wake() -> None:
    """Wakes the consumer."""
    native.pyj_queue_wake()  # gil-ok: writes to a non-blocking descriptor


def queue_fd() -> int:
    """Descriptor that is readable while events wait, -1 before `create`."""
    return native.pyj_queue_fd()  # gil-ok: reads a word


def queue_set_cap(cap: int) -> None:
    """Depth above which transport, log and trace events, and those of the other side's transactions, are dropped
    and counted."""
    native.pyj_queue_set_cap(<uint64_t>as_number(cap, "cap", 0, 2 ** 62))  # gil-ok: writes a word


def queue_stats() -> dict[str, int]:
    """Counters of the queue; `oldest_ns` is when the first event that waits came, 0 for none (`time.monotonic_ns`)."""
    cdef native.pyj_queue_stats stats
    native.pyj_queue_get_stats(&stats)  # gil-ok: reads atomics
    return {
        "pushed": stats.pushed, "popped": stats.popped, "dropped": stats.dropped, "starved": stats.starved,
        "wakes": stats.wakes, "depth": stats.depth, "high_water": stats.high_water, "cap": stats.cap,
        "oldest_ns": stats.oldest_ns,
    }


def set_wanted(event_class: str, wanted: bool) -> None:
    """Whether events of this class are copied at all."""
    cdef int i
    for i in range(native.PYJ_STRUCT_COUNT):
        if native.pyj_structs[i].name.decode() == event_class:
            native.pyj_set_wanted(<uint16_t>i, bool(wanted))  # gil-ok: writes a byte
            return
    raise KeyError(event_class)
