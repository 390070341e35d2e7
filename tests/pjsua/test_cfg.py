"""Settings of the SIP stack: read, changed, refused, and seen on the wire."""

from __future__ import annotations

import dataclasses
import select
import socket
from collections.abc import Iterator

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj

LARGE = pj.MsgData(hdr_list=[("X-Large", "x" * 1400)])


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = pj.cfg()
    yield
    pj.set_cfg(before)
    assert pj.cfg() == before


def test_every_field_round_trips() -> None:
    before = pj.cfg()
    changed = pj.Cfg(
        **{
            field.name: not value if isinstance(value := getattr(before, field.name), bool) else value + 1
            for field in dataclasses.fields(before)
        }
    )
    pj.set_cfg(changed)
    assert pj.cfg() == changed != before


def test_what_is_left_out_stays() -> None:
    before = pj.cfg()
    pj.set_cfg(pj.Cfg(t1=200))
    assert pj.cfg() == dataclasses.replace(before, t1=200)


@pytest.mark.parametrize(
    ("name", "value"),
    [("t1", 0), ("t2", 60001), ("td", 0), ("max_count", 30), ("tcp_keep_alive_interval", -1)],
)
def test_out_of_range(name: str, value: int) -> None:
    before = pj.cfg()
    with pytest.raises(ValueError, match=rf"cfg\.{name}: {value} is not between"):
        pj.set_cfg(pj.Cfg(**{name: value}))  # type: ignore[arg-type]
    assert pj.cfg() == before
    with pytest.raises(TypeError, match="cfg: Cfg expected, not Config"):
        pj.set_cfg(pj.Config())  # type: ignore[arg-type]


@pytest.mark.parametrize("switch", [True, False], ids=["by TCP", "by UDP"])
def test_a_large_request(phone: Phone, switch: bool) -> None:
    pj.transport_create(pj.TransportType.TCP, pj.TransportConfig(port=0, bound_addr="127.0.0.1"))
    pj.set_cfg(pj.Cfg(disable_tcp_switch=not switch))
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(tcp.getsockname())
        call = pj.call_make_call(phone.account("a"), f"sip:b@127.0.0.1:{tcp.getsockname()[1]}", None, LARGE)
        came, _, _ = select.select([tcp, udp], [], [], 10)
        assert came == [tcp if switch else udp]
        if not switch:
            assert b"X-Large: xxx" in udp.recv(65535)
        pj.call_hangup(call)


def test_t1_is_how_soon_a_request_is_sent_again(phone: Phone) -> None:
    # Five copies take 15 times T1: with RFC 3261's 500 ms they would not be here in time.
    pj.set_cfg(pj.Cfg(t1=20))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        call = pj.call_make_call(phone.account("a"), f"sip:b@127.0.0.1:{udp.getsockname()[1]}")
        copies = [udp.recv(65535) for _ in range(5)]
        pj.call_hangup(call)
    assert len(set(copies)) == 1
