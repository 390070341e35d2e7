"""Numbers PJSIP would take for what they are, and crash, hang or forget a call over, are refused by name."""

from __future__ import annotations

import pytest

from laws import child, phone
from pyjsua import pjsua as pj


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clock_rate", 2**32 - 1),
        ("clock_rate", 1),
        ("snd_clock_rate", 2**32 - 1),
        ("channel_count", 2**31 - 1),
        ("audio_frame_ptime", 2**31 - 1),
        ("conf_threads", 65536),
        ("jb_max", 2**31 - 1),
        # These are PJMEDIA's to refuse, when half of PJSIP is up.
        ("quality", 11),
        ("thread_cnt", 65536),
    ],
)
def test_media_config(name: str, value: int) -> None:
    child.run("bad_media_config", name, value, timeout=30).expect(silent=True)


@pytest.mark.parametrize("name", ["aud_cnt", "vid_cnt", "txt_cnt"])
@pytest.mark.parametrize("value", [17, 2**32 - 1])
def test_call_setting(name: str, value: int) -> None:
    child.run("bad_setting", name, value, timeout=30).expect(silent=True)


def test_a_sequence_that_lies_about_its_length() -> None:
    child.run("lying_sequence").expect(silent=True)


@pytest.mark.parametrize("code", [1, 100, 180, 200, 299, 700])
def test_a_call_is_refused_with_a_refusal_or_not_at_all(code: int) -> None:
    events = phone.Events()
    with phone.phone(phone.handlers(events)) as line:
        line.call()
        incoming = events.wait_for(pj.OnIncomingCall).call_id
        with pytest.raises(ValueError, match=f"code: {code} is not between 300 and 699"):
            pj.call_hangup(incoming, code)
        pj.call_hangup(incoming, 486)
        events.wait_for(pj.OnCallState, lambda event: event.info.last_status == 486, count=2)


def test_a_call_that_has_a_call_id_keeps_no_other() -> None:
    events = phone.Events()
    with phone.phone(phone.auto_answer(events)) as line:
        call = line.call()
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_reinvite(call, pj.CallSetting(custom_call_id="x" * 5000))
        assert pj.call_get_info(call).setting.custom_call_id == ""
