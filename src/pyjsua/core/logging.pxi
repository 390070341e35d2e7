# What PJSIP tells of itself: its log and its state.

def reconfigure_logging(cfg: object) -> None:
    """Changes level, message log and log file (`pjsua_reconfigure_logging`).

    Raises `PjsuaError` when the file cannot be opened; the rest is changed all the same.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_logging_config *log = <pj.pjsua_logging_config *>config_struct(
        arena, native.PYJ_LoggingConfig, cfg, "cfg")
    cdef pj.pj_status_t status
    if cfg is None:
        raise TypeError("cfg: LoggingConfig expected, not NoneType")
    adopt_log(log)
    with nogil:
        status = native.pyj_reconfigure_logging(log)
    check(status, "pjsua_reconfigure_logging", "cfg.log_filename", cfg.log_filename)


def perror(sender: str, title: str, status: int) -> None:
    """Logs ``title: words for the status [status=...]`` at level 1 (`pjsua_perror`)."""
    cdef bytes c_sender = encode(sender, "sender")
    cdef bytes c_title = encode(title, "title")
    cdef int c_status = as_int(status, "status")
    cdef const char *sender_text = c_sender
    cdef const char *title_text = c_title
    cdef pj.pj_status_t entered
    with nogil:
        entered = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if entered == pj.PJ_SUCCESS:
            pj.pjsua_perror(sender_text, title_text, c_status)
            native.pyj_leave()
    check(entered, "pjsua_perror")


def dump(detail: bool = False) -> str:
    """State of transports, transactions, dialogs, subscriptions and pools, for people to read (`pjsua_dump`).

    One line each; in C it goes to the log.
    """
    cdef pj.pj_bool_t c_detail = as_bool(detail, "detail")
    cdef char *text = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            text = native.pyj_dump(c_detail)
            native.pyj_leave()
    check(status, "pjsua_dump")
    if text is NULL:
        raise MemoryError
    try:
        return text_from_chars(text)
    finally:
        free(text)
