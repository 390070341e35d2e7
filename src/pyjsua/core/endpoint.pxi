# The library's life: create, init, start, destroy.

def create() -> None:
    """Creates the library (`pjsua_create`).

    Raises `InvalidState` if it exists already, `ForkedError` in a fork of a process that runs it.
    """
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_create()
    check(status, "pjsua_create")


cdef int adopt_log(pj.pjsua_logging_config *log) except -1:
    """PJSIP hands its callback no line above console_level, and writes none to the console while there is one."""
    log.console_level = log.level
    log.decor = pj.PJ_LOG_HAS_SENDER
    log.cb = native.pyj_log_write
    return 0


def init(ua_cfg: object = None, log_cfg: object = None, media_cfg: object = None, log_level: int = 0) -> None:
    """Initialises the library (`pjsua_init`); slot 0 is a null device until `set_snd_dev`.

    `log_level` is used where `log_cfg` is None. Raises `ValueError` for more than the build holds.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsua_config *ua = <pj.pjsua_config *>config_struct(arena, native.PYJ_Config, ua_cfg, "ua_cfg")
    cdef pj.pjsua_logging_config *log = <pj.pjsua_logging_config *>config_struct(
        arena, native.PYJ_LoggingConfig, log_cfg, "log_cfg")
    cdef pj.pjsua_media_config *media = <pj.pjsua_media_config *>config_struct(
        arena, native.PYJ_MediaConfig, media_cfg, "media_cfg")
    cdef pj.pj_status_t status
    as_number(ua.max_calls, "ua_cfg.max_calls", 1, pj.PJSUA_MAX_CALLS)
    as_number(ua.thread_cnt, "ua_cfg.thread_cnt", 0, 4)
    as_number(media.max_media_ports, "media_cfg.max_media_ports", 1, pj.PJSUA_MAX_CONF_PORTS)
    # PJMEDIA multiplies these without a look, and divides by what is left.
    as_number(media.clock_rate, "media_cfg.clock_rate", 8000, 65535)
    as_number(media.thread_cnt, "media_cfg.thread_cnt", 0, 16)
    as_number(media.quality, "media_cfg.quality", 1, 10)
    as_number(media.snd_clock_rate, "media_cfg.snd_clock_rate", 0, 192000)
    as_number(media.channel_count, "media_cfg.channel_count", 1, 2)
    # Its WSOLA takes frames shorter than a second, of all channels together.
    as_number(media.audio_frame_ptime, "media_cfg.audio_frame_ptime", 1, 999 // media.channel_count)
    if media.audio_frame_ptime == 1 and media.clock_rate % 1000:
        # Its delay buffer divides by the milliseconds of the samples that fit: none.
        raise ValueError(f"media_cfg.audio_frame_ptime: 1 ms is no whole number of samples at {media.clock_rate} Hz")
    as_number(media.conf_threads, "media_cfg.conf_threads", 0, 64)
    as_number(media.jb_max, "media_cfg.jb_max", -1, 60000)
    for i, proxy in enumerate(() if ua_cfg is None else ua_cfg.outbound_proxy):
        route_text(arena, proxy, f"ua_cfg.outbound_proxy[{i}]")
    if log_cfg is None:
        log.level = as_unsigned(log_level, "log_level")
    elif log_cfg.log_filename and native.pyj_state() == pj.PJSUA_STATE_CREATED:  # gil-ok: reads two words
        # PJSIP says that a file cannot be opened, but not which.
        check_regular(log_cfg.log_filename)
        open(log_cfg.log_filename, "ab").close()
    adopt_log(log)
    with nogil:
        install_callbacks(&ua.cb)
        status = native.pyj_init(ua, log, media)
    check(status, "pjsua_init")


def start() -> None:
    """Starts the library: transports may carry traffic (`pjsua_start`)."""
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_start()
    check(status, "pjsua_start")


def destroy(flags: int = 0, timeout: float = 4.0) -> None:
    """Hangs up, unregisters, waits up to `timeout` seconds for the answers, and destroys (`pjsua_destroy2`).

    Any thread, any time, any number of times; a second one waits for the first.
    """
    cdef unsigned c_flags = as_unsigned(flags, "flags")
    cdef unsigned ms = as_ms(timeout, "timeout")
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_destroy(c_flags, ms)
    check(status, "pjsua_destroy2")


def stop_worker_threads() -> None:
    """Ends PJSIP's worker threads; from then on the script calls `handle_events` (`pjsua_stop_worker_threads`).

    PJSIP takes it for the beginning of its end: incoming calls are answered 480. For a library that never had threads
    there is ``Config.thread_cnt``. Raises `PjsuaError` when called by one of them, in a hook.
    """
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_stop_worker_threads()
    check(status, "pjsua_stop_worker_threads")


def handle_events(msec_timeout: int) -> int:
    """Polls PJSIP for up to `msec_timeout` ms, for a library with ``thread_cnt=0`` (`pjsua_handle_events`).

    Returns the number of events handled. 10,000 ms at most, since `destroy` waits for this to return.
    """
    cdef unsigned ms = <unsigned>as_number(msec_timeout, "msec_timeout", 0, 10000)
    cdef pj.pj_status_t status
    cdef int count = 0
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_INIT)
        if status == pj.PJ_SUCCESS:
            count = pj.pjsua_handle_events(ms)
            native.pyj_leave()
    check(status, "pjsua_handle_events")
    if count < 0:
        check(-count, "pjsua_handle_events")
    return count


def verify_sip_url(url: str) -> bool:
    """Whether `url` is a SIP URI that can be called (`pjsua_verify_sip_url`)."""
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if status == pj.PJ_SUCCESS:
            native.pyj_leave()
    check(status, "pjsua_verify_sip_url")
    try:
        uri_text(Arena(), url, "url")
    except ValueError:
        return False
    return True


def verify_url(url: str) -> bool:
    """Whether `url` is a URI PJSIP can parse, of any scheme (`pjsua_verify_url`)."""
    cdef Arena arena = Arena()
    cdef pj.pj_str_t c_url = arena.text(url, "url")
    cdef bint valid = False
    cdef pj.pj_status_t status
    with nogil:
        status = native.pyj_enter(pj.PJSUA_STATE_CREATED)
        if status == pj.PJ_SUCCESS:
            valid = 0 < c_url.slen <= pj.PJSIP_MAX_URL_SIZE and native.pyj_verify_uri(&c_url) == pj.PJ_SUCCESS
            native.pyj_leave()
    check(status, "pjsua_verify_url")
    return valid


def limits() -> object:
    """What this build can hold at most, as `Limits`."""
    cdef native.pyj_limits out
    out.max_calls = pj.PJSUA_MAX_CALLS
    out.max_accounts = pj.PJSUA_MAX_ACC
    out.max_conf_ports = pj.PJSUA_MAX_CONF_PORTS
    out.max_players = pj.PJSUA_MAX_PLAYERS
    out.max_recorders = pj.PJSUA_MAX_RECORDERS
    out.max_transports = native.PYJ_MAX_TRANSPORTS
    out.max_pkt_len = pj.PJSIP_MAX_PKT_LEN
    out.max_url_size = pj.PJSIP_MAX_URL_SIZE
    out.max_handles = pj.PJ_IOQUEUE_MAX_HANDLES
    return decode(native.PYJ_Limits, <const char *>&out, Context())


cdef extern from *:
    const char *PYJSUA_VERSION


def version() -> str:
    """Version of pyjsua, as pyproject.toml had it when this was built; asks no package metadata."""
    return text_from_chars(PYJSUA_VERSION)


def pj_version() -> str:
    """Version of the PJSIP built in, such as ``"2.17"``."""
    return text_from_chars(pj.pj_get_version())  # gil-ok: a constant


def openssl_version() -> str:
    """The OpenSSL that runs, such as ``"OpenSSL 3.0.16 11 Feb 2025"``; it need not be that of Python's `ssl`."""
    return text_from_chars(native.OpenSSL_version(0))  # gil-ok: a constant


def descriptors_wanted(max_calls: int) -> int:
    """File descriptors so many calls take: two sockets each, and what the library itself opens."""
    return 2 * as_number(max_calls, "ua_cfg.max_calls", 1, pj.PJSUA_MAX_CALLS) + 64
