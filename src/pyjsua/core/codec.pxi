# Codecs.

CODECS = frozenset(
    ["PCMU", "PCMA", "G722", "GSM", "speex", "opus", "L16"]
    + ["G729"] * pj.PJMEDIA_HAS_BCG729
    + ["AMR"] * pj.PJMEDIA_HAS_OPENCORE_AMRNB_CODEC
    + ["AMR-WB"] * pj.PJMEDIA_HAS_OPENCORE_AMRWB_CODEC)


def enum_codecs() -> list[object]:
    """The codecs as `CodecInfo`, most preferred first (`pjsua_enum_codecs`)."""
    cdef Arena arena = Arena()
    # PJMEDIA has room for no more.
    cdef unsigned count = pj.PJMEDIA_CODEC_MGR_MAX_CODECS
    cdef pj.pjsua_codec_info *infos = <pj.pjsua_codec_info *>arena.block(count * sizeof(pj.pjsua_codec_info))
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_codecs(infos, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_codecs")
    return [decode(native.PYJ_CodecInfo, <const char *>&infos[i], Context()) for i in range(count)]


def codec_set_priority(codec_id: str, priority: int) -> None:
    """Sets the priority, 0 (off) to 255, of every codec whose id starts so (`pjsua_codec_set_priority`).

    ``L16/44100/2`` stays off, and raises when nothing else is meant: its packets are too long for PJMEDIA.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_id = arena.text(codec_id, "codec_id")
    cdef pj.pj_uint8_t c_priority = <pj.pj_uint8_t>as_number(priority, "priority", 0, 255)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codec_set_priority(&c_id, c_priority)
            native.pyj_leave()
    check(status, "pjsua_codec_set_priority", "codec_id", codec_id)


def codec_get_param(codec_id: str) -> object:
    """A codec's parameters as `CodecParam` (`pjsua_codec_get_param`).

    `codec_id` is the codec's, or its beginning: the most preferred one counts.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_id = arena.text(codec_id, "codec_id")
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codec_get_param(&c_id, &native.pyj_structs[native.PYJ_CodecParam], &block)
            native.pyj_leave()
    check(status, "pjsua_codec_get_param", "codec_id", codec_id)
    return decode_and_free(native.PYJ_CodecParam, block, Context())


def codec_set_param(codec_id: str, param: object) -> None:
    """Sets the parameters calls start with from now on, or C's own for None (`pjsua_codec_set_param`).

    `codec_id` must mean one codec. Best read with `codec_get_param`, changed and set: what the codec says of
    itself in `param.info` cannot be changed, but for its bit rates.
    """
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_id = arena.text(codec_id, "codec_id")
    cdef native.pyj_codec_param *c_param = <native.pyj_codec_param *>optional_struct(
        arena, native.PYJ_CodecParam, param, "param")
    cdef const char *wrong = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_codec_set_param(&c_id, c_param, &wrong)
            native.pyj_leave()
    check_codec_param(wrong, param)
    check(status, "pjsua_codec_set_param", "codec_id", codec_id)


cdef object the_param(object param):
    if param is None:
        raise TypeError("param: CodecParam expected, not NoneType")
    return param


cdef int check_codec_param(const char *wrong, object param) except -1:
    """Raises for the field PJMEDIA could not work with."""
    if wrong is not NULL:
        name = text_from_chars(wrong)
        section, field = name.split(".")
        raise ValueError(f"param.{name}: {getattr(getattr(param, section), field)} will not do for this codec")
    return 0
