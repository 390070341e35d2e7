# Structs in and out by the tables: a Python value fills a C struct, a packed C struct becomes a value.

@cython.final
cdef class Context:
    """What ids in a struct belong to: the call and account it tells of."""

    cdef int call_id
    cdef int acc_id
    cdef uint64_t call_serial
    cdef uint64_t acc_serial
    cdef object call
    cdef object acc
    cdef object port
    cdef object buddy

    def __cinit__(self):
        self.call_id = self.acc_id = -1

    cdef object the_call(self):
        if self.call is None:
            self.call = new_id(CallId, self.call_id, self.call_serial)
        return self.call

    cdef object the_acc(self):
        if self.acc is None:
            self.acc = new_id(AccId, self.acc_id, self.acc_serial)
        return self.acc

    cdef object the_port(self, int slot):
        """A port of the call. Its media lines, its provisional ones and itself mostly name the same."""
        if self.port is None or <int>self.port != slot:
            self.port = new_port(slot, self.the_call())
        return self.port


cdef Context context_of_call(int call_id, uint64_t serial):
    cdef Context context = Context()
    context.call_id = call_id
    context.call_serial = serial or native.pyj_call_last_serial(call_id)  # gil-ok: an atomic
    return context


cdef Context context_of_acc(int acc_id):
    cdef Context context = Context()
    context.acc_id = acc_id
    context.acc_serial = native.pyj_acc_serial(acc_id)  # gil-ok: reads two words
    return context


# -- out

cdef object decode_id(int index, int value, Context context):
    cdef uint64_t serial
    cls = id_by_index[index]
    if value < 0:
        return new_port(value, None) if cls is ConfPortId else new_id(cls, value, 0)
    if cls is CallId:
        if value == context.call_id:
            return context.the_call()
        return CallId(value, native.pyj_call_last_serial(value))  # gil-ok: an atomic
    if cls is AccId:
        if value == context.acc_id:
            return context.the_acc()
        serial = native.pyj_acc_serial(value)  # gil-ok: reads two words
        if context.call_serial and not 0 < serial <= context.call_serial:
            # The call's own was deleted, and perhaps another given the slot.
            return new_id(AccId, -1, 0)
        return AccId(value, serial)
    if cls is BuddyId:
        if context.buddy is not None and value == <int>context.buddy:
            return context.buddy
        return BuddyId(value, native.pyj_buddy_serial(value))  # gil-ok: reads two words
    if cls is TransportId:
        return TransportId(value, native.pyj_slot_serial(native.PYJ_TRANSPORTS, value))  # gil-ok: an atomic
    if cls is ConfPortId and context.call_id >= 0:
        return context.the_port(value)
    return cls(value)


cdef object decode_serial_id(object cls, const native.pyj_serial_id *id, Context context):
    out = new_id(cls, id.id, id.serial)
    if cls is BuddyId:
        context.buddy = out
    return out


