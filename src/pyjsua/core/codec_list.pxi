# Which codecs the descriptions of an account's and a call's sessions carry.

def matching_codecs(codecs: object, all: bool = False) -> object:
    """The ids of the codecs that `codecs` means, in its order, each once; those that are off too with `all`.

    An entry is a name (``"PCMU"``), a name with its clock rate and channels as in SDP (``"opus/48000/2"``),
    or a pattern (``"speex/*"``); case does not count. Raises `ValueError` for one that means nothing.
    """
    if isinstance(codecs, (str, bytes)) or not isinstance(codecs, Sequence):
        raise TypeError(f"codecs: a sequence of str expected, not {type(codecs).__name__}")
    cdef bint c_all = as_bool(all, "all")
    # The one that cannot be turned on.
    known = [info for info in enum_codecs() if info.codec_id != "L16/44100/2"]
    out = []
    for i, wanted in enumerate(codecs):
        if not isinstance(wanted, str):
            raise TypeError(f"codecs[{i}]: str expected, not {type(wanted).__name__}")
        # The longest name there could be; a pattern's cost grows faster than its length.
        if len(wanted) > 64:
            raise ValueError(f"codecs[{i}]: no codec has a name of {len(wanted)} characters")
        found = [info for info in known if codec_means(wanted.lower(), info.codec_id.lower())]
        if not found:
            raise ValueError(f"codecs[{i}]: {wanted!r} is no codec of this build")
        on = [info.codec_id for info in found if c_all or info.priority]
        if not on:
            raise ValueError(f"codecs[{i}]: {wanted!r} is off; codec_set_priority() turns it on")
        out.extend(codec_id for codec_id in on if codec_id not in out)
    if not out:
        raise ValueError("codecs: empty")
    return tuple(out)


cdef bint codec_means(str wanted, str codec_id) except -1:
    name, rate, channels = codec_id.split("/")
    meant = [name, codec_id]
    if channels == "1":
        meant.append(f"{name}/{rate}")
    if name == "g722":
        # RFC 3551: the RTP clock is at 8 kHz.
        meant += ["g722/8000", "g722/8000/1"]
    return any(fnmatchcase(one, wanted) for one in meant)


cdef native.pyj_codecs *codec_list(Arena arena, object codecs) except? NULL:
    """The C list, NULL for None."""
    cdef native.pyj_codecs *out
    cdef pj.pj_str_t *ids
    cdef unsigned count
    cdef pj.pj_status_t status
    if codecs is None:
        return NULL
    found = matching_codecs(codecs)
    count = len(found)
    out = <native.pyj_codecs *>arena.block(sizeof(native.pyj_codecs))
    ids = <pj.pj_str_t *>arena.block(count * sizeof(pj.pj_str_t))
    for i, codec_id in enumerate(found):
        ids[i] = arena.text(codec_id, f"codecs[{i}]")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codecs_find(ids, count, out)
            native.pyj_leave()
    check(status, "pjmedia_codec_mgr_find_codecs_by_id", "codecs", codecs)
    return out


cdef object codec_ids(const native.pyj_codecs *codecs):
    if codecs.count == 0:
        return None
    return tuple(
        f"{text_from_chars(codecs.codec[i].name)}/{codecs.codec[i].clock_rate}/{codecs.codec[i].channel_cnt}"
        for i in range(codecs.count))


def acc_set_codecs(acc_id: int, codecs: object) -> None:
    """What the account's offers and answers carry from now on, in this order; None for whatever is on.

    Entries are names, ids, or patterns: ``"PCMU"``, ``"opus/48000/2"``, ``"speex/*"``. Telephone events stay. An
    INVITE that offers none of them is answered 488. Raises `ValueError` for an empty list, a codec that this build
    has not, and one whose priority is 0. `call_set_codecs` goes before.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef native.pyj_codecs *c_codecs = codec_list(arena, codecs)
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codecs_set(native.pyj_acc_serial(c_id), c_codecs)
            acc_leave()
    check(status, "acc_set_codecs", "acc_id", acc_id)


def acc_get_codecs(acc_id: int) -> object:
    """The ids `acc_set_codecs` has found, None where there is no list."""
    cdef uint64_t serial
    cdef int c_id = as_id(acc_id, "acc_id", pj.PJSUA_MAX_ACC, AccId, &serial)
    cdef native.pyj_codecs out
    cdef pj.pj_status_t status
    with nogil:
        status = acc_enter(c_id, serial)
        if status == pj.PJ_SUCCESS:
            native.pyj_codecs_get(native.pyj_acc_serial(c_id), &out)
            acc_leave()
    check(status, "acc_get_codecs", "acc_id", acc_id)
    return codec_ids(&out)


def call_set_codecs(call_id: int, codecs: object) -> None:
    """What the call's offers and answers carry from now on, in this order; None for what the account says.

    As `acc_set_codecs`. Before an incoming call is answered it decides what the answer takes, and raises
    `NoCommonCodec` when the offer has none of them; once the call has media, a re-INVITE changes them.
    """
    cdef Arena arena = Arena()
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef native.pyj_codecs *c_codecs = codec_list(arena, codecs)
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_call_codecs_set(c_id, c_codecs)
            call_leave(held)
    if status == native.PYJ_ESTALE:
        check(status, "call_set_codecs", "call_id", call_id)
    check(status, "call_set_codecs", "codecs", codecs)


def call_get_codecs(call_id: int) -> object:
    """The ids `call_set_codecs` or `call_make_call` has found, None where the call has no list of its own."""
    cdef uint64_t serial
    cdef int c_id = call_arg(call_id, &serial)
    cdef native.pyj_codecs out
    cdef void *held = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = call_enter(c_id, serial, &held)
        if status == pj.PJ_SUCCESS:
            native.pyj_codecs_get(native.pyj_call_serial(c_id), &out)
            call_leave(held)
    check(status, "call_get_codecs", "call_id", call_id)
    return codec_ids(&out)
