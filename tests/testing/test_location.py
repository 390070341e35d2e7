from __future__ import annotations

from collections.abc import Callable

import pytest

from pyjsua.testing import Registration
from pyjsua.testing.location import LocationError, LocationTable
from pyjsua.testing.transport import Flow, TransportName
from pyjsua.testing.uri import SipUri

AOR = "1001@a.test"


class NoFlow(Flow):
    transport: TransportName = "udp"
    local = ("127.0.0.1", 1)
    remote = ("127.0.0.1", 2)

    @property
    def closed(self) -> bool:
        return False

    def send(self, data: bytes) -> None:
        raise AssertionError("nothing is sent here")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(clock: Clock) -> LocationTable:
    return LocationTable(max_contacts=2, clock=clock)


@pytest.fixture
def binding(clock: Clock) -> Callable[..., Registration]:
    def make(contact: str, expires: int = 60, *, call_id: str = "c", cseq: int = 1) -> Registration:
        return Registration(
            aor=AOR,
            contact=SipUri.parse(contact),
            text=contact,
            expires=expires,
            expires_at=clock.now + expires,
            call_id=call_id,
            cseq=cseq,
            transport="udp",
            source=("127.0.0.1", 2),
            flow=NoFlow(),
        )

    return make


Make = Callable[..., Registration]


def texts(bindings: list[Registration]) -> list[str]:
    return [binding.text for binding in bindings]


def test_add_refresh_remove(table: LocationTable, binding: Make) -> None:
    table.update(AOR, [binding("sip:1001@h:1"), binding("sip:1001@h:2")])
    assert texts(table.lookup(AOR)) == ["sip:1001@h:1", "sip:1001@h:2"]
    table.update(AOR, [binding("sip:1001@H:1;x=y", 90, cseq=2)])
    assert [(b.text, b.expires) for b in table.lookup(AOR)] == [
        ("sip:1001@h:2", 60),
        ("sip:1001@H:1;x=y", 90),
    ]
    table.update(AOR, [binding("sip:1001@h:2", 0, cseq=3)])
    assert texts(table.lookup(AOR)) == ["sip:1001@H:1;x=y"]
    assert table.update(AOR, [], remove_all=True) == []
    assert table.snapshot() == {}
    assert table.was_registered(AOR)
    assert not table.was_registered("1002@a.test")


def test_expiry(table: LocationTable, binding: Make, clock: Clock) -> None:
    table.update(AOR, [binding("sip:h:1", 10), binding("sip:h:2", 20)])
    assert table.next_expiry() == 110
    clock.now = 110
    assert texts(table.lookup(AOR)) == ["sip:h:2"]
    assert table.expire()
    assert table.next_expiry() == 120
    assert not table.expire()
    clock.now = 120
    assert table.snapshot() == {}
    assert table.expire()
    assert table.next_expiry() is None


def test_all_or_nothing(table: LocationTable, binding: Make) -> None:
    table.update(AOR, [binding("sip:h:1", cseq=5)])
    with pytest.raises(LocationError, match="CSeq"):
        table.update(AOR, [binding("sip:h:2", cseq=5), binding("sip:h:1", cseq=5)])
    with pytest.raises(LocationError, match="Too Many") as caught:
        table.update(AOR, [binding("sip:h:2", cseq=6), binding("sip:h:3", cseq=6)])
    assert caught.value.status == 403
    assert texts(table.lookup(AOR)) == ["sip:h:1"]


def test_another_call_id_may_count_anew(table: LocationTable, binding: Make) -> None:
    table.update(AOR, [binding("sip:h:1", cseq=5)])
    table.update(AOR, [binding("sip:h:1", 30, call_id="after a restart", cseq=1)])
    assert [b.expires for b in table.lookup(AOR)] == [30]
