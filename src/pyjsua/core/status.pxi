# The one door for errors: a status that is not PJ_SUCCESS becomes an exception of errors.py.

cdef object error_factory = None


cdef str status_text(pj.pj_status_t status):
    """PJSIP's words for a status."""
    cdef char buf[256]
    cdef pj.pj_str_t text
    with nogil:
        text = native.pyj_strerror(status, buf, sizeof(buf))
    return text_from(text)


cdef int check(pj.pj_status_t status, str call, str name=None, object value=None) except -1:
    """Raises what `status` means, `call` being the C function that returned it for the argument `name`."""
    if status != pj.PJ_SUCCESS:
        # The line is this thread's own, so it is read before anything else is called.
        line = text_from_chars(native.pyj_log_last_error())  # gil-ok: this thread's own text
        raise error_from(status, call, line, subject(name, value))
    return 0


cdef str subject(str name, object value):
    if name is None:
        return ""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return f"{name} {value}" if isinstance(value, int) else f"{name} {value!r}"


cdef object error_from(pj.pj_status_t status, str call, str log_line, str about):
    if error_factory is None:
        return RuntimeError(f"{call}: {status_text(status)}")
    return error_factory(status, status_text(status), call, log_line, about)


def strerror(status: int) -> str:
    """PJSIP's words for a status code (`pj_strerror`)."""
    return status_text(as_int(status, "status"))
