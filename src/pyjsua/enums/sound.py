"""Sound devices, the conference bridge, files of sound."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = [
    "AudDevCap",
    "AudDevRoute",
    "ConfOpType",
    "EchoFlag",
    "FilePlayerOption",
    "FileWriterOption",
    "FormatId",
    "PortOp",
    "SndDevMode",
]


class AudDevCap(IntFlag):
    """What a sound device can do, and be told by `snd_set_setting` (`pjmedia_aud_dev_cap`)."""

    EXT_FORMAT = c("PJMEDIA_AUD_DEV_CAP_EXT_FORMAT")
    """Formats other than PCM; no setting."""
    INPUT_LATENCY = c("PJMEDIA_AUD_DEV_CAP_INPUT_LATENCY")
    """Milliseconds."""
    OUTPUT_LATENCY = c("PJMEDIA_AUD_DEV_CAP_OUTPUT_LATENCY")
    """Milliseconds."""
    INPUT_VOLUME_SETTING = c("PJMEDIA_AUD_DEV_CAP_INPUT_VOLUME_SETTING")
    """Percent."""
    OUTPUT_VOLUME_SETTING = c("PJMEDIA_AUD_DEV_CAP_OUTPUT_VOLUME_SETTING")
    """Percent."""
    INPUT_SIGNAL_METER = c("PJMEDIA_AUD_DEV_CAP_INPUT_SIGNAL_METER")
    """Percent, to be read only."""
    OUTPUT_SIGNAL_METER = c("PJMEDIA_AUD_DEV_CAP_OUTPUT_SIGNAL_METER")
    """Percent, to be read only."""
    INPUT_ROUTE = c("PJMEDIA_AUD_DEV_CAP_INPUT_ROUTE")
    """An `AudDevRoute`."""
    INPUT_SOURCE = c("PJMEDIA_AUD_DEV_CAP_INPUT_SOURCE")
    """Another name of `INPUT_ROUTE`."""
    OUTPUT_ROUTE = c("PJMEDIA_AUD_DEV_CAP_OUTPUT_ROUTE")
    """An `AudDevRoute`."""
    EC = c("PJMEDIA_AUD_DEV_CAP_EC")
    """Whether the device cancels echoes; set by `set_ec`."""
    EC_TAIL = c("PJMEDIA_AUD_DEV_CAP_EC_TAIL")
    """Milliseconds; set by `set_ec`."""
    VAD = c("PJMEDIA_AUD_DEV_CAP_VAD")
    """Whether the device detects silence."""
    CNG = c("PJMEDIA_AUD_DEV_CAP_CNG")
    """Whether the device makes comfort noise."""
    PLC = c("PJMEDIA_AUD_DEV_CAP_PLC")
    """Whether the device conceals losses."""


class AudDevRoute(IntFlag):
    """Where a device plays or records (`pjmedia_aud_dev_route`)."""

    DEFAULT = c("PJMEDIA_AUD_DEV_ROUTE_DEFAULT")
    LOUDSPEAKER = c("PJMEDIA_AUD_DEV_ROUTE_LOUDSPEAKER")
    EARPIECE = c("PJMEDIA_AUD_DEV_ROUTE_EARPIECE")
    BLUETOOTH = c("PJMEDIA_AUD_DEV_ROUTE_BLUETOOTH")
    CUSTOM = c("PJMEDIA_AUD_DEV_ROUTE_CUSTOM")


class SndDevMode(IntFlag):
    """How sound devices are opened (`pjsua_snd_dev_mode`)."""

    SPEAKER_ONLY = c("PJSUA_SND_DEV_SPEAKER_ONLY")
    """No microphone."""
    NO_IMMEDIATE_OPEN = c("PJSUA_SND_DEV_NO_IMMEDIATE_OPEN")
    """Not before something is connected, where nothing is open now."""


class EchoFlag(IntFlag):
    """Options of the echo canceller (`pjmedia_echo_flag`); this build has `SPEEX` (the default), `SIMPLE`."""

    DEFAULT = c("PJMEDIA_ECHO_DEFAULT")
    SPEEX = c("PJMEDIA_ECHO_SPEEX")
    SIMPLE = c("PJMEDIA_ECHO_SIMPLE")
    """An echo suppressor."""
    WEBRTC = c("PJMEDIA_ECHO_WEBRTC")
    WEBRTC_AEC3 = c("PJMEDIA_ECHO_WEBRTC_AEC3")
    ALGO_MASK = c("PJMEDIA_ECHO_ALGO_MASK")
    NO_LOCK = c("PJMEDIA_ECHO_NO_LOCK")
    USE_SIMPLE_FIFO = c("PJMEDIA_ECHO_USE_SIMPLE_FIFO")
    USE_SW_ECHO = c("PJMEDIA_ECHO_USE_SW_ECHO")
    """PJMEDIA's canceller, even where the device has one."""
    USE_NOISE_SUPPRESSOR = c("PJMEDIA_ECHO_USE_NOISE_SUPPRESSOR")
    USE_GAIN_CONTROLLER = c("PJMEDIA_ECHO_USE_GAIN_CONTROLLER")
    AGGRESSIVENESS_DEFAULT = c("PJMEDIA_ECHO_AGGRESSIVENESS_DEFAULT")
    AGGRESSIVENESS_CONSERVATIVE = c("PJMEDIA_ECHO_AGGRESSIVENESS_CONSERVATIVE")
    AGGRESSIVENESS_MODERATE = c("PJMEDIA_ECHO_AGGRESSIVENESS_MODERATE")
    AGGRESSIVENESS_AGGRESSIVE = c("PJMEDIA_ECHO_AGGRESSIVENESS_AGGRESSIVE")
    AGGRESSIVENESS_MASK = c("PJMEDIA_ECHO_AGGRESSIVENESS_MASK")


