# Sound devices. None is opened or looked for until one of these functions is called.

def enum_aud_devs() -> list[object]:
    """The sound devices as `AudDevInfo` (`pjsua_enum_aud_devs`); empty where there is no sound system.

    Found when they are first asked for, and by `aud_dev_refresh`.
    """
    cdef pj.pjmedia_aud_dev_info *infos = NULL
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_list(&infos, &count)
            native.pyj_leave()
    try:
        check(status, "pjsua_enum_aud_devs")
        return [decode(native.PYJ_AudDevInfo, <const char *>&infos[i], Context()) for i in range(count)]
    finally:
        free(infos)


def enum_snd_devs() -> list[object]:
    """The sound devices as `SndDevInfo` (`pjsua_enum_snd_devs`): `enum_aud_devs` tells more."""
    cdef pj.pjmedia_snd_dev_info *infos = NULL
    cdef unsigned count = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_list_snd(&infos, &count)
            native.pyj_leave()
    try:
        check(status, "pjsua_enum_snd_devs")
        return [decode(native.PYJ_SndDevInfo, <const char *>&infos[i], Context()) for i in range(count)]
    finally:
        free(infos)


def aud_dev_refresh() -> None:
    """Looks for sound devices anew (`pjmedia_aud_dev_refresh`): what was plugged in since, or has gone.

    Indexes change; those `get_snd_dev` tells follow the devices in use, which go on (`SND_NO_DEV` for one that is
    not in the list any more). Each device is opened for a moment: one that only one program may have, and that
    is open, shows no channels.
    """
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_refresh()
            native.pyj_leave()
    check(status, "pjmedia_aud_dev_refresh")


def get_snd_dev() -> tuple[int, int]:
    """Index of the capture and playback device of slot 0 (`pjsua_get_snd_dev`)."""
    cdef int capture = 0
    cdef int playback = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_get_snd_dev(&capture, &playback)
            native.pyj_leave()
    check(status, "pjsua_get_snd_dev")
    return capture, playback


cdef int device_arg(object device, str name) except? -1:
    # PJMEDIA reads its list of devices at the index as it is; below zero are the names of special ones.
    return <int>as_number(device, name, pj.PJSUA_SND_NO_DEV, pj.PJMEDIA_AUD_DEV_MAX_DEVS - 1)


def set_snd_dev(capture_dev: int = -1, playback_dev: int = -2) -> None:
    """Opens real sound devices as slot 0 (`pjsua_set_snd_dev`).

    Indexes of `enum_aud_devs`, -1 for the default capture and -2 for the default playback device. Raises
    `SoundDeviceError`; what was open before is open again then, or else the null device, and calls go on.
    """
    cdef int capture = device_arg(capture_dev, "capture_dev")
    cdef int playback = device_arg(playback_dev, "playback_dev")
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_open_pair(capture, playback)
            native.pyj_leave()
    check(status, "pjsua_set_snd_dev", f"capture_dev {capture}, playback_dev", playback)


def get_snd_dev2() -> object:
    """The devices of slot 0 and how they are opened, as `SndDevParam` (`pjsua_get_snd_dev2`)."""
    cdef pj.pjsua_snd_dev_param param
    cdef pj.pj_status_t status
    with nogil:
        pj.pjsua_snd_dev_param_default(&param)
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_get_snd_dev2(&param)
            native.pyj_leave()
    check(status, "pjsua_get_snd_dev2")
    return decode(native.PYJ_SndDevParam, <const char *>&param, Context())


