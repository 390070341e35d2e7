"""What a TLS connection says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..enums import SslCertVerify, SslSockProto
from ..struct import Struct

__all__ = ["TlsCertInfo", "TlsInfo"]


@dataclass(slots=True, frozen=True, kw_only=True)
class TlsCertInfo(Struct):
    """A certificate (`pj_ssl_cert_info`); all empty when there is none."""

    c_struct: ClassVar[str] = "pyj_tls_cert"
    c_counts: ClassVar[dict[str, str]] = {"alt_names": "alt_name_cnt"}

    subject_cn: str
    """Common name."""
    subject: str
    """All of the subject, its fields separated by slashes."""
    issuer_cn: str
    issuer: str
    valid_from: float
    """Seconds since the epoch, like `valid_until`."""
    valid_until: float
    alt_names: tuple[str, ...]
    """Alternative names, sixteen at most."""
    raw: str
    """The certificate in PEM; the other side's only."""


@dataclass(slots=True, frozen=True, kw_only=True)
class TlsInfo(Struct):
    """A TLS connection (`pj_ssl_sock_info`)."""

    c_struct: ClassVar[str] = "pyj_tls_info"

    established: bool
    proto: SslSockProto
    """Protocols that we allowed; PJSIP does not say which of them is spoken."""
    cipher: str
    """Name of the cipher suite, empty before it is agreed."""
    verify_status: SslCertVerify
    """What is wrong with the other side's certificate, 0 for nothing."""
    remote_cert: TlsCertInfo
    local_cert: TlsCertInfo
