# The Python classes that C values are shown as, and what ids and numbers must look like on the way in.

cdef extern from "Python.h":
    ctypedef int (*descrsetfunc)(object descriptor, object owner, object value) except -1
    int Py_tp_descr_set
    void *PyType_GetSlot(type cls, int slot)

# What fills the slot of a frozen class; through the limited API, which does not show a type's inside.
cdef descrsetfunc set_member = <descrsetfunc>PyType_GetSlot(MemberDescriptorType, Py_tp_descr_set)

cdef dict struct_classes = {}
cdef list struct_by_index = [None] * native.PYJ_STRUCT_COUNT
cdef list enum_by_index = []
cdef list enum_members = []
cdef list id_by_index = []
cdef list field_names = [None] * native.PYJ_STRUCT_COUNT
cdef list field_slots = [None] * native.PYJ_STRUCT_COUNT
cdef object new_int = int.__new__
cdef object new_object = object.__new__
cdef object CallId = int
cdef object AccId = int
cdef object BuddyId = int
cdef object SrvPresId = int
cdef object SubscriptionId = int
cdef object SubscriberId = int
cdef object RequestId = int
cdef object TransportId = int
cdef object ConfPortId = int
cdef object PlayerId = int
cdef object RecorderId = int
cdef object PcmPortId = int
cdef object TonegenId = int
cdef object Message = None
cdef object TimerId = int


def bind(structs: dict, enums: dict, ids: dict, message: type, errors: object) -> None:
    """Tells the core the classes values are made of. Called once, by `pyjsua.pjsua`."""
    global BuddyId, RequestId, SrvPresId, SubscriberId, SubscriptionId, TimerId, TonegenId
    global error_factory, CallId, AccId, TransportId, ConfPortId, PlayerId, RecorderId, PcmPortId, Message
    cdef int i = 0
    cdef uint32_t n
    struct_classes.update(structs)
    for i in range(native.PYJ_STRUCT_COUNT):
        struct_by_index[i] = structs[native.pyj_structs[i].name.decode()]
        field_names[i] = [native.pyj_structs[i].fields[n].name.decode()
                          for n in range(native.pyj_structs[i].field_count)]
        field_slots[i] = [getattr(struct_by_index[i], name) for name in field_names[i]]
        assert all(isinstance(slot, MemberDescriptorType) for slot in field_slots[i])
    i = 0
    while native.pyj_enum_names[i] is not NULL:
        enum_by_index.append(enums[native.pyj_enum_names[i].decode()])
        enum_members.append({member.value: member for member in enum_by_index[i]})
        i += 1
    i = 0
    while native.pyj_id_names[i] is not NULL:
        id_by_index.append(ids[native.pyj_id_names[i].decode()])
        i += 1
    CallId, AccId, TransportId = ids["CallId"], ids["AccId"], ids["TransportId"]
    ConfPortId, PlayerId, RecorderId = ids["ConfPortId"], ids["PlayerId"], ids["RecorderId"]
    BuddyId, SrvPresId, TimerId = ids["BuddyId"], ids["SrvPresId"], ids["TimerId"]
    SubscriberId, SubscriptionId = ids["SubscriberId"], ids["SubscriptionId"]
    PcmPortId, RequestId, TonegenId = ids["PcmPortId"], ids["RequestId"], ids["TonegenId"]
    Message = message
    error_factory = errors


def constant(name: str) -> int:
    """Value of a constant of the headers this module was built with."""
    cdef bytes wanted = name.encode()
    cdef unsigned i
    for i in range(native.pyj_constant_count):
        if native.pyj_constants[i].name == wanted:
            return native.pyj_constants[i].value
    raise KeyError(name)


def struct_fields(name: str) -> list[str]:
    """Names of the fields copied for a struct class, for tests of the tables."""
    for i in range(native.PYJ_STRUCT_COUNT):
        if native.pyj_structs[i].name.decode() == name:
            return list(field_names[i])
    raise KeyError(name)


cdef object enum_value(int index, long long value):
    cdef dict members = <dict>enum_members[index]
    member = members.get(value)
    if member is None:
        cls = enum_by_index[index]
        member = cls(value)
        # A combination is as good as a member; a number its header does not name stays unknown to check_enum.
        if issubclass(cls, IntFlag):
            members[value] = member
    return member


cdef object enum_by_name(str name):
    for cls in enum_by_index:
        if cls.__name__ == name:
            return cls
    raise KeyError(name)


cdef object new_id(object cls, int value, uint64_t serial):
    """`cls(value, serial)` without running its `__new__`: several ids come with every event."""
    out = new_int(cls, value)
    PyObject_GenericSetAttr(out, "serial", serial)
    return out


cdef object new_port(int slot, object owner):
    """`ConfPortId(slot, 0, owner)`, likewise."""
    out = new_id(ConfPortId, slot, 0)
    PyObject_GenericSetAttr(out, "owner", owner)
    return out


cdef long long as_number(object value, str name, long long low, long long high) except? -1:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: int expected, not {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{name}: {int(value)} is not between {low} and {high}")
    return value


cdef int as_int(object value, str name) except? -1:
    return <int>as_number(value, name, -2147483648, 2147483647)


cdef unsigned as_unsigned(object value, str name) except? 0xFFFFFFFF:
    return <unsigned>as_number(value, name, 0, 4294967295)


cdef unsigned as_ms(object seconds, str name) except? 0xFFFFFFFF:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"{name}: seconds expected, not {type(seconds).__name__}")
    if not 0 <= seconds <= 3600:
        raise ValueError(f"{name}: {seconds} is not between 0 and 3600")
    return <unsigned>(seconds * 1000)


cdef float as_float(object value, str name) except? -1:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: float expected, not {type(value).__name__}")
    # Not a number, infinity and what a float of C cannot hold.
    if not -3e38 <= value <= 3e38:
        raise ValueError(f"{name}: {value} is out of range")
    return value


cdef bint as_bool(object value, str name) except -1:
    if not isinstance(value, (bool, int)):
        raise TypeError(f"{name}: bool expected, not {type(value).__name__}")
    return bool(value)


cdef int check_enum(int index, object value, str name) except -1:
    """Refuses a number its header does not name: PJSIP switches over these without a default. Flags combine."""
    cls = enum_by_index[index]
    if not issubclass(cls, IntFlag) and as_int(value, name) not in <dict>enum_members[index]:
        raise ValueError(f"{name}: {int(value)} is no {cls.__name__}")
    return 0


cdef int as_id(object value, str name, int limit, object kind, uint64_t *serial) except? -1:
    """The number of an id, its serial put beside it; 0 for a plain int, which means "whoever is there"."""
    cdef int number
    if isinstance(value, int) and value == -1:
        raise ValueError(f"{name}: -1 names nothing")
    number = <int>as_number(value, name, 0, limit - 1)
    serial[0] = 0
    found = getattr(value, "serial", None)
    if found is not None:
        if not isinstance(value, kind):
            raise TypeError(f"{name}: {kind.__name__} expected, not {type(value).__name__}")
        serial[0] = found
    return number