def set_snd_dev2(snd_param: object) -> None:
    """Opens sound devices as a `SndDevParam` says (`pjsua_set_snd_dev2`).

    Both devices `SND_NULL_DEV` is `set_null_snd_dev`, both `SND_NO_DEV` is `set_no_snd_dev`. Raises
    `SoundDeviceError`; what was open before is open again then, or else the null device, and calls go on.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_snd_dev_param *param
    cdef pj.pj_status_t status
    if snd_param is None:
        raise TypeError("snd_param: SndDevParam expected, not NoneType")
    param = <pj.pjsua_snd_dev_param *>config_struct(arena, native.PYJ_SndDevParam, snd_param, "snd_param")
    device_arg(snd_param.capture_dev, "snd_param.capture_dev")
    device_arg(snd_param.playback_dev, "snd_param.playback_dev")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_open(param)
            native.pyj_leave()
    check(status, "pjsua_set_snd_dev2", "snd_param", snd_param)


def set_no_snd_dev() -> None:
    """Takes slot 0's device away, and with it the clock of the bridge (`pjsua_set_no_snd_dev`).

    From then on no sound moves, in calls either, and what the bridge is asked for waits until there is a device
    again: `set_null_snd_dev`, `set_snd_dev`. C gives the port that another clock may drive; here there is none.
    """
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            pj.pjsua_set_no_snd_dev()
            native.pyj_leave()
    check(status, "pjsua_set_no_snd_dev")


def set_null_snd_dev() -> None:
    """Makes slot 0 the null device: silence in, nothing out, a clock of its own (`pjsua_set_null_snd_dev`)."""
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_set_null_snd_dev()
            native.pyj_leave()
    check(status, "pjsua_set_null_snd_dev")


def snd_is_active() -> bool:
    """Whether a real device is open (`pjsua_snd_is_active`)."""
    cdef int active = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            active = pj.pjsua_snd_is_active()
            native.pyj_leave()
    check(status, "pjsua_snd_is_active")
    return active != 0


# Echo cancellation.

def set_ec(tail_ms: int, options: int = 0) -> None:
    """Sets the echo canceller of the real device, now and when one is opened (`pjsua_set_ec`).

    `tail_ms` is the length of the echo, 0 (off) to 1000 ms; `options` is an `EchoFlag`. Raises `ValueError` for a
    canceller this build does not have.
    """
    cdef unsigned c_tail = <unsigned>as_number(tail_ms, "tail_ms", 0, 1000)
    cdef unsigned c_options = as_unsigned(options, "options")
    cdef pj.pj_status_t status
    # PJMEDIA would have thrown the old one away before it says so.
    if c_options & pj.PJMEDIA_ECHO_ALGO_MASK > pj.PJMEDIA_ECHO_SIMPLE:
        raise ValueError(f"options: {int(options)} names an echo canceller this build does not have")
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_set_ec(c_tail, c_options)
            native.pyj_leave()
    check(status, "pjsua_set_ec", "tail_ms", tail_ms)


def get_ec_tail() -> int:
    """Length of the echo that is cancelled, ms, 0 for none (`pjsua_get_ec_tail`)."""
    cdef unsigned tail = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_get_ec_tail(&tail)
            native.pyj_leave()
    check(status, "pjsua_get_ec_tail")
    return tail


def get_ec_stat() -> object:
    """What the echo canceller is doing, as `EchoStat` (`pjsua_get_ec_stat`).

    Raises `NotFound` where none runs: there is no real device, or the tail is 0. Only `EchoFlag.SIMPLE` keeps
    figures; others raise `PjsuaError` (``PJ_ENOTSUP``).
    """
    cdef void *block = NULL
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_pack_echo(&native.pyj_structs[native.PYJ_EchoStat], &block)
            native.pyj_leave()
    check(status, "pjsua_get_ec_stat")
    return decode_and_free(native.PYJ_EchoStat, block, Context())


# Settings of the device. Each capability has a value of its own kind, of the size of an unsigned.

cdef unsigned setting_arg(object cap) except? 0:
    """A capability that has such a value."""
    cdef unsigned number = as_unsigned(cap, "cap")
    if number == constant("PJMEDIA_AUD_DEV_CAP_EXT_FORMAT") or number & (number - 1) or not number:
        raise ValueError(f"cap: {int(cap)} is not one setting of AudDevCap")
    if number > constant("PJMEDIA_AUD_DEV_CAP_PLC"):
        raise ValueError(f"cap: {int(cap)} is no AudDevCap")
    return number


cdef frozenset setting_kind(str kind):
    """The capabilities whose value is a percentage, a route, or yes or no; what is left is milliseconds."""
    names = {
        "percent": ("INPUT_VOLUME_SETTING", "OUTPUT_VOLUME_SETTING", "INPUT_SIGNAL_METER", "OUTPUT_SIGNAL_METER"),
        "bool": ("EC", "VAD", "CNG", "PLC"),
        "route": ("INPUT_ROUTE", "OUTPUT_ROUTE"),
    }
    return frozenset([constant(f"PJMEDIA_AUD_DEV_CAP_{name}") for name in names[kind]])


def snd_set_setting(cap: int, value: int, keep: bool = True) -> None:
    """Sets a property of the sound device, an `AudDevCap` (`pjsua_snd_set_setting`).

    The value is of the kind `AudDevCap` names: percent, milliseconds, an `AudDevRoute`, a bool. With `keep` devices
    opened later are set the same; where none is open that is all it does. A latency counts for what is opened next:
    `set_snd_dev` opens the same devices anew then, and until then `snd_get_setting` tells what the open one has.
    Raises `SoundDeviceError` where the device, or PJSIP, does not let it be set.
    """
    cdef unsigned c_cap = setting_arg(cap)
    cdef unsigned c_value
    cdef pj.pj_bool_t c_keep = as_bool(keep, "keep")
    cdef pj.pj_status_t status
    if c_cap in setting_kind("bool"):
        c_value = as_bool(value, "value")
    elif c_cap in setting_kind("percent"):
        c_value = <unsigned>as_number(value, "value", 0, 100)
    else:
        c_value = <unsigned>as_number(value, "value", 0, 60000)
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_set_setting(<pj.pjmedia_aud_dev_cap>c_cap, &c_value, c_keep)
            native.pyj_leave()
    check(status, "pjsua_snd_set_setting", "cap", cap)


def snd_get_setting(cap: int) -> object:
    """A property of the sound device, an `AudDevCap`, or what is kept of it (`pjsua_snd_get_setting`).

    The value is of the kind `AudDevCap` names. Raises `InvalidState` before the first real device was opened: C
    would open one to ask it. Raises `SoundDeviceError` for what the device does not have.
    """
    cdef unsigned c_cap = setting_arg(cap)
    cdef unsigned value = 0
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            status = native.pyj_devices_get_setting(<pj.pjmedia_aud_dev_cap>c_cap, &value)
            native.pyj_leave()
    check(status, "pjsua_snd_get_setting", "cap", cap)
    if c_cap in setting_kind("bool"):
        return value != 0
    if c_cap in setting_kind("route"):
        return enum_by_name("AudDevRoute")(value)
    return value