cdef object decode_value(const native.pyj_field *field, const char *at, Context context):
    cdef char buf[80]
    cdef long long number = 0
    if field.ctype == native.PYJ_C_PARTS:
        return decode_parts(field.arg, at, context)
    if field.as_ == native.PYJ_AS_STRUCT:
        return decode(field.arg, at, context)
    if field.as_ == native.PYJ_AS_BYTES:
        return bytes_from((<const pj.pj_str_t *>at)[0])
    if field.ctype == native.PYJ_C_INT:
        number = (<const int *>at)[0]
    elif field.ctype == native.PYJ_C_UINT:
        number = (<const unsigned *>at)[0]
    elif field.ctype == native.PYJ_C_PJSTR:
        if field.as_ == native.PYJ_AS_XML:
            return from_xml(text_from((<const pj.pj_str_t *>at)[0]))
        return text_from((<const pj.pj_str_t *>at)[0])
    elif field.ctype == native.PYJ_C_UINT8:
        number = (<const unsigned char *>at)[0]
    elif field.ctype == native.PYJ_C_UINT16:
        number = (<const unsigned short *>at)[0]
    elif field.ctype == native.PYJ_C_INT16:
        number = (<const short *>at)[0]
    elif field.ctype == native.PYJ_C_LONG:
        number = (<const long *>at)[0]
    elif field.ctype == native.PYJ_C_ULONG:
        if field.as_ == native.PYJ_AS_OBJECT:
            return take_token((<const unsigned long *>at)[0])
        return (<const unsigned long *>at)[0]
    elif field.ctype == native.PYJ_C_FLOAT:
        return <double>(<const float *>at)[0]
    elif field.ctype == native.PYJ_C_DOUBLE:
        return (<const double *>at)[0]
    elif field.ctype == native.PYJ_C_CHARS:
        return text_from_chars(at)
    elif field.ctype == native.PYJ_C_TIME:
        return (<const pj.pj_time_val *>at).sec + (<const pj.pj_time_val *>at).msec / 1000.0
    elif field.ctype == native.PYJ_C_SOCKADDR:
        if (<const unsigned short *>at)[0] == 0:
            return ""
        # With its port, if there is one; an IPv6 address in brackets then.
        pj.pj_sockaddr_print(at, buf, sizeof(buf), 3 if pj.pj_sockaddr_get_port(at) else 0)  # gil-ok: formats
        return text_from_chars(buf)
    elif field.ctype == native.PYJ_C_CSTR:
        return text_from_chars((<const char *const *>at)[0]) if (<const char *const *>at)[0] is not NULL else ""
    elif field.ctype == native.PYJ_C_SERIAL_ID:
        return decode_serial_id(id_by_index[field.arg], <const native.pyj_serial_id *>at, context)
    elif field.ctype == native.PYJ_C_HEADERS:
        return decode_headers(<const pj.pjsip_hdr *>at)
    elif field.ctype == native.PYJ_C_PAIRS:
        return decode_pairs(<const native.pyj_pairs *>at)
    elif field.ctype == native.PYJ_C_MEDIA_TYPE:
        return decode_media_type(<const pj.pjsip_media_type *>at)
    if field.as_ == native.PYJ_AS_BOOL and field.arg == 1:
        return number != 0
    if field.as_ == native.PYJ_AS_ENUM:
        return enum_value(field.arg, number)
    if field.as_ == native.PYJ_AS_ID:
        return decode_id(field.arg, <int>number, context)
    return number


cdef object decode_headers(const pj.pjsip_hdr *head):
    """Those of our own making, which are all of the generic kind."""
    cdef const pj.pjsip_hdr *at = head.next
    cdef list out = []
    while at is not NULL and at is not head:
        if at.type == pj.PJSIP_H_OTHER:
            out.append((text_from(at.name), text_from((<const pj.pjsip_generic_string_hdr *>at).hvalue)))
        at = at.next
    return tuple(out)


cdef object decode_media_type(const pj.pjsip_media_type *value):
    cdef const pj.pjsip_param *param = <const pj.pjsip_param *>value.param.next
    if value.type.slen <= 0:
        return ""
    out = f"{text_from(value.type)}/{text_from(value.subtype)}"
    while param is not NULL and param is not &value.param:
        out += f";{text_from(param.name)}"
        if param.value.slen > 0:
            out += f"={text_from(param.value)}"
        param = <const pj.pjsip_param *>param.next
    return out


cdef object decode_parts(int index, const char *head, Context context):
    cdef const char *at = <const char *>(<const pj.pjsip_multipart_part *>head).next
    cdef list out = []
    while at is not NULL and at is not head:
        out.append(decode(index, at, context))
        at = <const char *>(<const pj.pjsip_multipart_part *>at).next
    return tuple(out)


cdef tuple decode_pairs(const native.pyj_pairs *pairs):
    cdef unsigned i
    return tuple([(text_from(pairs.pair[i].name), text_from(pairs.pair[i].value)) for i in range(pairs.count)])


cdef object decode_array(const native.pyj_field *field, const char *base, Context context):
    cdef uint32_t count = field.capacity
    cdef const char *elements = base + field.offset
    if field.count_offset != native.PYJ_NO_COUNT:
        count = min(count, (<const uint32_t *>(base + field.count_offset))[0])
    if field.pointed:
        elements = (<const char *const *>elements)[0]
        if elements is NULL:
            count = 0
    if field.ctype == native.PYJ_C_BYTE:
        return elements[:count] if count else b""
    return tuple([decode_value(field, elements + n * field.size, context) for n in range(count)])


cdef inline bint is_array(const native.pyj_field *field) noexcept:
    return field.count_offset != native.PYJ_NO_COUNT or field.capacity > 1


