# C structs with their defaults, which configs are laid over.

cdef void acc_config_default(pj.pjsua_acc_config *cfg) noexcept nogil:
    """`pjsua_acc_config_default`, which takes what the user agent has from it; there is none before `create`."""
    cdef pj.pjsua_config ua
    pj.pjsua_acc_config_default(cfg)
    if native.pyj_state() == pj.PJSUA_STATE_NULL:
        pj.pjsua_config_default(&ua)
        cfg.require_100rel = ua.require_100rel
        cfg.use_timer = ua.use_timer
        cfg.use_siprec = ua.use_siprec
        cfg.timer_setting = ua.timer_setting
        cfg.use_srtp = ua.use_srtp
        cfg.srtp_secure_signaling = ua.srtp_secure_signaling
        cfg.srtp_optional_dup_offer = ua.srtp_optional_dup_offer
        cfg.srtp_opt = ua.srtp_opt


cdef void part_of_acc_config(int index, void *value) noexcept nogil:
    """Structs whose defaults C has only as members of an account's."""
    cdef pj.pjsua_acc_config *acc = <pj.pjsua_acc_config *>malloc(sizeof(pj.pjsua_acc_config))
    if acc is NULL:
        return
    pj.pjsua_acc_config_default(acc)
    if index == native.PYJ_IceConfig:
        (<pj.pjsua_ice_config *>value)[0] = acc.ice_cfg
    elif index == native.PYJ_TurnConfig:
        (<pj.pjsua_turn_config *>value)[0] = acc.turn_cfg
    else:
        (<pj.pjsua_ip_change_acc_cfg *>value)[0] = acc.ip_change_cfg
    free(acc)


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
    elif index == native.PYJ_Policy:
        native.pyj_policy_default(<native.pyj_policy *>value)
    elif index == native.PYJ_AccDelParam:
        pj.pjsua_acc_del_param_default(<pj.pjsua_acc_del_param *>value)
    elif index == native.PYJ_BuddyConfig:
        pj.pjsua_buddy_config_default(<pj.pjsua_buddy_config *>value)
    elif index == native.PYJ_CallSendTextParam:
        pj.pjsua_call_send_text_param_default(<pj.pjsua_call_send_text_param *>value)
    elif index == native.PYJ_TimerSetting:
        pj.pjsip_timer_setting_default(<pj.pjsip_timer_setting *>value)
    elif index == native.PYJ_SndDevParam:
        pj.pjsua_snd_dev_param_default(<pj.pjsua_snd_dev_param *>value)
    elif index == native.PYJ_ConfConnectParam:
        pj.pjsua_conf_connect_param_default(<pj.pjsua_conf_connect_param *>value)
    elif index == native.PYJ_TlsSetting:
        pj.pjsip_tls_setting_default(<pj.pjsip_tls_setting *>value)
    elif index == native.PYJ_IceSessOptions:
        pj.pj_ice_sess_options_default(<pj.pj_ice_sess_options *>value)
    elif index == native.PYJ_TurnSockTlsCfg:
        pj.pj_turn_sock_tls_cfg_default(<pj.pj_turn_sock_tls_cfg *>value)
    elif index == native.PYJ_SslSockParam:
        pj.pj_ssl_sock_param_default(<pj.pj_ssl_sock_param *>value)
    elif index == native.PYJ_SrtpOpt:
        pj.pjsua_srtp_opt_default(<pj.pjsua_srtp_opt *>value)
    elif index == native.PYJ_RtcpFbSetting:
        pj.pjmedia_rtcp_fb_setting_default(<pj.pjmedia_rtcp_fb_setting *>value)
    elif index == native.PYJ_PublishcOpt:
        pj.pjsip_publishc_opt_default(<pj.pjsip_publishc_opt *>value)
    elif index == native.PYJ_MultipartPart:
        native.pyj_part_init(<native.pyj_part *>value)
    elif index == native.PYJ_IceConfig or index == native.PYJ_TurnConfig or index == native.PYJ_IpChangeAccCfg:
        part_of_acc_config(index, value)


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
        out[field_names[index][i]] = decode_field(field, <const char *>value, context)
    return out


cdef void *config_struct(Arena arena, int index, object value, str name) except NULL:
    """A C struct in the arena: C's defaults, overlaid with `value` unless that is None."""
    cdef void *out = arena.block(native.pyj_structs[index].size)
    with nogil:
        set_defaults(index, out)
    if value is not None:
        fill(arena, index, out, value, name)
    return out


cdef void *required_struct(Arena arena, int index, object value, str name) except NULL:
    """Likewise, for an argument that cannot be left out."""
    cdef void *out = config_struct(arena, index, None, name)
    fill(arena, index, out, value, name)
    return out


cdef void *optional_struct(Arena arena, int index, object value, str name) except? NULL:
    return NULL if value is None else config_struct(arena, index, value, name)


def struct_round_trip(value: object) -> tuple[object, object]:
    """`value` as C has it once its struct is filled: read from that, and from a packed copy. For tests."""
    cdef Arena arena = Arena()
    cdef int index = [cls is type(value) for cls in struct_by_index].index(True)
    cdef void *filled = config_struct(arena, index, value, type(value).__name__)
    cdef void *block
    cdef Context context = Context()
    with nogil:
        block = native.pyj_pack_new(&native.pyj_structs[index], filled)
    return decode(index, <const char *>filled, context), decode_and_free(index, block, context)


def ice_config_from_media_config(media_cfg: object) -> object:
    """The ICE settings of a `MediaConfig`, as an account's (`pjsua_ice_config_from_media_config`)."""
    cdef Arena arena = Arena()
    cdef pj.pjsua_ice_config *out = <pj.pjsua_ice_config *>config_struct(
        arena, native.PYJ_IceConfig, None, "")
    cdef pj.pjsua_media_config *c_cfg = <pj.pjsua_media_config *>config_struct(
        arena, native.PYJ_MediaConfig, media_cfg, "media_cfg")
    if media_cfg is None:
        raise TypeError("media_cfg: MediaConfig expected, not NoneType")
    with nogil:
        pj.pjsua_ice_config_from_media_config(NULL, out, c_cfg)
    return decode(native.PYJ_IceConfig, <const char *>out, Context())


def turn_config_from_media_config(media_cfg: object) -> object:
    """The TURN settings of a `MediaConfig`, as an account's (`pjsua_turn_config_from_media_config`)."""
    cdef Arena arena = Arena()
    cdef pj.pjsua_turn_config *out = <pj.pjsua_turn_config *>config_struct(
        arena, native.PYJ_TurnConfig, None, "")
    cdef pj.pjsua_media_config *c_cfg = <pj.pjsua_media_config *>config_struct(
        arena, native.PYJ_MediaConfig, media_cfg, "media_cfg")
    if media_cfg is None:
        raise TypeError("media_cfg: MediaConfig expected, not NoneType")
    with nogil:
        pj.pjsua_turn_config_from_media_config(NULL, out, c_cfg)
    return decode(native.PYJ_TurnConfig, <const char *>out, Context())
