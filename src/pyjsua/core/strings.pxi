# The one door for strings, both ways, and the memory that lends them to C for one call.

cdef str text_from(pj.pj_str_t text):
    """A pj_str_t as str; bytes that are not UTF-8 survive as surrogates."""
    if text.slen <= 0 or text.ptr is NULL:
        return ""
    return PyUnicode_DecodeUTF8(text.ptr, text.slen, "surrogateescape")


cdef str text_from_chars(const char *text):
    return PyUnicode_DecodeUTF8(text, strlen(text), "surrogateescape")


cdef dict XML_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
cdef object XML_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));")


def _character(match):
    decimal, hexadecimal, name = match.groups()
    if name:
        return XML_ENTITIES[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if number < 0x110000 else match[0]


cdef str from_xml(str text):
    """Text of an XML document, its references resolved."""
    return XML_REFERENCE.sub(_character, text) if "&" in text else text


cdef str to_xml(str text):
    for character, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos")):
        text = text.replace(character, f"&{name};")
    return text


cdef bytes bytes_from(pj.pj_str_t text):
    if text.slen <= 0 or text.ptr is NULL:
        return b""
    return text.ptr[:text.slen]


cdef bytes encode(object value, str name, bint lines=False):
    """`value` as UTF-8; refuses what would end or split a line in a SIP message."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: str expected, not {type(value).__name__}")
    if "\0" in <str>value:
        raise ValueError(f"{name}: a NUL character cannot be sent")
    if not lines and ("\r" in <str>value or "\n" in <str>value):
        raise ValueError(f"{name}: a line break cannot stand here")
    try:
        return (<str>value).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ValueError(f"{name}: {error.reason} at {error.start}") from None


@cython.final
cdef class Arena:
    """Keeps what C was lent alive until the call is over; C copies what it keeps."""

    cdef list kept
    cdef list blocks

    def __cinit__(self):
        self.kept = []
        self.blocks = []

    def __dealloc__(self):
        for block in self.blocks:
            free(<void *><size_t>block)

    cdef pj.pj_str_t text(self, object value, str name, bint lines=False) except *:
        cdef bytes data = encode(value, name, lines)
        cdef pj.pj_str_t out
        self.kept.append(data)
        out.ptr = PyBytes_AsString(data)
        out.slen = PyBytes_Size(data)
        return out

    cdef pj.pj_str_t data(self, object value, str name) except *:
        cdef pj.pj_str_t out
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise TypeError(f"{name}: bytes expected, not {type(value).__name__}")
        cdef bytes data = bytes(value)
        self.kept.append(data)
        out.ptr = PyBytes_AsString(data)
        out.slen = PyBytes_Size(data)
        return out

    cdef void *block(self, size_t size) except NULL:
        cdef void *memory = calloc(1, size or 1)
        if memory is NULL:
            raise MemoryError
        self.blocks.append(<size_t>memory)
        return memory


cdef pj.pj_str_t *optional_text(Arena arena, object value, str name) except? NULL:
    """A pj_str_t in the arena, NULL for None."""
    cdef pj.pj_str_t *out
    if value is None:
        return NULL
    out = <pj.pj_str_t *>arena.block(sizeof(pj.pj_str_t))
    out[0] = arena.text(value, name)
    return out


cdef pj.pj_str_t *reason_text(Arena arena, object value, str name) except? NULL:
    """The reason phrase of a response, which PJSIP prints without looking how much room there is."""
    cdef pj.pj_str_t *out = optional_text(arena, value, name)
    if out is not NULL and out.slen > 1024:
        raise ValueError(f"{name}: {out.slen} bytes long, 1024 at most")
    return out


cdef pj.pj_str_t uri_text(Arena arena, object value, str name) except *:
    """A SIP URI PJSIP can parse. Without a library there is no parser; what follows says so then."""
    cdef pj.pj_str_t out = arena.text(value, name)
    cdef pj.pj_status_t status
    cdef bint invalid = False
    if out.slen == 0:
        raise ValueError(f"{name}: empty")
    if out.slen > pj.PJSIP_MAX_URL_SIZE:
        raise ValueError(f"{name}: {out.slen} bytes long, {pj.PJSIP_MAX_URL_SIZE} at most")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_verify_sip_uri(&out)
            native.pyj_leave()
            invalid = status != pj.PJ_SUCCESS
    if invalid:
        raise ValueError(f"{name}: {value!r} is not a SIP URI")
    return out


cdef pj.pj_str_t route_text(Arena arena, object value, str name) except *:
    """A SIP URI for a route set: pjsua prints it in PJSIP_MAX_URL_SIZE, ";lr" and angle brackets added."""
    cdef pj.pj_str_t out = uri_text(arena, value, name)
    if out.slen > pj.PJSIP_MAX_URL_SIZE - 16:
        raise ValueError(f"{name}: {out.slen} bytes long, {pj.PJSIP_MAX_URL_SIZE - 16} at most in a route")
    return out