cdef object decode_field(const native.pyj_field *field, const char *base, Context context):
    if is_array(field):
        return decode_array(field, base, context)
    return decode_value(field, base + field.offset, context)


cdef object decode(int index, const char *base, Context context, const native.pyj_record *record=NULL):
    """A value of the struct's class; `record` is there when it is an event."""
    cdef const native.pyj_struct *shape = &native.pyj_structs[index]
    cdef const native.pyj_field *field
    cdef uint32_t i
    cdef list slots = <list>field_slots[index]
    cls = struct_by_index[index]
    out = new_object(cls)
    for i in range(shape.field_count):
        field = &shape.fields[i]
        if field.as_ < native.PYJ_AS_SEQ:
            value = decode_field(field, base, context)
        elif field.as_ == native.PYJ_AS_SEQ:
            value = record.seq
        elif field.as_ == native.PYJ_AS_MONOTONIC:
            value = record.time_ns / 1e9
        elif field.as_ == native.PYJ_AS_CALL:
            value = context.the_call()
        elif field.as_ == native.PYJ_AS_ACC:
            value = context.the_acc()
        else:
            value = decode_message(record.message)
        slot = slots[i]
        set_member(slot, out, value)
    return out


cdef object decode_message(const native.pyj_message *message):
    if message is NULL:
        return None
    return Message((<const char *>message.data)[:message.len], bool(message.sent),
                   text_from_chars(message.transport), text_from_chars(message.remote),
                   text_from_chars(message.local))


cdef object decode_and_free(int index, void *block, Context context):
    """A value of what pyj_pack_new made."""
    if block is NULL:
        raise MemoryError
    try:
        return decode(index, <const char *>block, context)
    finally:
        free(block)


# -- in

# What PJSIP writes itself, in each message, and must: with two of them nobody knows which one counts. Compact forms too.
cdef frozenset OWN_HEADERS = frozenset({
    "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "max-forwards", "content-length", "l",
    "content-type", "c", "record-route", "rseq", "rack"})
# RFC 3261's TEXT-UTF8 has none of the others.
cdef object CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


cdef int check_header(str header, str value, str name) except -1:
    """Refuses what is no header, and what would make the message another one."""
    if not is_token(header):
        raise ValueError(f"{name} name: {header!r} is not a header name")
    if header.lower() in OWN_HEADERS:
        raise ValueError(f"{name} name: {header} is PJSIP's to write")
    if CONTROL.search(value):
        raise ValueError(f"{name} value: a control character cannot be sent")
    return 0


cdef int fill_headers(Arena arena, pj.pjsip_hdr *head, object headers, str name) except -1:
    cdef pj.pj_str_t hname, hvalue
    cdef void *memory
    cdef long long room = 0
    if isinstance(headers, (str, bytes)) or not hasattr(headers, "__iter__"):
        raise TypeError(f"{name}: a sequence of (name, value) pairs expected, not {type(headers).__name__}")
    pj.pj_list_init(head)  # gil-ok: sets two pointers
    for i, pair in enumerate(headers):
        try:
            header, value = pair
        except (TypeError, ValueError):
            raise TypeError(f"{name}[{i}]: a (name, value) pair expected") from None
        hname = arena.text(header, f"{name}[{i}] name")
        hvalue = arena.text(value, f"{name}[{i}] value")
        check_header(header, value, f"{name}[{i}]")
        room += hname.slen + hvalue.slen
        as_number(room, f"{name}: bytes", 0, pj.PJSIP_MAX_PKT_LEN)
        memory = arena.block(sizeof(pj.pjsip_generic_string_hdr))
        pj.pjsip_generic_string_hdr_init2(  # gil-ok: fills memory of ours
            <pj.pjsip_generic_string_hdr *>memory, &hname, &hvalue)
        pj.pj_list_push_back(head, memory)  # gil-ok: sets four pointers
    return 0


