"""One call over TLS and SRTP, from behind a NAT where it has to be: who was believed, and what is encrypted.

python secure_call.py sips:1001@example.com PASSWORD sips:1002@example.com [--proxy sips:sip.example.com;lr]
    [--ca OURS.pem] [--ports 10000-10100] [--turn turn.example.com:3478 --turn-user NAME --turn-password WORD]
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import pyjsua
from pyjsua.pjsua import (
    IceConfig,
    IceConfigUse,
    SrtpUse,
    StunAuthCred,
    TlsSetting,
    TransportConfig,
    TurnConfig,
    TurnConfigUse,
)


def endpoint_of(options: argparse.Namespace) -> pyjsua.Endpoint:
    """TLS to servers the system trusts, or to those a file of certificates vouches for."""
    transport = None
    if options.ca:
        transport = TransportConfig(tls_setting=TlsSetting(ca_list_file=options.ca, verify_server=True))
    first, last = map(int, options.ports.split("-"))
    return pyjsua.Endpoint(
        transports=["tls"],
        bound_addr=options.bind,
        transport_config=transport,
        # What a firewall has to let through: RTP and RTCP of each call take two of them.
        rtp_cfg=TransportConfig(port=first, port_range=last - first),
    )


def nat_of(options: argparse.Namespace) -> dict[str, Any]:
    """What an account says of NAT: ICE with a relay that both sides can reach."""
    if not options.turn:
        return {}
    return {
        "ice_cfg_use": IceConfigUse.USE_CUSTOM,
        "ice_cfg": IceConfig(enable_ice=True),
        "turn_cfg_use": TurnConfigUse.USE_CUSTOM,
        "turn_cfg": TurnConfig(
            enable_turn=True,
            turn_server=options.turn,
            turn_auth_cred=StunAuthCred(username=options.turn_user, data=options.turn_password),
        ),
    }


async def main(options: argparse.Namespace) -> None:
    async with endpoint_of(options) as endpoint:
        account = await endpoint.register(
            options.address,
            options.password,
            proxy=[options.proxy] if options.proxy else (),
            use_srtp=SrtpUse.MANDATORY,
            **nat_of(options),
        )
        async with await account.call(options.to, timeout=30) as call:
            await call.wait_media()
            carried = call.audio.transport()
            print(f"media from {carried.rtp_addr_name}, SRTP {carried.srtp.tx_policy.name}", flush=True)
            await call.wait_ended()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A call over TLS and SRTP.")
    parser.add_argument("address")
    parser.add_argument("password")
    parser.add_argument("to")
    parser.add_argument("--proxy", default="", help="URI of an outbound proxy")
    parser.add_argument("--ca", default="", help="PEM file of whom to believe in place of the system's")
    parser.add_argument("--bind", default="", help="address to bind, every one without it")
    parser.add_argument("--ports", default="10000-10100", help="of media, FIRST-LAST")
    parser.add_argument("--turn", default="", help="HOST:PORT of a relay")
    parser.add_argument("--turn-user", default="")
    parser.add_argument("--turn-password", default="")
    asyncio.run(main(parser.parse_args()))
