# Hooks: the thread that runs them, and what is made of what they return.

cdef extern from "Python.h":
    int PyThreadState_SetAsyncExc(unsigned long id, PyObject *exc)


def hooks_open(event_classes: object, timeout: float) -> int:
    """Has PJSIP ask for these events, waiting up to `timeout` seconds for each answer; the generation."""
    cdef unsigned ms = as_ms(timeout, "ua_cfg.hooks.timeout")
    cdef uint32_t generation
    cdef int i
    if not 1 <= ms <= 5000:
        raise ValueError(f"ua_cfg.hooks.timeout: {timeout} is not between 0.001 and 5")
    with nogil:
        generation = native.pyj_hooks_open(ms)
    names = {cls.__name__ for cls in event_classes}
    for i in range(native.PYJ_STRUCT_COUNT):
        native.pyj_hooks_want(<uint16_t>i, native.pyj_structs[i].name.decode() in names)  # gil-ok: writes a byte
    return generation


def hooks_close() -> None:
    """Hooks are not asked any more; whoever waits for one gets the policy's answer."""
    with nogil:
        native.pyj_hooks_close()


# The question whose function runs, and in which thread; both read and written with the GIL held.
cdef uint64_t running_question = 0
cdef unsigned long running_thread = 0


def hooks_serve(generation: int, thread: int, functions: dict[str, object], failed: object, late: object) -> bool:
    """Waits for one question and answers it; False once the generation is closed.

    `failed(name, error)` is told of a hook that raised or returned what it may not, `late(name)` of
    one whose answer nobody waited for.
    """
    global running_question, running_thread
    cdef native.pyj_question *question
    cdef native.pyj_answer answer
    cdef uint32_t c_generation = generation
    cdef unsigned long c_thread = thread
    cdef int in_time
    with nogil:
        question = native.pyj_hook_take(c_generation)
    if question is NULL:
        return False
    memset(&answer, 0, sizeof(answer))
    name = native.pyj_structs[question.record.kind].name.decode()
    error = None
    try:
        event = decode_record(question.record)
        running_thread = c_thread
        running_question = question.serial
        try:
            result = functions[name](event)
        finally:
            running_question = 0
            # One that came just too late must not hit whatever runs next.
            PyThreadState_SetAsyncExc(c_thread, NULL)  # gil-ok: wants it
        if result is not None:
            fill_answer(question.record.kind, event, result, &answer)
            answer.given = 1
    except BaseException as caught:
        error = caught
        answer.given = 0
        free(answer.text)
        answer.text = NULL
    with nogil:
        in_time = native.pyj_hook_finish(question, &answer)
    if error is not None:
        failed(name, error)
    elif not in_time:
        late(name)
    return True


def hooks_watch(generation: int, exception: type[BaseException]) -> bool:
    """Waits for a hook past its deadline and raises `exception` in it; False once the generation is closed."""
    cdef uint32_t c_generation = generation
    cdef uint64_t question
    with nogil:
        question = native.pyj_hook_overdue(c_generation)
    if not question:
        return False
    if question == running_question:
        PyThreadState_SetAsyncExc(running_thread, <PyObject *>exception)  # gil-ok: wants it
    return True


def hook_stats() -> dict[str, int]:
    """How often hooks were asked, answered, came too late, or were not asked because an earlier one still ran."""
    cdef native.pyj_hook_stats stats
    with nogil:
        native.pyj_hook_get_stats(&stats)
    return {"asked": stats.asked, "answered": stats.answered, "late": stats.late, "busy": stats.busy}


# What each hook may return, by its event: a status code from the first to the last, ...
cdef dict CODES = {
    native.PYJ_OnCallTransferRequest2: (200, 699),
    native.PYJ_OnCallReplaceRequest2: (200, 699),
    native.PYJ_OnCallRxOffer: (200, 488),
    native.PYJ_OnIncomingSubscribe: (200, 699),
}