class ConfOpType(OpenIntEnum):
    """What the conference bridge carried out (`pjmedia_conf_op_type`)."""

    UNKNOWN = c("PJMEDIA_CONF_OP_UNKNOWN")
    ADD_PORT = c("PJMEDIA_CONF_OP_ADD_PORT")
    REMOVE_PORT = c("PJMEDIA_CONF_OP_REMOVE_PORT")
    CONNECT_PORTS = c("PJMEDIA_CONF_OP_CONNECT_PORTS")
    DISCONNECT_PORTS = c("PJMEDIA_CONF_OP_DISCONNECT_PORTS")
    ADJUST_CONN_LEVEL = c("PJMEDIA_CONF_OP_ADJUST_CONN_LEVEL")


class PortOp(OpenIntEnum):
    """What the bridge does with one direction of a port (`pjmedia_port_op`)."""

    NO_CHANGE = c("PJMEDIA_PORT_NO_CHANGE")
    DISABLE = c("PJMEDIA_PORT_DISABLE")
    """Nothing is given to it, or taken from it."""
    MUTE = c("PJMEDIA_PORT_MUTE")
    """Silence is given to it. Of what comes from it only slot 0 is muted: for others `DISABLE` is."""
    ENABLE = c("PJMEDIA_PORT_ENABLE")


class FilePlayerOption(IntFlag):
    """Options of `player_create` and `playlist_create` (`pjmedia_file_player_option`)."""

    NO_LOOP = c("PJMEDIA_FILE_NO_LOOP")
    """Play once, then be silent and send `OnPlayerEof`."""
    NO_LOCK = c("PJMEDIA_FILE_NO_LOCK")
    """Refused: the player would be moved while it plays."""


class FileWriterOption(OpenIntEnum):
    """What `recorder_create` writes (`pjmedia_file_writer_option`)."""

    WRITE_PCM = c("PJMEDIA_FILE_WRITE_PCM")
    """16-bit PCM."""
    WRITE_ALAW = c("PJMEDIA_FILE_WRITE_ALAW")
    """A-law, half the size."""
    WRITE_ULAW = c("PJMEDIA_FILE_WRITE_ULAW")
    """Mu-law, half the size."""


class FormatId(OpenIntEnum):
    """An audio format (`pjmedia_format_id`), four letters in one number."""

    PCM = c("PJMEDIA_FORMAT_PCM")
    L16 = c("PJMEDIA_FORMAT_L16")
    PCMA = c("PJMEDIA_FORMAT_PCMA")
    ALAW = c("PJMEDIA_FORMAT_ALAW")
    PCMU = c("PJMEDIA_FORMAT_PCMU")
    ULAW = c("PJMEDIA_FORMAT_ULAW")
    AMR = c("PJMEDIA_FORMAT_AMR")
    G722 = c("PJMEDIA_FORMAT_G722")
    G729 = c("PJMEDIA_FORMAT_G729")
    ILBC = c("PJMEDIA_FORMAT_ILBC")
    INVALID = c("PJMEDIA_FORMAT_INVALID")
    """Slot 0, which has none."""
