"""The dispatcher outlives what programs do to it, and does not outlive the program."""

from __future__ import annotations

import pytest

from laws import child
from pyjsua import pjsua as pj


def test_logging_that_raises_costs_no_event() -> None:
    child.run("logging_raises").expect(silent=True)


def test_a_handler_that_never_returns_does_not_keep_the_program() -> None:
    child.run("blocked_handler", timeout=20).expect(silent=True)


def test_destroyed_in_one_thread_made_anew_in_another() -> None:
    child.run("hand_over").expect(silent=True)


def test_init_may_be_called_again_after_a_handler_that_is_none() -> None:
    cfg = pj.Config()
    cfg.cb.on_call_state = 5  # type: ignore[assignment]
    pj.create()
    try:
        with pytest.raises(TypeError, match=r"ua_cfg\.cb\.on_call_state: a callable expected, not int"):
            pj.init(cfg)
        assert pj.get_state() is pj.State.CREATED
        cfg.cb.on_call_state = print
        pj.init(cfg)
    finally:
        pj.destroy()
