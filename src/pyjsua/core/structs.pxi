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
        return AccId(value, native.pyj_acc_serial(value))  # gil-ok: reads two words
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
    cdef long number = 0
    if field.as_ == native.PYJ_AS_STRUCT:
        return decode(field.arg, at, context)
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
        pj.pj_sockaddr_print(at, buf, sizeof(buf), 3)  # gil-ok: formats, takes no lock
        return text_from_chars(buf)
    elif field.ctype == native.PYJ_C_CSTR:
        return text_from_chars((<const char *const *>at)[0]) if (<const char *const *>at)[0] is not NULL else ""
    elif field.ctype == native.PYJ_C_SERIAL_ID:
        return decode_serial_id(id_by_index[field.arg], <const native.pyj_serial_id *>at, context)
    elif field.ctype == native.PYJ_C_HEADERS:
        return ()
    elif field.ctype == native.PYJ_C_PAIRS:
        return decode_pairs(<const native.pyj_pairs *>at)
    if field.as_ == native.PYJ_AS_BOOL:
        return number != 0
    if field.as_ == native.PYJ_AS_ENUM:
        return enum_value(field.arg, number)
    if field.as_ == native.PYJ_AS_ID:
        return decode_id(field.arg, <int>number, context)
    return number


cdef tuple decode_pairs(const native.pyj_pairs *pairs):
    cdef unsigned i
    return tuple([(text_from(pairs.pair[i].name), text_from(pairs.pair[i].value)) for i in range(pairs.count)])


cdef object decode_array(const native.pyj_field *field, const char *base, Context context):
    cdef uint32_t count = (<const uint32_t *>(base + field.count_offset))[0]
    if count > field.capacity:
        count = field.capacity
    return tuple([decode_value(field, base + field.offset + n * field.size, context) for n in range(count)])


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
            if field.count_offset == native.PYJ_NO_COUNT:
                value = decode_value(field, base + field.offset, context)
            else:
                value = decode_array(field, base, context)
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
        Py_TYPE(slot).tp_descr_set(slot, out, value)
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

cdef int fill_headers(Arena arena, pj.pjsip_hdr *head, object headers, str name) except -1:
    cdef pj.pj_str_t hname, hvalue
    cdef void *memory
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
        if not is_token(header):
            raise ValueError(f"{name}[{i}] name: {header!r} is not a header name")
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


# The only texts in which a line break is no injection.
cdef frozenset WITH_LINES = frozenset({b"msg_body", b"ka_data", b"text"})


cdef int fill_value(Arena arena, const native.pyj_field *field, char *at, object value, str name) except -1:
    cdef long long number
    if field.as_ == native.PYJ_AS_STRUCT:
        return fill(arena, field.arg, at, value, name)
    if field.as_ == native.PYJ_AS_HEADERS:
        return fill_headers(arena, <pj.pjsip_hdr *>at, value, name)
    if field.as_ == native.PYJ_AS_ENUM:
        check_enum(field.arg, value, name)
    if field.as_ == native.PYJ_AS_XML and isinstance(value, str):
        value = to_xml(value)
    if field.ctype == native.PYJ_C_PJSTR:
        (<pj.pj_str_t *>at)[0] = arena.text(value, name, field.name in WITH_LINES)
    elif field.ctype == native.PYJ_C_PAIRS:
        fill_pairs(arena, <native.pyj_pairs *>at, value, name)
    elif field.as_ == native.PYJ_AS_BOOL:
        (<int *>at)[0] = as_bool(value, name)
    elif field.ctype == native.PYJ_C_INT:
        (<int *>at)[0] = as_int(value, name)
    elif field.ctype == native.PYJ_C_UINT:
        (<unsigned *>at)[0] = as_unsigned(value, name)
    elif field.ctype == native.PYJ_C_UINT8:
        at[0] = <char>as_number(value, name, 0, 255)
    elif field.ctype == native.PYJ_C_UINT16:
        (<unsigned short *>at)[0] = <unsigned short>as_number(value, name, 0, 65535)
    elif field.ctype == native.PYJ_C_LONG:
        (<long *>at)[0] = <long>as_number(value, name, -9223372036854775807, 9223372036854775807)
    elif field.ctype == native.PYJ_C_FLOAT:
        (<float *>at)[0] = as_float(value, name)
    else:
        raise TypeError(f"{name} cannot be set")
    return 0


cdef int fill(Arena arena, int index, void *base, object value, str name="") except -1:
    """Lays `value` over the C struct at `base`, which holds C's defaults."""
    cdef const native.pyj_struct *shape = &native.pyj_structs[index]
    cdef const native.pyj_field *field
    cdef uint32_t i
    cdef uint32_t n
    cls = struct_by_index[index]
    if not isinstance(value, cls):
        raise TypeError(f"{name or 'argument'}: {cls.__name__} expected, not {type(value).__name__}")
    prefix = f"{name or cls.__name__}."
    for i in range(shape.field_count):
        field = &shape.fields[i]
        field_name = field_names[index][i]
        item = getattr(value, field_name)
        full_name = prefix + field_name
        if field.count_offset == native.PYJ_NO_COUNT:
            fill_value(arena, field, <char *>base + field.offset, item, full_name)
            continue
        if isinstance(item, (str, bytes)) or not hasattr(item, "__len__"):
            raise TypeError(f"{full_name}: a sequence expected, not {type(item).__name__}")
        # Counted in a copy: what is there when it is looked through may differ from what it says of itself.
        item = tuple(item)
        if len(item) > field.capacity:
            raise ValueError(f"{full_name}: {len(item)} given, {field.capacity} at most")
        for n, element in enumerate(item):
            fill_value(arena, field, <char *>base + field.offset + n * field.size, element, f"{full_name}[{n}]")
        (<unsigned *>(<char *>base + field.count_offset))[0] = len(item)
    return 0


