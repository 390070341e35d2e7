"""The SIP stack below pjsua."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..struct import C_DEFAULT, Struct

__all__ = ["Cfg"]


@dataclass(slots=True, kw_only=True)
class Cfg(Struct):
    """Settings of the SIP stack, of the whole process (`pjsip_cfg_t`); see `set_cfg`.

    A field left out has the value it has now. C's `tcp.keep_alive_interval` is
    `tcp_keep_alive_interval`, that of TLS likewise; the other groups fall away.
    """

    c_struct: ClassVar[str] = "pjsip_cfg_t"

    allow_port_in_fromto_hdr: Annotated[bool, "endpt.allow_port_in_fromto_hdr"] = C_DEFAULT
    """Keep ports in From and To, where RFC 3261 has none."""
    accept_replace_in_early_state: Annotated[bool, "endpt.accept_replace_in_early_state"] = C_DEFAULT
    """Accept Replaces of an early dialog we did not begin, which RFC 3891 forbids."""
    allow_tx_hash_in_uri: Annotated[bool, "endpt.allow_tx_hash_in_uri"] = C_DEFAULT
    """Send ``#`` in URIs unescaped."""
    disable_rport: Annotated[bool, "endpt.disable_rport"] = C_DEFAULT
    """Leave rport (RFC 3581) out of Via."""
    disable_tcp_switch: Annotated[bool, "endpt.disable_tcp_switch"] = C_DEFAULT
    """Send requests over 1300 bytes by UDP, where RFC 3261 section 18.1.1 wants TCP."""
    disable_tls_switch: Annotated[bool, "endpt.disable_tls_switch"] = C_DEFAULT
    """Do not turn to TLS for a ``sips:`` request URI whose target says otherwise."""
    follow_early_media_fork: Annotated[bool, "endpt.follow_early_media_fork"] = C_DEFAULT
    """Let media follow the latest early answer of a forked call."""
    req_has_via_alias: Annotated[bool, "endpt.req_has_via_alias"] = C_DEFAULT
    """Put alias (RFC 5923) into Via over TCP and TLS."""
    resolve_hostname_to_get_interface: Annotated[bool, "endpt.resolve_hostname_to_get_interface"] = C_DEFAULT
    disable_secure_dlg_check: Annotated[bool, "endpt.disable_secure_dlg_check"] = C_DEFAULT
    """Do not ask for ``sips:`` in the Contact of a dialog that began with it."""
    use_compact_form: Annotated[bool, "endpt.use_compact_form"] = C_DEFAULT
    """Send header names in their short forms."""
    accept_multiple_sdp_answers: Annotated[bool, "endpt.accept_multiple_sdp_answers"] = C_DEFAULT
    """Take several answers of one early dialog, RFC 6337 section 3.1.1."""
    keep_inv_after_tsx_timeout: Annotated[bool, "endpt.keep_inv_after_tsx_timeout"] = C_DEFAULT
    """Keep a call in which a request timed out."""
    max_count: Annotated[int, "tsx.max_count"] = C_DEFAULT
    """Size of the table of transactions, 31 to 1000000; read by `init`."""
    t1: Annotated[int, "tsx.t1"] = C_DEFAULT
    """RFC 3261's T1, first retransmission, ms, 1 to 60000."""
    t2: Annotated[int, "tsx.t2"] = C_DEFAULT
    """RFC 3261's T2, longest time between retransmissions, ms, 1 to 60000."""
    t4: Annotated[int, "tsx.t4"] = C_DEFAULT
    """RFC 3261's T4, how long a finished non-INVITE transaction stays, ms, 1 to 60000."""
    td: Annotated[int, "tsx.td"] = C_DEFAULT
    """RFC 3261's timer D, also how long a request waits for an answer, ms, 1 to 600000."""
    check_contact: Annotated[bool, "regc.check_contact"] = C_DEFAULT
    """Look for our own Contact in the answer to REGISTER."""
    add_xuid_param: Annotated[bool, "regc.add_xuid_param"] = C_DEFAULT
    """Add ``x-uid`` to a registered Contact, so that it is found again in the answer."""
    tcp_keep_alive_interval: Annotated[int, "tcp.keep_alive_interval"] = C_DEFAULT
    """Seconds between keep-alives over TCP, 0 for none, at most 86400."""
    tls_keep_alive_interval: Annotated[int, "tls.keep_alive_interval"] = C_DEFAULT
    """Seconds between keep-alives over TLS, 0 for none, at most 86400."""
