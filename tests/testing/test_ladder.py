"""Ladders of recorded messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from pyjsua.testing import Ladder, SipServer, TraceMessage

from .wire import WireMaker

ALICE, BOB, PROXY = ("127.0.0.1", 5061), ("127.0.0.1", 5062), ("127.0.0.1", 5060)

Address = tuple[str, int]


def recorded(
    start: str,
    source: Address,
    destination: Address,
    *,
    at: float,
    caller: str = "1001",
    callee: str = "1002",
    cseq: str = "1 INVITE",
    vias: int = 1,
    add: str = "",
    direction: Literal["sent", "received"] = "received",
) -> TraceMessage:
    via = "".join(f"Via: SIP/2.0/UDP 127.0.0.1:{n};branch=z9hG4bK{n}\r\n" for n in range(1, vias + 1))
    raw = (
        f"{start}\r\n{via}From: <sip:{caller}@a.test>;tag=f\r\nTo: <sip:{callee}@a.test>\r\n"
        f"Call-ID: c\r\nCSeq: {cseq}\r\n{add}Content-Length: 0\r\n\r\n"
    )
    return TraceMessage(direction, "udp", source, destination, raw.encode(), at, 1e9 + at)


def call() -> list[TraceMessage]:
    return [
        recorded("INVITE sip:1002@a.test SIP/2.0", ALICE, PROXY, at=10.0),
        recorded("SIP/2.0 407 Proxy Authentication Required", PROXY, ALICE, at=10.0015, direction="sent"),
        recorded("INVITE sip:1002@a.test SIP/2.0", PROXY, BOB, at=10.002, vias=2, direction="sent"),
        recorded("INVITE sip:1002@a.test SIP/2.0", PROXY, BOB, at=10.502, vias=2, direction="sent"),
        recorded("SIP/2.0 200 OK", BOB, PROXY, at=10.510, vias=2),
        recorded("SIP/2.0 200 OK", PROXY, ALICE, at=10.5104, direction="sent"),
    ]


def test_text() -> None:
    lines = Ladder(call()).text().splitlines()
    assert lines[0].split() == ["ms", "1001", "proxy", "1002"]
    assert [line.split()[0] for line in lines[1:]] == ["0.0", "1.5", "2.0", "502.0", "510.0", "510.4"]
    first, challenge, onward, again, answer, back = lines[1:]
    assert "--- INVITE ---" in first
    assert first.rstrip().endswith("|")
    assert "<- 407 Proxy Authentication Required -" in challenge
    assert ">|" in onward
    assert "INVITE (retransmission)" in again
    assert "<" in answer
    assert "200 OK" in answer
    assert "200 OK" in back
    # Lifelines stand in the same columns on every line.
    bars = [index for index, char in enumerate(first) if char == "|"]
    assert len(bars) == 3
    assert all(line[bar] == "|" for line in lines[1:] for bar in bars[:2])


def test_no_messages() -> None:
    assert Ladder([]).text() == "(no messages)"
    assert Ladder([]).to_dict() == {"participants": [], "messages": []}
    assert Ladder([]).mermaid() == "sequenceDiagram\n"


def test_mermaid() -> None:
    messages = [*call(), recorded("SIP/2.0 486 Busy; try #2", BOB, PROXY, at=11)]
    assert Ladder(messages).mermaid().splitlines() == [
        "sequenceDiagram",
        "    participant p1 as 1001",
        "    participant p2 as proxy",
        "    participant p3 as 1002",
        "    p1->>p2: INVITE",
        "    p2-->>p1: 407 Proxy Authentication Required",
        "    p2->>p3: INVITE",
        "    p2->>p3: INVITE (retransmission)",
        "    p3-->>p2: 200 OK",
        "    p2-->>p1: 200 OK",
        "    p3-->>p2: 486 Busy#59; try #35;2",
    ]


def test_dict_is_json() -> None:
    data = json.loads(json.dumps(Ladder(call()).to_dict()))
    assert data["participants"] == ["1001", "proxy", "1002"]
    assert data["messages"][1] == {
        "at_ms": 1.5,
        "wall": 1e9 + 10.0015,
        "source": "proxy",
        "destination": "1001",
        "source_address": ["127.0.0.1", 5060],
        "destination_address": ["127.0.0.1", 5061],
        "transport": "udp",
        "label": "407 Proxy Authentication Required",
        "method": "INVITE",
        "status": 407,
        "call_id": "c",
        "retransmission": False,
    }
    assert [message["retransmission"] for message in data["messages"]] == [
        False,
        False,
        False,
        True,
        False,
        False,
    ]


def test_two_accounts_behind_one_socket_are_two_columns() -> None:
    both = ("127.0.0.1", 5070)
    messages = [
        recorded("REGISTER sip:a.test SIP/2.0", both, PROXY, at=0, callee="1001", cseq="1 REGISTER"),
        recorded(
            "REGISTER sip:a.test SIP/2.0", both, PROXY, at=1, caller="1002", callee="1002", cseq="1 REGISTER"
        ),
        recorded("INVITE sip:1002@a.test SIP/2.0", both, PROXY, at=2),
        recorded("INVITE sip:1002@a.test SIP/2.0", PROXY, both, at=3, vias=2),
        recorded("SIP/2.0 200 OK", both, PROXY, at=4, vias=2),
        recorded("SIP/2.0 200 OK", PROXY, both, at=5),
    ]
    ladder = Ladder(messages)
    assert ladder.participants == ["1001", "proxy", "1002"]
    assert [(arrow.source, arrow.destination) for arrow in ladder.arrows] == [
        ("1001", "proxy"),
        ("1002", "proxy"),
        ("1001", "proxy"),
        ("proxy", "1002"),
        ("1002", "proxy"),
        ("proxy", "1001"),
    ]


def test_two_phones_of_one_user_are_two_columns() -> None:
    messages = [
        *call(),
        recorded(
            "INVITE sip:1002@a.test SIP/2.0", PROXY, ("127.0.0.1", 5063), at=11, vias=2, direction="sent"
        ),
    ]
    assert Ladder(messages).participants == ["1001", "proxy", "1002", "1002 127.0.0.1:5063"]


def test_passing_ports_of_one_contact_are_one_column() -> None:
    contact = "Contact: <sip:1001@127.0.0.1:5061;transport=tcp>\r\n"
    messages = [
        recorded("INVITE sip:1002@a.test SIP/2.0", ("127.0.0.1", port), PROXY, at=port, add=contact)
        for port in (40001, 40002)
    ]
    assert Ladder(messages, {PROXY: "proxy"}).participants == ["1001", "proxy"]


def test_names() -> None:
    names = {ALICE: "Alice's phone", PROXY: "kamailio", BOB: "Alice's phone"}
    ladder = Ladder(call(), names)
    assert set(ladder.participants) == {"Alice's phone", "kamailio"}


def test_a_direct_call_has_no_proxy() -> None:
    messages = [
        recorded("INVITE sip:1002@a.test SIP/2.0", ALICE, BOB, at=0),
        recorded("SIP/2.0 200 OK", BOB, ALICE, at=1),
    ]
    assert Ladder(messages).participants == ["1001", "1002"]


def test_what_is_no_sip_message_is_shown_too() -> None:
    message = TraceMessage("received", "udp", ALICE, PROXY, b"\x01rubbish\r\n\r\n", 0.0, 0.0)
    ladder = Ladder([message, *call()])
    assert ladder.arrows[0].label.startswith("(malformed)")
    assert ladder.arrows[0].message.method is None
    assert "rubbish" in ladder.text()


def test_both_ends_of_one_message_are_one_arrow() -> None:
    """Over TCP each end sees a passing port of the other's."""
    passing = ("127.0.0.1", 40000)
    sent = recorded("INVITE sip:1002@a.test SIP/2.0", ALICE, PROXY, at=1.0, direction="sent")
    received = recorded("INVITE sip:1002@a.test SIP/2.0", passing, PROXY, at=1.001)
    for messages in ([sent, received], [received, sent]):
        (arrow,) = Ladder(messages).arrows
        assert (arrow.message.source, arrow.message.destination) == (ALICE, PROXY)
    later = recorded("INVITE sip:1002@a.test SIP/2.0", ALICE, PROXY, at=1.5, direction="sent")
    assert [arrow.retransmission for arrow in Ladder([sent, received, later]).arrows] == [False, True]


def test_two_servers(sip_server_factory: Callable[..., SipServer], wire: WireMaker) -> None:
    users = {"1001": "secret", "1002": "secret"}
    a = sip_server_factory(users, domains=["a.test"])
    b = sip_server_factory(users, domains=["b.test"])
    a.add_route("b.test", b.host, b.port, "tcp")
    alice, bob = wire(a, "1001"), wire(b, "1002")
    bob.register()
    alice.invite("sip:1002@b.test")
    bob.answer(bob.request("INVITE"), 486)
    alice.response(486)
    ladder = Ladder([*a.trace, *b.trace], {a.addresses[0]: "a.test", b.addresses[0]: "b.test"})
    assert sorted(ladder.participants) == ["1001", "1002", "a.test", "b.test"]
    between = [
        (arrow.source, arrow.destination, arrow.label)
        for arrow in ladder.arrows
        if {arrow.source, arrow.destination} == {"a.test", "b.test"}
    ]
    assert sorted(between[:2]) == [("a.test", "b.test", "INVITE"), ("b.test", "a.test", "100 Trying")]
    assert ("b.test", "a.test", "486 Busy Here") in between
