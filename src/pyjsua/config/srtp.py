"""Encryption of media, and feedback about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..enums import RtcpFbType, SrtpCryptoOption, SrtpKeyingMethod
from ..struct import C_DEFAULT, Struct

__all__ = ["RtcpFbCap", "RtcpFbSetting", "SrtpCrypto", "SrtpOpt"]


@dataclass(slots=True, kw_only=True)
class SrtpCrypto(Struct):
    """A crypto suite (`pjmedia_srtp_crypto`). `key` never appears in the `repr`."""

    c_struct: ClassVar[str] = "pjmedia_srtp_crypto"

    key: str = field(default=C_DEFAULT, repr=False)
    """Empty for a random one, as it should be."""
    name: str = C_DEFAULT
    """``"AES_CM_128_HMAC_SHA1_80"``, ..."""
    flags: SrtpCryptoOption = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class SrtpOpt(Struct):
    """SRTP's suites and keying (`pjsua_srtp_opt`)."""

    c_struct: ClassVar[str] = "pjsua_srtp_opt"
    c_counts: ClassVar[dict[str, str]] = {"crypto": "crypto_count", "keying": "keying_count"}

    crypto: Sequence[SrtpCrypto] = C_DEFAULT
    """Suites, the preferred first; none means all there are."""
    keying: Sequence[SrtpKeyingMethod] = C_DEFAULT
    """Ways to agree on keys, the preferred first; none means all there are."""


@dataclass(slots=True, kw_only=True)
class RtcpFbCap(Struct):
    """One kind of RTCP feedback, RFC 4585 (`pjmedia_rtcp_fb_cap`)."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_fb_cap"

    codec_id: str = C_DEFAULT
    """Codec it is for, as in `enum_codecs`; ``"*"`` for every."""
    type: RtcpFbType = C_DEFAULT
    type_name: str = C_DEFAULT
    """Name, with `RtcpFbType.OTHER`."""
    param: str = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class RtcpFbSetting(Struct):
    """RTCP feedback offered (`pjmedia_rtcp_fb_setting`)."""

    c_struct: ClassVar[str] = "pjmedia_rtcp_fb_setting"
    c_counts: ClassVar[dict[str, str]] = {"caps": "cap_count"}

    dont_use_avpf: bool = C_DEFAULT
    """``RTP/AVP`` in SDP all the same."""
    caps: Sequence[RtcpFbCap] = C_DEFAULT