cdef int fill_answer(int kind, object event, object result, native.pyj_answer *answer) except -1:
    cdef Arena arena = Arena()
    cdef bytes data
    cdef uint64_t serial
    if kind in CODES:
        return fill_decision(arena, kind, result, answer)
    if kind == native.PYJ_OnCallTxOffer:
        fill(arena, native.PYJ_CallSetting, &answer.setting, result, "returned")
        return check_setting(&answer.setting, True)
    if kind == native.PYJ_OnStreamPrecreate:
        fill(arena, native.PYJ_StreamSetting, &answer.stream, result, "returned")
        as_number(answer.stream.rx_event_pt, "returned.rx_event_pt", -1, 127)
        for name in ("jb_init", "jb_min_pre", "jb_max_pre", "jb_max"):
            as_number(getattr(result, name), f"returned.{name}", -1, 60000)
    elif kind == native.PYJ_OnCallSdpCreated:
        data = encode(str(result), "returned", True)
        if not 0 < len(data) <= SDP_SIZE:
            raise ValueError(f"returned: {len(data)} bytes of SDP, 1 to {SDP_SIZE} wanted")
        answer.text_len = len(data)
        answer.text = <char *>malloc(answer.text_len)
        if answer.text is NULL:
            raise MemoryError
        memcpy(answer.text, PyBytes_AsString(data), answer.text_len)
    elif kind == native.PYJ_OnCallRedirected:
        check_enum(enum_index(b"RedirectOp"), result, "returned")
        answer.number = result
    elif kind == native.PYJ_OnAccFindForIncoming:
        answer.number = as_id(result, "returned", pj.PJSUA_MAX_ACC, AccId, &serial)
        if not native.pyj_acc_serial(answer.number) or (  # gil-ok: reads two words
                serial and native.pyj_acc_serial(answer.number) != serial):  # gil-ok: reads two words
            raise ValueError(f"returned: {result} is no account")
    return 0


cdef int enum_index(bytes name) except -1:
    cdef int i = 0
    while native.pyj_enum_names[i] is not NULL:
        if native.pyj_enum_names[i] == name:
            return i
        i += 1
    raise KeyError(name)


cdef int fill_decision(Arena arena, int kind, object result, native.pyj_answer *answer) except -1:
    """... or a `Decision` with such a code, a reason phrase and a call setting."""
    cdef bytes reason
    if not isinstance(result, int):
        if type(result).__name__ != "Decision":
            raise TypeError(f"returned: a status code or a Decision expected, not {type(result).__name__}")
        if result.opt is not None:
            fill(arena, native.PYJ_CallSetting, &answer.setting, result.opt, "returned.opt")
            check_setting(&answer.setting, True)
            answer.has_setting = 1
        reason = encode(result.reason, "returned.reason")
        if len(reason) >= sizeof(answer.reason):
            raise ValueError(f"returned.reason: {len(reason)} bytes, {sizeof(answer.reason) - 1} at most")
        memcpy(answer.reason, PyBytes_AsString(reason), len(reason) + 1)
        result = result.code
    low, high = CODES[kind]
    answer.number = <int>as_number(result, "returned", low, high)
    if kind == native.PYJ_OnCallRxOffer and result not in (200, 488):
        raise ValueError(f"returned: {result} is neither 200 nor 488")
    return 0


def set_policy(policy: object) -> None:
    """What is decided where no hook answers: a `Policy`, None for what C does."""
    cdef native.pyj_policy out
    native.pyj_policy_default(&out)  # gil-ok: fills a struct
    if policy is not None:
        fill(Arena(), native.PYJ_Policy, &out, policy, "ua_cfg.policy")
        as_number(out.call_transfer_request2, "ua_cfg.policy.call_transfer_request2", 200, 699)
        as_number(out.call_replace_request2, "ua_cfg.policy.call_replace_request2", 200, 699)
        if out.call_rx_offer not in (200, 488):
            raise ValueError(f"ua_cfg.policy.call_rx_offer: {out.call_rx_offer} is neither 200 nor 488")
        as_number(out.incoming_subscribe, "ua_cfg.policy.incoming_subscribe", 200, 699)
        if <int>out.held_requests & ~HELD_REQUESTS:
            raise ValueError(f"ua_cfg.policy.held_requests: {<int>out.held_requests} is no HeldRequest")
        as_number(out.later_ms, "ua_cfg.policy.later_ms", 1, 60000)
    native.pyj_policies = out


cdef int HELD_REQUESTS = (native.PYJ_HELD_TRANSFER | native.PYJ_HELD_REPLACE | native.PYJ_HELD_UPDATE
                          | native.PYJ_HELD_SUBSCRIBE | native.PYJ_HELD_REINVITE)
