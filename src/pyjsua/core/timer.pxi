# Timers: PJSIP counts, the expiry is an event.

cdef object start_timer(pj.pj_time_val delay, object user_data, str call):
    cdef native.pyj_serial_id id
    cdef uint64_t number = keep_token(native.PYJ_OnTimer, user_data)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_timer_schedule(&delay, number, &id)
            native.pyj_leave()
    if status != pj.PJ_SUCCESS:
        take_token(number)
    check(status, call)
    return new_id(TimerId, id.id, id.serial)


def schedule_timer(delay: float, user_data: object = None) -> object:
    """Starts a timer of `delay` seconds and returns its `TimerId` (`pjsua_schedule_timer`).

    Its expiry comes as `OnTimer` with `user_data`, later than that by as much as the queue is behind. Up to a year.
    """
    cdef pj.pj_time_val c_delay
    if isinstance(delay, bool) or not isinstance(delay, (int, float)):
        raise TypeError(f"delay: seconds expected, not {type(delay).__name__}")
    if not 0 <= delay <= 31622400:
        raise ValueError(f"delay: {delay} is not between 0 and 31622400 seconds")
    ms = round(delay * 1000)
    c_delay.sec = ms // 1000
    c_delay.msec = ms % 1000
    return start_timer(c_delay, user_data, "pjsua_schedule_timer")


def schedule_timer2(msec_delay: int, user_data: object = None) -> object:
    """The same in milliseconds (`pjsua_schedule_timer2`)."""
    cdef unsigned ms = as_unsigned(msec_delay, "msec_delay")
    cdef pj.pj_time_val c_delay
    c_delay.sec = ms // 1000
    c_delay.msec = ms % 1000
    return start_timer(c_delay, user_data, "pjsua_schedule_timer2")


def cancel_timer(timer_id: int) -> bool:
    """Stops a timer; False if it has expired already (`pjsua_cancel_timer`).

    After True its `OnTimer` does not come.
    """
    cdef uint64_t serial
    cdef int c_id = as_id(timer_id, "timer_id", native.PYJ_MAX_TIMERS, TimerId, &serial)
    cdef unsigned long number = 0
    cdef pj.pj_status_t status
    cdef int found = 0
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            found = native.pyj_timer_cancel(c_id, serial, &number)
            native.pyj_leave()
    check(status, "pjsua_cancel_timer")
    take_token(number)
    return found != 0
