# Who may come in. Every function that calls PJSIP does it between pyj_enter and pyj_leave, without the
# GIL: state, fork and thread registration are checked in one place, and destroy can wait for all to leave.

def get_state() -> int:
    """State of the library (`pjsua_get_state`). Any thread, any time."""
    return native.pyj_state()  # gil-ok: reads two words


def epoch() -> int:
    """How many times the library was created in this process."""
    return native.pyj_epoch()  # gil-ok: reads a word


def is_forked() -> bool:
    """Whether this process is a fork of the one that runs PJSIP."""
    return bool(native.pyj_forked())  # gil-ok: reads a word


def entrants() -> int:
    """How many threads are inside PJSIP at this moment, for tests."""
    return native.pyj_entrants()  # gil-ok: reads a word


cdef inline pj.pj_status_t slot_enter(native.pyj_table table, int id, uint64_t serial,
                                      bint destroy=False) noexcept nogil:
    """Enters with the player, recorder or transport held, so that it cannot go between the check and the call."""
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_slot_enter(table, id, serial, destroy)
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


cdef inline void slot_leave(native.pyj_table table) noexcept nogil:
    native.pyj_slot_leave(table)
    native.pyj_leave()
