"""Whatever comes over the network, the server answers or drops it, and serves on."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from pyjsua.testing import Response, SipServer

from .torture import ANSWERED, DROPPED, VALID, text
from .wire import Wire, WireMaker

FUZZED = 400


@pytest.fixture
def phone(sip_server: SipServer, wire: WireMaker) -> Wire:
    return wire(sip_server)


@pytest.fixture(autouse=True)
def _nothing_raised(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def serves(phone: Wire) -> bool:
    """Whether an ordinary request gets its answer, however much else arrives before it."""
    asked = phone.send(phone.new("OPTIONS", phone.server.uri))
    while True:
        raw = phone.receive_raw()
        if asked.call_id.encode() in raw:
            return raw.startswith(b"SIP/2.0 200 OK\r\n")


@pytest.mark.parametrize("name", ANSWERED)
def test_answered(sip_server: SipServer, phone: Wire, name: str) -> None:
    raw, status = ANSWERED[name]
    phone.send_raw(raw)
    # What was malformed comes back as it was, so that only the sender's parser has to bear it.
    answer = phone.receive_raw()
    assert answer.startswith(b"SIP/2.0 %d " % status)
    assert b"\r\nWarning: 399 pyjsua" in answer
    assert serves(phone)


def test_answers_to_what_has_lost_its_ids_is_still_sip(sip_server: SipServer, phone: Wire) -> None:
    phone.send_raw(text(drop="Call-ID"))
    assert phone.receive_raw().startswith(b"SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP 127.0.0.1:9;")


@pytest.mark.parametrize("name", DROPPED)
def test_dropped(sip_server: SipServer, phone: Wire, name: str) -> None:
    phone.send_raw(DROPPED[name])
    assert serves(phone)
    # The trace has what came, and nothing was said to it.
    assert [m.summary for m in sip_server.trace if m.direction == "sent"] == ["200 OK"]


@pytest.mark.parametrize("name", VALID)
def test_unusual_but_valid(sip_server: SipServer, phone: Wire, name: str) -> None:
    phone.send_raw(VALID[name])
    assert serves(phone)


def test_an_ack_is_never_answered(sip_server: SipServer, phone: Wire) -> None:
    phone.send_raw(text("ACK", CSeq="rubbish"))
    phone.send_raw(text("ACK"))
    assert serves(phone)
    assert [m.summary for m in sip_server.trace if m.direction == "sent"] == ["200 OK"]


@pytest.mark.parametrize(
    "header",
    [
        "Digest",
        "Basic abc",
        'Digest username="1001',
        "Digest " + "a=b," * 500,
        'Digest realm="127.0.0.1"',
        "\udcff",
    ],
)
def test_rubbish_credentials_are_challenged(sip_server: SipServer, phone: Wire, header: str) -> None:
    phone.send(
        phone.new("REGISTER", sip_server.uri, to=f"<{phone.aor}>", headers=[("Authorization", header)])
    )
    phone.response(401)


@pytest.mark.parametrize(
    "value",
    [
        "rubbish",
        "<sip:a b>",
        "<tel:1>",
        "<sip:127.0.0.1:99999;lr>",
        "<sip:x.test;lr>",
        "<sips:127.0.0.1;lr>",
        "<",
    ],
)
def test_rubbish_routes_are_refused(sip_server: SipServer, phone: Wire, value: str) -> None:
    phone.send(
        phone.new("MESSAGE", sip_server.aor("1002"), sender="sip:s@far.test", headers=[("Route", value)])
    )
    answer = phone.receive()
    assert isinstance(answer, Response)
    assert 400 <= answer.status < 500


def test_a_target_that_cannot_be_sent_to(sip_server: SipServer, phone: Wire) -> None:
    for target in ("sip:x@[::1]:9", "sip:x@127.0.0.1:9;transport=sctp", "sip:x@255.255.255.255:9"):
        invite = phone.invite(target)
        phone.acknowledge(invite, phone.response(500))


def mutated(raw: bytes, chance: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 30)]
            case 2:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 10)))
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 60)]
            case _:
                data[at:at] = chance.choice(
                    [b"\r\n", b"\r\n\r\n", b",", b";", b'"', b"<", b">", b"\0", b":", b"%"]
                )
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_fuzz(sip_server: SipServer, wire: WireMaker, transport: str) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    phone = wire(sip_server)
    samples = [*VALID.values(), *(raw for raw, _ in ANSWERED.values())]
    samples += [
        bytes(phone.new(method, sip_server.uri)) for method in ("REGISTER", "INVITE", "CANCEL", "ACK", "BYE")
    ]
    for number in range(FUZZED):
        raw = mutated(chance.choice(samples).replace(b"{branch}", b"%d" % number), chance)
        if transport == "udp":
            phone.send_raw(raw)
        else:
            with wire(sip_server, transport="tcp") as stream:
                stream.send_raw(raw)
        if number % 20 == 19:
            # In step with the server, so that no socket buffer overflows.
            assert serves(phone)
    assert sip_server.running
