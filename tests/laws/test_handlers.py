"""A handler that raises: its traceback is logged, the next event is delivered, the process lives."""

from __future__ import annotations

import logging

import pytest

from laws import phone
from pyjsua import events as event_classes, pjsua as pj


class Unexpected(Exception):
    pass


@pytest.mark.parametrize("error", [Unexpected("mine"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_raising_handler(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    events = phone.Events()
    callbacks = phone.auto_answer(events)

    def raise_always(event: pj.OnCallState) -> None:
        events(event)
        raise error

    callbacks.on_call_state = raise_always
    with caplog.at_level(logging.ERROR, "pyjsua"), phone.phone(callbacks) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_hangup(call)
        events.wait_state(call, pj.InvState.DISCONNECTED)
    records = [record for record in caplog.records if record.name == "pyjsua"]
    assert len(records) == len(events.of(pj.OnCallState))
    for record in records:
        assert record.levelno == logging.ERROR
        assert "OnCallState" in record.getMessage()
        assert record.exc_info is not None
        assert record.exc_info[1] is error
        assert "raise_always" in caplog.text


def test_order_survives_a_raising_handler() -> None:
    events = phone.Events()

    def collect_and_raise(event: pj.Event) -> None:
        events(event)
        if isinstance(event, pj.OnIncomingCall):
            pj.call_answer(event.call_id, 200)
        raise Unexpected

    with phone.phone(phone.handlers(collect_and_raise)) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
    numbers = [event.seq for event in events.all if not isinstance(event, pj.OlderEvent)]
    assert numbers == sorted(set(numbers))
    assert events.of(pj.OnCallState)[-1].info.state is pj.InvState.DISCONNECTED


def test_event_classes_match_callbacks() -> None:
    """A new callback gets its handler, and a handler its event."""
    names = {
        "On" + "".join(part.capitalize() for part in name.split("_")[1:]) for name in pj.Callbacks.__slots__
    }
    assert names == {name for name in event_classes.__all__ if name.startswith("On")}
