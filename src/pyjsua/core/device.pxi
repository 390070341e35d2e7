# Sound devices. None is opened or looked for until one of these functions is called.

cdef enum:
    MAX_DEVICES = 64


cdef inline pj.pj_status_t devices_enter() noexcept nogil:
    """Enters with the sound system loaded: libasound is found at run time, now."""
    cdef pj.pj_status_t status = native.pyj_enter(pj.PJSUA_STATE_INIT)
    if status == pj.PJ_SUCCESS:
        status = native.pyj_devices_load()
        if status != pj.PJ_SUCCESS:
            native.pyj_leave()
    return status


def enum_aud_devs() -> list[object]:
    """The sound devices as `AudDevInfo` (`pjsua_enum_aud_devs`); empty where there is no sound system."""
    cdef Arena arena = Arena()
    cdef pj.pjmedia_aud_dev_info *infos = <pj.pjmedia_aud_dev_info *>arena.block(
        MAX_DEVICES * sizeof(pj.pjmedia_aud_dev_info))
    cdef unsigned count = MAX_DEVICES
    cdef pj.pj_status_t status
    with nogil:
        status = devices_enter()
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_enum_aud_devs(infos, &count)
            native.pyj_leave()
    check(status, "pjsua_enum_aud_devs")
    return [decode(native.PYJ_AudDevInfo, <const char *>&infos[i], Context()) for i in range(count)]


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


def set_snd_dev(capture_dev: int = -1, playback_dev: int = -2) -> None:
    """Opens real sound devices as slot 0 (`pjsua_set_snd_dev`).

    Indexes of `enum_aud_devs`, -1 for the default capture and -2 for the default playback device. Raises
    `SoundDeviceError`; slot 0 is the null device again then, and calls go on.
    """
    cdef int capture = as_int(capture_dev, "capture_dev")
    cdef int playback = as_int(playback_dev, "playback_dev")
    cdef pj.pj_status_t status
    with nogil:
        status = devices_enter()
        if status == pj.PJ_SUCCESS:
            status = pj.pjsua_set_snd_dev(capture, playback)
            if status != pj.PJ_SUCCESS:
                pj.pjsua_set_null_snd_dev()
            native.pyj_leave()
    check(status, "pjsua_set_snd_dev")


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
