"""Getting through NATs: ICE, TURN, and what to do when addresses change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from ..enums import (
    CallFlag,
    IceSessTrickle,
    QosType,
    SslCipher,
    SslCurve,
    SslEntropy,
    SslSockProto,
    StunPasswdType,
    TurnTpType,
)
from ..struct import C_DEFAULT, Struct
from .socket import QosParams, SockoptParams
from .tls import SslCertLookupCriteria

__all__ = [
    "IceConfig",
    "IceSessOptions",
    "IpChangeAccCfg",
    "SslSockParam",
    "StunAuthCred",
    "TurnConfig",
    "TurnSockTlsCfg",
]


@dataclass(slots=True, kw_only=True)
class IceSessOptions(Struct):
    """How ICE checks and nominates, RFC 8445 (`pj_ice_sess_options`)."""

    c_struct: ClassVar[str] = "pj_ice_sess_options"

    aggressive: bool = C_DEFAULT
    """Aggressive nomination; not together with `trickle`."""
    nominated_check_delay: int = C_DEFAULT
    """With regular nomination: wait before the nominating check, ms."""
    controlled_agent_want_nom_timeout: int = C_DEFAULT
    """How long a controlled agent waits to be told what was nominated, ms; -1 means for ever."""
    trickle: IceSessTrickle = C_DEFAULT
    check_src_addr: bool = C_DEFAULT
    """Whether media must come from the address ICE agreed on."""


@dataclass(slots=True, kw_only=True)
class IceConfig(Struct):
    """ICE of an account (`pjsua_ice_config`)."""

    c_struct: ClassVar[str] = "pjsua_ice_config"
    c_counts: ClassVar[dict[str, str]] = {"ice_manual_host": "ice_manual_host_cnt"}

    enable_ice: bool = C_DEFAULT
    ice_max_host_cands: int = C_DEFAULT
    """Host candidates at most; -1 means PJNATH's limit."""
    ice_manual_host: Sequence[str] = C_DEFAULT
    """Host candidates to offer before what the interfaces have: IP addresses, 8 at most. Loopback
    addresses are no candidates, and where an interface of a family has no other, neither are these."""
    ice_opt: IceSessOptions = C_DEFAULT
    ice_no_rtcp: bool = C_DEFAULT
    """No RTCP component."""
    ice_always_update: bool = C_DEFAULT
    """Whether the offerer sends a re-INVITE after ICE even where the default candidate stayed."""


@dataclass(slots=True, kw_only=True)
class StunAuthCred(Struct):
    """A credential of a STUN or TURN server (`pj_stun_auth_cred`, static). Its `repr` shows no `data`."""

    c_struct: ClassVar[str] = "pj_stun_auth_cred"

    realm: Annotated[str, "data.static_cred.realm"] = C_DEFAULT
    """Realm it is for; empty answers any."""
    username: Annotated[str, "data.static_cred.username"] = C_DEFAULT
    data_type: Annotated[StunPasswdType, "data.static_cred.data_type"] = C_DEFAULT
    data: Annotated[str, "data.static_cred.data"] = field(default=C_DEFAULT, repr=False)
    """Password, or its hash with `StunPasswdType.HASHED`."""
    nonce: Annotated[str, "data.static_cred.nonce"] = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class SslSockParam(Struct):
    """A TLS socket, as far as it is the user's to say (`pj_ssl_sock_param`)."""

    c_struct: ClassVar[str] = "pj_ssl_sock_param"
    c_counts: ClassVar[dict[str, str]] = {"ciphers": "ciphers_num", "curves": "curves_num"}
    c_pointers: ClassVar[dict[str, str]] = {
        "ciphers": "PJ_SSL_SOCK_MAX_CIPHERS",
        "curves": "PJ_SSL_SOCK_MAX_CURVES",
    }

    proto: SslSockProto = C_DEFAULT
    ciphers: Sequence[SslCipher] = C_DEFAULT
    """Cipher suites, the preferred first, 256 at most; none means OpenSSL's choice."""
    curves: Sequence[SslCurve] = C_DEFAULT
    """Elliptic curves, the preferred first, 32 at most; none means OpenSSL's choice."""
    sigalgs: str = C_DEFAULT
    """Signature algorithms as OpenSSL writes them."""
    entropy_type: SslEntropy = C_DEFAULT
    entropy_path: str = C_DEFAULT
    timeout: float = C_DEFAULT
    """Longest handshake, seconds to the millisecond, 3600 at most; 0 means for ever."""
    verify_peer: bool = C_DEFAULT
    """Whether a certificate that does not verify ends the connection."""
    require_client_cert: bool = C_DEFAULT
    server_name: str = C_DEFAULT
    """Name sent as SNI."""
    reuse_addr: bool = C_DEFAULT
    qos_type: QosType = C_DEFAULT
    qos_params: QosParams = C_DEFAULT
    qos_ignore_error: bool = C_DEFAULT
    sockopt_params: SockoptParams = C_DEFAULT
    sockopt_ignore_error: bool = C_DEFAULT
    sock_cloexec: bool = C_DEFAULT
    enable_renegotiation: bool = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class TurnSockTlsCfg(Struct):
    """TLS to a TURN server (`pj_turn_sock_tls_cfg`). Its `repr` shows neither password nor private key."""

    c_struct: ClassVar[str] = "pj_turn_sock_tls_cfg"

    ca_list_file: str = C_DEFAULT
    """Path of trusted certificates, PEM."""
    ca_list_path: str = C_DEFAULT
    """Folder of trusted certificates, named by their hashes."""
    cert_file: str = C_DEFAULT
    privkey_file: str = C_DEFAULT
    ca_buf: bytes = C_DEFAULT
    """What `ca_list_file` would contain."""
    cert_buf: bytes = C_DEFAULT
    privkey_buf: bytes = field(default=C_DEFAULT, repr=False)
    cert_lookup: SslCertLookupCriteria = C_DEFAULT
    password: str = field(default=C_DEFAULT, repr=False)
    ssock_param: SslSockParam = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class TurnConfig(Struct):
    """TURN of an account (`pjsua_turn_config`)."""

    c_struct: ClassVar[str] = "pjsua_turn_config"

    enable_turn: bool = C_DEFAULT
    turn_server: str = C_DEFAULT
    """Host name or address, with ``:port`` if it is not 3478."""
    turn_conn_type: TurnTpType = C_DEFAULT
    turn_auth_cred: StunAuthCred = C_DEFAULT
    turn_tls_setting: TurnSockTlsCfg = C_DEFAULT


@dataclass(slots=True, kw_only=True)
class IpChangeAccCfg(Struct):
    """What `handle_ip_change` does for an account (`pjsua_ip_change_acc_cfg`)."""

    c_struct: ClassVar[str] = "pjsua_ip_change_acc_cfg"

    shutdown_tp: bool = C_DEFAULT
    """Closes the transport it registered by."""
    hangup_calls: bool = C_DEFAULT
    """Ends its calls, rather than sending re-INVITE."""
    reinvite_flags: CallFlag = C_DEFAULT
    reinv_use_update: bool = C_DEFAULT
    """UPDATE instead of re-INVITE."""