cdef int fill_pairs(Arena arena, native.pyj_pairs *pairs, object value, str name) except -1:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise TypeError(f"{name}: a sequence of (name, value) pairs expected, not {type(value).__name__}")
    items = tuple(value)
    if len(items) > pj.PJMEDIA_CODEC_MAX_FMTP_CNT:
        raise ValueError(f"{name}: {len(items)} given, {pj.PJMEDIA_CODEC_MAX_FMTP_CNT} at most")
    pairs.count = 0
    for i, pair in enumerate(items):
        try:
            key, text = pair
        except (TypeError, ValueError):
            raise TypeError(f"{name}[{i}]: a (name, value) pair expected") from None
        pairs.pair[pairs.count].name = arena.text(key, f"{name}[{i}] name")
        pairs.pair[pairs.count].value = arena.text(text, f"{name}[{i}] value")
        pairs.count += 1
    return 0


cdef frozenset TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~")


cdef bint is_token(str value) except -1:
    """RFC 3261's token."""
    return bool(value) and TOKEN.issuperset(value)


cdef str A_TOKEN = r"[\w.!%*+`'~-]+"
cdef str A_PARAM = rf'\s*;\s*({A_TOKEN})(?:=({A_TOKEN}|"(?:[^"\\]|\\.)*"))?'
cdef object MEDIA_TYPE = re.compile(rf"({A_TOKEN})/({A_TOKEN})((?:{A_PARAM})*)\s*", re.ASCII)
cdef object MEDIA_TYPE_PARAM = re.compile(A_PARAM, re.ASCII)


cdef int fill_media_type(Arena arena, pj.pjsip_media_type *out, object value, str name) except -1:
    cdef pj.pjsip_param *param
    encode(value, name)
    found = MEDIA_TYPE.fullmatch(value)
    if value and not found:
        raise ValueError(f"{name}: {value!r} is not a media type")
    pj.pj_list_init(&out.param)  # gil-ok: sets two pointers
    if not value:
        return 0
    out.type = arena.text(found[1], name)
    out.subtype = arena.text(found[2], name)
    for param_name, param_value in MEDIA_TYPE_PARAM.findall(found[3]):
        param = <pj.pjsip_param *>arena.block(sizeof(pj.pjsip_param))
        param.name = arena.text(param_name, name)
        param.value = arena.text(param_value, name)
        pj.pj_list_push_back(&out.param, param)  # gil-ok: sets four pointers
    return 0


cdef int fill_parts(Arena arena, int index, void *head, object parts, str name) except -1:
    cdef native.pyj_part *part
    if isinstance(parts, (str, bytes)) or not hasattr(parts, "__len__"):
        raise TypeError(f"{name}: a sequence expected, not {type(parts).__name__}")
    pj.pj_list_init(head)  # gil-ok: sets two pointers
    for i, value in enumerate(tuple(parts)):
        part = <native.pyj_part *>config_struct(arena, index, value, f"{name}[{i}]")
        native.pyj_part_finish(part)  # gil-ok: sets pointers
        pj.pj_list_push_back(head, part)  # gil-ok: sets four pointers
    return 0


cdef int fill_sockaddr(Arena arena, void *out, object value, str name) except -1:
    cdef pj.pj_str_t text = arena.text(value, name)
    cdef pj.pj_status_t status
    status = native.pyj_sockaddr_parse(&text, <pj.pj_sockaddr *>out)  # gil-ok: no lock, no look-up
    if status != pj.PJ_SUCCESS:
        raise ValueError(f"{name}: {value!r} is not an IP address, with or without a port")
    return 0


cdef int fill_time(pj.pj_time_val *out, object value, str name) except -1:
    cdef unsigned ms = as_ms(value, name)
    out.sec = ms // 1000
    out.msec = ms % 1000
    return 0


# The only texts in which a line break is no injection.
cdef frozenset WITH_LINES = frozenset({b"msg_body", b"ka_data", b"text"})


