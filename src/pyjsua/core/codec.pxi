# Codecs.

cdef enum:
    MAX_CODECS = 64


def enum_codecs() -> list[object]:
    """The codecs as `CodecInfo`, most preferred first (`pjsua_enum_codecs`)."""
    cdef Arena arena = Arena()
    cdef pj.pjsua_codec_info *infos = <pj.pjsua_codec_info *>arena.block(MAX_CODECS * sizeof(pj.pjsua_codec_info))
    cdef unsigned count = MAX_CODECS
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_codecs(infos, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_codecs")
    return [decode(native.PYJ_CodecInfo, <const char *>&infos[i], Context()) for i in range(count)]


def codec_set_priority(codec_id: str, priority: int) -> None:
    """Sets the priority, 0 (off) to 255, of every codec whose id starts so (`pjsua_codec_set_priority`)."""
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_id = arena.text(codec_id, "codec_id")
    cdef pj.pj_uint8_t c_priority = <pj.pj_uint8_t>as_number(priority, "priority", 0, 255)
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_codec_set_priority(&c_id, c_priority)
            native.pyj_leave()
    check(status, "pjsua_codec_set_priority", "codec_id", codec_id)
