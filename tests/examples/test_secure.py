"""The example that calls over TLS and SRTP, also by a relay: Kamailio, coturn, and an endpoint in here."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from examples.test_examples import BIND, TIMEOUT
from examples.test_voices import running
from peers.certificates import Authority
from peers.kamailio import Kamailio
from peers.ports import free_port
from peers.turn import Turn
from pyjsua.pjsua import SrtpUse

USERS = {"1001": "secret-1001", "1002": "secret-1002"}


@pytest.mark.parametrize("relayed", [False, True])
def test_secure_call(
    kamailio: Callable[..., Kamailio], turn: Callable[..., Turn], tmp_path: Path, relayed: bool
) -> None:
    import examples.secure_call as program

    authority = Authority(tmp_path / "authority")
    certificate = authority.issue("proxy", "IP:127.0.0.1", "DNS:a.test")
    proxy = kamailio("a.test", USERS, certificate=certificate)
    hop = f"sips:127.0.0.1:{proxy.tls_port};lr"
    first = free_port(count=12, even=True)
    words = ["--proxy", hop, "--ca", str(authority.file), "--ports", f"{first}-{first + 10}"]
    if relayed:
        relay = turn({"alice": "a-secret"})
        words += ["--turn", relay.address, "--turn-user", "alice", "--turn-password", "a-secret"]

    async def run() -> None:
        options = argparse.Namespace(
            ca=str(authority.file),
            bind=BIND,
            ports=f"{first}-{first + 10}",
            turn=relay.address if relayed else "",
            turn_user="alice",
            turn_password="a-secret",
        )
        async with program.endpoint_of(options) as endpoint, asyncio.timeout(TIMEOUT):
            account = await endpoint.register(
                "sips:1002@a.test",
                USERS["1002"],
                proxy=[hop],
                use_srtp=SrtpUse.MANDATORY,
                **program.nat_of(options),
            )
            incoming = account.incoming()
            async with running(
                "secure_call.py", "sips:1001@a.test", USERS["1001"], "sips:1002@a.test", *words
            ) as caller:
                call = await (await anext(incoming)).answer()
                port, policy = (await caller.line(r"media from .*:(\d+), SRTP (\w+)")).groups()
                assert policy == call.audio.transport().srtp.tx_policy.name != ""
                assert int(port) in (relay.relay_ports if relayed else range(first, first + 12))
                await call.hangup()
                await caller.end(interrupt=False)

    asyncio.run(run())
    assert {message.transport for message in proxy.messages} == {"TLS"}