cdef int fill_value(Arena arena, const native.pyj_field *field, char *at, object value, str name) except -1:
    if field.ctype == native.PYJ_C_PARTS:
        return fill_parts(arena, field.arg, at, value, name)
    if field.as_ == native.PYJ_AS_STRUCT:
        return fill(arena, field.arg, at, value, name)
    if field.as_ == native.PYJ_AS_HEADERS:
        return fill_headers(arena, <pj.pjsip_hdr *>at, value, name)
    if field.as_ == native.PYJ_AS_ENUM:
        check_enum(field.arg, value, name)
    if field.as_ == native.PYJ_AS_XML and isinstance(value, str):
        value = to_xml(value)
    if field.as_ == native.PYJ_AS_BYTES:
        (<pj.pj_str_t *>at)[0] = arena.data(value, name)
    elif field.ctype == native.PYJ_C_PJSTR:
        (<pj.pj_str_t *>at)[0] = arena.text(value, name, field.name in WITH_LINES)
    elif field.ctype == native.PYJ_C_PAIRS:
        fill_pairs(arena, <native.pyj_pairs *>at, value, name)
    elif field.as_ == native.PYJ_AS_BOOL and (field.arg == 1 or isinstance(value, bool)):
        (<int *>at)[0] = as_bool(value, name)
    elif field.ctype == native.PYJ_C_INT:
        (<int *>at)[0] = as_int(value, name)
    elif field.ctype == native.PYJ_C_UINT:
        (<unsigned *>at)[0] = as_unsigned(value, name)
    elif field.ctype == native.PYJ_C_UINT8:
        at[0] = <char>as_number(value, name, 0, 255)
    elif field.ctype == native.PYJ_C_UINT16:
        (<unsigned short *>at)[0] = <unsigned short>as_number(value, name, 0, 65535)
    elif field.ctype == native.PYJ_C_INT16:
        (<short *>at)[0] = <short>as_number(value, name, -32768, 32767)
    elif field.ctype == native.PYJ_C_LONG:
        (<long *>at)[0] = <long>as_number(value, name, LONG_MIN, LONG_MAX)
    elif field.ctype == native.PYJ_C_FLOAT:
        (<float *>at)[0] = as_float(value, name)
    elif field.ctype == native.PYJ_C_TIME:
        fill_time(<pj.pj_time_val *>at, value, name)
    elif field.ctype == native.PYJ_C_SOCKADDR:
        fill_sockaddr(arena, at, value, name)
    elif field.ctype == native.PYJ_C_MEDIA_TYPE:
        fill_media_type(arena, <pj.pjsip_media_type *>at, value, name)
    else:
        raise TypeError(f"{name} cannot be set")
    return 0


cdef int fill(Arena arena, int index, void *base, object value, str name="") except -1:
    """Lays `value` over the C struct at `base`, which holds C's defaults."""
    cdef const native.pyj_struct *shape = &native.pyj_structs[index]
    cdef const native.pyj_field *field
    cdef uint32_t i
    cls = struct_by_index[index]
    if not isinstance(value, cls):
        raise TypeError(f"{name or 'argument'}: {cls.__name__} expected, not {type(value).__name__}")
    prefix = f"{name or cls.__name__}."
    for i in range(shape.field_count):
        field = &shape.fields[i]
        field_name = field_names[index][i]
        item = getattr(value, field_name)
        full_name = prefix + field_name
        if is_array(field):
            fill_array(arena, field, <char *>base, item, full_name)
        else:
            fill_value(arena, field, <char *>base + field.offset, item, full_name)
    return 0


cdef int fill_array(Arena arena, const native.pyj_field *field, char *base, object item, str name) except -1:
    cdef char *elements = base + field.offset
    cdef pj.pj_str_t data
    cdef uint32_t n
    if field.ctype == native.PYJ_C_BYTE:
        data = arena.data(item, name)
        count = data.slen
    else:
        if isinstance(item, (str, bytes)) or not hasattr(item, "__len__"):
            raise TypeError(f"{name}: a sequence expected, not {type(item).__name__}")
        # Counted in a copy: what is there when it is looked through may differ from what it says of itself.
        item = tuple(item)
        count = len(item)
    if count > field.capacity:
        raise ValueError(f"{name}: {count} given, {field.capacity} at most")
    if field.count_offset != native.PYJ_NO_COUNT:
        (<unsigned *>(base + field.count_offset))[0] = count
    if field.ctype == native.PYJ_C_BYTE:
        (<void **>elements)[0] = native.pyj_intern(data.ptr, count) if count else NULL  # gil-ok: no lock
        if count and (<void **>elements)[0] is NULL:
            raise MemoryError
        return 0
    if field.pointed:
        (<void **>elements)[0] = arena.block(count * field.size) if count else NULL
        elements = <char *>(<void **>elements)[0]
    for n, element in enumerate(item):
        fill_value(arena, field, elements + n * field.size, element, f"{name}[{n}]")
    return 0
