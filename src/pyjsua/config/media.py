"""The conference bridge, jitter buffers and sound device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import JbDiscardAlgo, TurnTpType
from ..struct import C_DEFAULT, Struct
from .nat import IceSessOptions, StunAuthCred, TurnSockTlsCfg

__all__ = ["MediaConfig"]


@dataclass(slots=True, kw_only=True)
class MediaConfig(Struct):
    """The conference bridge, jitter buffers and sound device (`pjsua_media_config`)."""

    c_struct: ClassVar[str] = "pjsua_media_config"

    clock_rate: int = C_DEFAULT
    """Sample rate of the conference bridge, Hz."""
    snd_clock_rate: int = C_DEFAULT
    """Sample rate the sound device is opened at, Hz; 0 means `clock_rate`."""
    snd_use_sw_clock: bool = C_DEFAULT
    channel_count: int = C_DEFAULT
    audio_frame_ptime: int = C_DEFAULT
    """Length of the bridge's frames, ms."""
    max_media_ports: int = C_DEFAULT
    """Ports of the conference bridge."""
    conf_threads: int = C_DEFAULT
    """Threads that mix, the clock's own included."""
    has_ioqueue: bool = C_DEFAULT
    thread_cnt: int = C_DEFAULT
    """Threads that receive RTP."""
    quality: int = C_DEFAULT
    """1 to 10: codec and resampling quality."""
    ptime: int = C_DEFAULT
    """Length of outgoing RTP packets, ms; 0 means the codec's default."""
    no_vad: bool = C_DEFAULT
    """No silence suppression, which with Speex takes a tone or music of more than a second for noise."""
    ilbc_mode: int = C_DEFAULT
    """Frames of iLBC, ms: 20 or 30. This build has no iLBC."""
    tx_drop_pct: int = C_DEFAULT
    """RTP packets lost on purpose on their way out, per cent."""
    rx_drop_pct: int = C_DEFAULT
    """RTP packets lost on purpose on their way in, per cent."""
    ec_options: int = C_DEFAULT
    """``PJMEDIA_ECHO_*`` of the echo canceller."""
    ec_tail_len: int = C_DEFAULT
    """Tail of the echo canceller, ms; 0 turns it off."""
    snd_rec_latency: int = C_DEFAULT
    """Latency asked of the capture device, ms."""
    snd_play_latency: int = C_DEFAULT
    """Latency asked of the playback device, ms."""
    jb_init: int = C_DEFAULT
    """Initial prefetch of the jitter buffer, ms; -1 means PJMEDIA's default."""
    jb_min_pre: int = C_DEFAULT
    """Least it prefetches, ms; -1 means PJMEDIA's default."""
    jb_max_pre: int = C_DEFAULT
    """Most it prefetches, ms; -1 means PJMEDIA's default."""
    jb_max: int = C_DEFAULT
    """Most it holds, ms; -1 means PJMEDIA's default."""
    jb_discard_algo: JbDiscardAlgo = C_DEFAULT
    """What it does with frames beyond that prefetch."""
    enable_ice: bool = C_DEFAULT
    ice_max_host_cands: int = C_DEFAULT
    """Host candidates at most; -1 means PJNATH's limit."""
    ice_opt: IceSessOptions = C_DEFAULT
    ice_no_rtcp: bool = C_DEFAULT
    ice_always_update: bool = C_DEFAULT
    enable_turn: bool = C_DEFAULT
    turn_server: str = C_DEFAULT
    """Host name or address, with ``:port`` if it is not 3478."""
    turn_conn_type: TurnTpType = C_DEFAULT
    turn_auth_cred: StunAuthCred = C_DEFAULT
    turn_tls_setting: TurnSockTlsCfg = C_DEFAULT
    snd_auto_close_time: int = C_DEFAULT
    """Seconds an idle sound device, the null device too, stays open; -1, the default here, means always."""
    no_smart_media_update: bool = C_DEFAULT
    no_rtcp_sdes_bye: bool = C_DEFAULT