cdef void acc_config_default(pj.pjsua_acc_config *cfg) noexcept nogil:
    """`pjsua_acc_config_default`, which takes what the user agent has from it; there is none before `create`."""
    cdef pj.pjsua_config ua
    pj.pjsua_acc_config_default(cfg)
    if native.pyj_state() == pj.PJSUA_STATE_NULL:
        pj.pjsua_config_default(&ua)
        cfg.require_100rel = ua.require_100rel
        cfg.use_timer = ua.use_timer
        cfg.timer_setting = ua.timer_setting
        cfg.use_srtp = ua.use_srtp
        cfg.srtp_secure_signaling = ua.srtp_secure_signaling
        cfg.srtp_optional_dup_offer = ua.srtp_optional_dup_offer
        cfg.srtp_opt = ua.srtp_opt


cdef void set_defaults(int index, void *value) noexcept nogil:
    """What `pjsua_*_config_default` says; all zero for a struct that has no such function."""
    if index == native.PYJ_Config:
        pj.pjsua_config_default(<pj.pjsua_config *>value)
    elif index == native.PYJ_LoggingConfig:
        pj.pjsua_logging_config_default(<pj.pjsua_logging_config *>value)
    elif index == native.PYJ_MediaConfig:
        pj.pjsua_media_config_default(<pj.pjsua_media_config *>value)
        # A departure from C: the null device's clock would stop a second after the last connection, in calls too
        # (close_snd_timer_cb looks at connections only), and with it RTP, DTMF and every bridge operation.
        (<pj.pjsua_media_config *>value).snd_auto_close_time = -1
    elif index == native.PYJ_TransportConfig:
        pj.pjsua_transport_config_default(<pj.pjsua_transport_config *>value)
    elif index == native.PYJ_AccConfig:
        acc_config_default(<pj.pjsua_acc_config *>value)
    elif index == native.PYJ_CallSetting:
        pj.pjsua_call_setting_default(<pj.pjsua_call_setting *>value)
        # A departure from C: an m=text line in every offer, and its two sockets, must be asked for.
        (<pj.pjsua_call_setting *>value).txt_cnt = 0
    elif index == native.PYJ_CallSendDtmfParam:
        pj.pjsua_call_send_dtmf_param_default(<pj.pjsua_call_send_dtmf_param *>value)
    elif index == native.PYJ_MsgData:
        pj.pjsua_msg_data_init(<pj.pjsua_msg_data *>value)
    elif index == native.PYJ_Cfg:
        (<pj.pjsip_cfg_t *>value)[0] = pj.pjsip_cfg()[0]
    elif index == native.PYJ_IpChangeParam:
        pj.pjsua_ip_change_param_default(<pj.pjsua_ip_change_param *>value)
    elif index == native.PYJ_AccDelParam:
        pj.pjsua_acc_del_param_default(<pj.pjsua_acc_del_param *>value)
    elif index == native.PYJ_BuddyConfig:
        pj.pjsua_buddy_config_default(<pj.pjsua_buddy_config *>value)
    elif index == native.PYJ_CallSendTextParam:
        pj.pjsua_call_send_text_param_default(<pj.pjsua_call_send_text_param *>value)
    elif index == native.PYJ_Policy:
        native.pyj_policy_default(<native.pyj_policy *>value)
    elif index == native.PYJ_TimerSetting:
        pj.pjsip_timer_setting_default(<pj.pjsip_timer_setting *>value)
    elif index == native.PYJ_SndDevParam:
        pj.pjsua_snd_dev_param_default(<pj.pjsua_snd_dev_param *>value)
    elif index == native.PYJ_ConfConnectParam:
        pj.pjsua_conf_connect_param_default(<pj.pjsua_conf_connect_param *>value)


cdef int find_struct(str name) except -1:
    cdef bytes wanted = name.encode()
    cdef int i
    for i in range(native.PYJ_STRUCT_COUNT):
        if native.pyj_structs[i].c_name == wanted:
            return i
    raise KeyError(name)


def struct_default(c_name: str) -> dict[str, object]:
    """C's defaults for a struct, by field."""
    cdef int index = find_struct(c_name)
    cdef const native.pyj_struct *shape = &native.pyj_structs[index]
    cdef Arena arena = Arena()
    cdef void *value = arena.block(shape.size)
    cdef Context context = Context()
    cdef const native.pyj_field *field
    cdef uint32_t i
    with nogil:
        set_defaults(index, value)
    out = {}
    for i in range(shape.field_count):
        field = &shape.fields[i]
        if field.count_offset == native.PYJ_NO_COUNT:
            out[field_names[index][i]] = decode_value(field, <const char *>value + field.offset, context)
        else:
            out[field_names[index][i]] = decode_array(field, <const char *>value, context)
    return out


cdef void *config_struct(Arena arena, int index, object value, str name) except NULL:
    """A C struct in the arena: C's defaults, overlaid with `value` unless that is None."""
    cdef void *out = arena.block(native.pyj_structs[index].size)
    with nogil:
        set_defaults(index, out)
    if value is not None:
        fill(arena, index, out, value, name)
    return out


cdef void *optional_struct(Arena arena, int index, object value, str name) except? NULL:
    return NULL if value is None else config_struct(arena, index, value, name)
