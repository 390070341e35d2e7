"""TLS of SIP transports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..enums import QosType, SslCertLookupType, SslCipher, SslCurve, SslEntropy, SslMethod, SslSockProto
from ..struct import C_DEFAULT, Struct
from .socket import QosParams, SockoptParams

__all__ = ["SslCertLookupCriteria", "TlsSetting"]


@dataclass(slots=True, kw_only=True)
class SslCertLookupCriteria(Struct):
    """A certificate of the system's store (`pj_ssl_cert_lookup_criteria`); OpenSSL, used here, has none."""

    c_struct: ClassVar[str] = "pj_ssl_cert_lookup_criteria"

    type: SslCertLookupType = C_DEFAULT
    keyword: str = C_DEFAULT
    """Subject, fingerprint or friendly name, as `type` says."""


@dataclass(slots=True, kw_only=True)
class TlsSetting(Struct):
    """TLS of a SIP transport (`pjsip_tls_setting`). Its `repr` shows neither password nor private key."""

    c_struct: ClassVar[str] = "pjsip_tls_setting"
    c_counts: ClassVar[dict[str, str]] = {"ciphers": "ciphers_num", "curves": "curves_num"}
    c_pointers: ClassVar[dict[str, str]] = {
        "ciphers": "PJ_SSL_SOCK_MAX_CIPHERS",
        "curves": "PJ_SSL_SOCK_MAX_CURVES",
    }

    ca_list_file: str = C_DEFAULT
    """Path of trusted certificates, PEM."""
    ca_list_path: str = C_DEFAULT
    """Folder of trusted certificates, named by their hashes."""
    cert_file: str = C_DEFAULT
    """Path of our certificate and its chain, PEM."""
    privkey_file: str = C_DEFAULT
    """Path of its private key, PEM."""
    ca_buf: bytes = C_DEFAULT
    """What `ca_list_file` would contain; with `cert_buf` and `privkey_buf` no file is read."""
    cert_buf: bytes = C_DEFAULT
    privkey_buf: bytes = field(default=C_DEFAULT, repr=False)
    cert_lookup: SslCertLookupCriteria = C_DEFAULT
    password: str = field(default=C_DEFAULT, repr=False)
    """Of the private key."""
    method: SslMethod = C_DEFAULT
    """The protocol, used if `proto` is 0."""
    proto: SslSockProto = C_DEFAULT
    """Protocols that may be spoken, TLS 1.0 to 1.2 by default: `SslSockProto.TLS1_3` has to be asked for.
    0 means what `method` says."""
    ciphers: Sequence[SslCipher] = C_DEFAULT
    """Cipher suites, the preferred first, 256 at most; none means OpenSSL's choice."""
    curves: Sequence[SslCurve] = C_DEFAULT
    """Elliptic curves, the preferred first, 32 at most; none means OpenSSL's choice."""
    sigalgs: str = C_DEFAULT
    """Signature algorithms as OpenSSL writes them: ``"ECDSA+SHA256:RSA+SHA256"``."""
    entropy_type: SslEntropy = C_DEFAULT
    entropy_path: str = C_DEFAULT
    verify_server: bool = C_DEFAULT
    """Whether a server's certificate that does not verify ends the connection."""
    verify_client: bool = C_DEFAULT
    """The same for a client's certificate."""
    require_client_cert: bool = C_DEFAULT
    """Whether a client without a certificate is refused."""
    timeout: float = C_DEFAULT
    """Longest handshake, seconds to the millisecond, 3600 at most; 0 means for ever."""
    initial_timeout: int = C_DEFAULT
    """How long an incoming connection may stay silent, seconds."""
    reuse_addr: bool = C_DEFAULT
    """``SO_REUSEADDR`` on the listening socket."""
    qos_type: QosType = C_DEFAULT
    qos_params: QosParams = C_DEFAULT
    qos_ignore_error: bool = C_DEFAULT
    sockopt_params: SockoptParams = C_DEFAULT
    sockopt_ignore_error: bool = C_DEFAULT
    enable_renegotiation: bool = C_DEFAULT
