# Settings of the SIP stack: one struct of the process, there before the library and after it.

def cfg() -> object:
    """The settings of the SIP stack, as `Cfg` (`pjsip_cfg`). Any thread, any time."""
    cdef pj.pjsip_cfg_t now
    with nogil:
        now = pj.pjsip_cfg()[0]
    return decode(native.PYJ_Cfg, <const char *>&now, Context())


CFG_RANGES = (
    ("max_count", 31, 1000000),
    ("t1", 1, 60000),
    ("t2", 1, 60000),
    ("t4", 1, 60000),
    ("td", 1, 600000),
    ("tcp_keep_alive_interval", 0, 86400),
    ("tls_keep_alive_interval", 0, 86400),
)


def set_cfg(cfg: object) -> None:
    """Changes the settings of the SIP stack: what C writes through `pjsip_cfg()`.

    They are of the whole process, and outlive `destroy`. Best done before `init`, which
    reads `max_count`; the others hold for what is sent from now on.
    """
    cdef Arena arena = Arena()
    cdef pj.pjsip_cfg_t *wanted
    if not isinstance(cfg, struct_by_index[native.PYJ_Cfg]):
        raise TypeError(f"cfg: Cfg expected, not {type(cfg).__name__}")
    wanted = <pj.pjsip_cfg_t *>config_struct(arena, native.PYJ_Cfg, cfg, "cfg")
    all_of_it = decode(native.PYJ_Cfg, <const char *>wanted, Context())
    for name, lowest, highest in CFG_RANGES:
        as_number(getattr(all_of_it, name), f"cfg.{name}", lowest, highest)
    with nogil:
        pj.pjsip_cfg()[0] = wanted[0]
        pj.pjsip_tsx_initialize_timer_values()
