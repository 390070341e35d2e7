# Tokens: what a program gave along with a request, kept until the event that answers it.

cdef dict tokens = {}


cdef uint64_t keep_token(int kind, object token) except? 0:
    """The number `token` is kept under; 0 for None, and while nobody wants the event it would come with."""
    cdef uint64_t number
    if token is None or not native.pyj_wanted(<uint16_t>kind):  # gil-ok: reads a byte
        return 0
    number = native.pyj_serial_new()  # gil-ok: an atomic
    tokens[number] = (kind, token)
    return number


cdef object take_token(uint64_t number):
    """What was kept, which is given up; None for nothing."""
    _, token = tokens.pop(number, (0, None))
    return token


cdef list tokens_like(int kind, object token):
    """The numbers of what was kept for events of this kind and is equal to `token`."""
    return [number for number, (its_kind, kept) in list(tokens.items())
            if its_kind == kind and (kept is token or kept == token)]
