"""The low-level door: pjsua.h name for name.

``pjsua_acc_add()`` is `acc_add()`, ``pjsua_acc_config`` is `AccConfig`, callback
``on_reg_state2`` is the event `OnRegState2` and the attribute ``cfg.cb.on_reg_state2``.
Any thread may call any function. Functions return at once; outcomes come as events.
"""

from __future__ import annotations

from ._core import (
    acc_add as acc_add,
    acc_add_local as acc_add_local,
    acc_create_uac_contact as acc_create_uac_contact,
    acc_del as acc_del,
    acc_del2 as acc_del2,
    acc_enum_info as acc_enum_info,
    acc_find_for_outgoing as acc_find_for_outgoing,
    acc_get_count as acc_get_count,
    acc_get_default as acc_get_default,
    acc_get_info as acc_get_info,
    acc_get_user_data as acc_get_user_data,
    acc_is_valid as acc_is_valid,
    acc_modify as acc_modify,
    acc_set_default as acc_set_default,
    acc_set_online_status as acc_set_online_status,
    acc_set_online_status2 as acc_set_online_status2,
    acc_set_registration as acc_set_registration,
    acc_set_transport as acc_set_transport,
    acc_set_user_data as acc_set_user_data,
    call_answer as call_answer,
    call_answer2 as call_answer2,
    call_dial_dtmf as call_dial_dtmf,
    call_dump as call_dump,
    call_get_conf_port as call_get_conf_port,
    call_get_count as call_get_count,
    call_get_info as call_get_info,
    call_get_max_count as call_get_max_count,
    call_get_stream_stat as call_get_stream_stat,
    call_hangup as call_hangup,
    call_hangup_all as call_hangup_all,
    call_has_media as call_has_media,
    call_is_active as call_is_active,
    call_make_call as call_make_call,
    call_reinvite as call_reinvite,
    call_send_dtmf as call_send_dtmf,
    call_set_hold as call_set_hold,
    cfg as cfg,
    codec_set_priority as codec_set_priority,
    conf_adjust_rx_level as conf_adjust_rx_level,
    conf_adjust_tx_level as conf_adjust_tx_level,
    conf_connect as conf_connect,
    conf_disconnect as conf_disconnect,
    conf_get_active_ports as conf_get_active_ports,
    conf_get_max_ports as conf_get_max_ports,
    conf_get_port_info as conf_get_port_info,
    conf_get_signal_level as conf_get_signal_level,
    enum_accs as enum_accs,
    enum_aud_devs as enum_aud_devs,
    enum_calls as enum_calls,
    enum_codecs as enum_codecs,
    enum_conf_ports as enum_conf_ports,
    enum_transports as enum_transports,
    get_snd_dev as get_snd_dev,
    handle_events as handle_events,
    limits as limits,
    pj_version as pj_version,
    player_create as player_create,
    player_destroy as player_destroy,
    player_get_conf_port as player_get_conf_port,
    player_get_pos as player_get_pos,
    player_set_pos as player_set_pos,
    queue_set_cap as queue_set_cap,
    queue_stats as queue_stats,
    recorder_create as recorder_create,
    recorder_destroy as recorder_destroy,
    recorder_get_conf_port as recorder_get_conf_port,
    set_cfg as set_cfg,
    set_null_snd_dev as set_null_snd_dev,
    set_snd_dev as set_snd_dev,
    snd_is_active as snd_is_active,
    start as start,
    strerror as strerror,
    transport_close as transport_close,
    transport_create as transport_create,
    transport_get_info as transport_get_info,
    verify_sip_url as verify_sip_url,
)
from .config import *
from .enums import *
from .errors import *
from .events import *
from .ids import *
from .info import *
from .library import (
    PLAYER_NO_LOOP as PLAYER_NO_LOOP,
    SND_DEFAULT_CAPTURE_DEV as SND_DEFAULT_CAPTURE_DEV,
    SND_DEFAULT_PLAYBACK_DEV as SND_DEFAULT_PLAYBACK_DEV,
    SND_NULL_DEV as SND_NULL_DEV,
    create as create,
    destroy as destroy,
    events as events,
    get_state as get_state,
    init as init,
)
from .message import Message as Message
from .struct import Header as Header, Headers as Headers
