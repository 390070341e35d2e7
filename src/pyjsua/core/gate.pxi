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
