"""Lists of codecs at the objects: what was offered, what was taken, and what changes while a call goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from objects.phones import TIMEOUT, direct_uri, local_account, slots_free, until
from pyjsua import Call, CallFailed, Codec, Endpoint, NoCommonCodec, pjsua as pj


async def test_from_the_offer_to_a_change(make_endpoint: Callable[..., Endpoint]) -> None:
    async with make_endpoint() as endpoint:
        caller = local_account(endpoint, "a", codecs=["PCMA", "G722/8000", "opus"])
        callee = local_account(endpoint, "b", codecs=["opus", "GSM"])
        assert caller.codecs == ("PCMA/8000/1", "G722/16000/1", "opus/48000/2")
        uri = direct_uri(endpoint, "b")
        # Nothing in common with the account: nobody is asked.
        with contextlib.closing(callee.incoming()) as incoming:
            with pytest.raises(CallFailed, match=r"^488"):
                await caller.call(uri, timeout=TIMEOUT, codecs=["PCMA"])
            call = caller.start_call(uri, codecs=["PCMA", "G722", "opus/*"])
            ringing = await anext(incoming)
            ids = [codec.id for codec in ringing.offered_codecs]
            assert ids == ["PCMA/8000/1", "G722/16000/1", "opus/48000/2"]
            assert ringing.offered_codecs[0] == Codec("PCMA", 8000, 1, 8)
            assert "useinbandfec=1" in ringing.offered_codecs[2].fmtp
            assert call.offered_codecs == ()
            assert ringing.codec is None
            with pytest.raises(NoCommonCodec):
                await ringing.answer(codecs=["PCMU"])
            with pytest.raises(ValueError, match=r"^codecs\[1\]: 'PCMX' is no codec of this build"):
                await ringing.answer(codecs=["PCMU", "PCMX"])
            assert not ringing.ended
            await ringing.answer(codecs=["G722", "opus"])
            await call.wait_media(TIMEOUT)
            await ringing.wait_media(TIMEOUT)
            assert call.codec == ringing.codec == Codec("G722", 16000, 1, 9)
            await change(call, ringing)
            await call.hangup()
            assert call.codec is not None
            assert call.codec.name == "opus"
            await slots_free()


async def change(call: Call, other: Call) -> None:
    """A re-INVITE with other codecs; refused, all is as it was."""
    await call.reinvite(codecs=["opus"])
    assert call.codec is not None
    assert call.codec.id == "opus/48000/2"
    assert call.codec.pt >= 96
    assert "useinbandfec=1" in call.codec.fmtp
    with pytest.raises(CallFailed, match=r"^488") as refused:
        await call.reinvite(codecs=["PCMU"])
    assert refused.value.sip_code == 488
    assert call.codec.name == "opus"
    with pytest.raises(ValueError, match=r"^codecs: empty"):
        await call.reinvite(codecs=[])
    # The end of a refused or a challenged one, half a minute later over UDP, is no answer to the next.
    again = asyncio.create_task(call.reinvite(codecs=["opus"], timeout=TIMEOUT))
    await asyncio.sleep(0)
    (not_ended,) = call._finals["INVITE"]._completed
    for status_code in (488, 401):
        call._on_tsx(invite_tsx(call, status_code, not_ended))
    assert await again is call
    before = pj.call_get_codecs(call.id)
    with pytest.raises(TimeoutError):
        await call.reinvite(codecs=["GSM", "PCMU"], timeout=0)
    await until(lambda: pj.call_get_codecs(call.id) == before, "a late refusal puts the codecs back")
    # From the other side, and without a list.
    await other.reinvite()
    assert other.codec is not None
    assert other.codec.name == "opus"


def invite_tsx(call: Call, status_code: int, cseq: int) -> pj.OnCallTsxState:
    return pj.OnCallTsxState(
        seq=0,
        time=0.0,
        call_id=call.id,
        acc_id=call.account.id,
        method="INVITE",
        role=pj.Role.UAC,
        state=pj.TsxState.TERMINATED,
        status_code=status_code,
        cseq=cseq,
        message=None,
    )


async def test_the_endpoint_s_own(make_endpoint: Callable[..., Endpoint]) -> None:
    """Preference, priorities and parameters as values; what is off cannot be listed."""
    async with make_endpoint() as endpoint:
        first = endpoint.codecs
        names = {codec.name for codec in first}
        assert names >= {"PCMU", "PCMA", "G722", "GSM", "speex", "opus", "G729", "L16"}
        priorities = [codec.priority for codec in first]
        assert priorities == sorted(priorities, reverse=True)
        with pytest.raises(ValueError, match=r"^codecs\[1\]: 'H264' is no codec"):
            endpoint.set_codecs(["PCMU", "H264"])
        assert [codec.id for codec in endpoint.codecs] == [codec.id for codec in first]
        endpoint.set_codecs(["L16/8000", "PCMA", "speex/*"])
        on = [codec.id for codec in endpoint.codecs if codec.priority]
        assert on[:2] == ["L16/8000/1", "PCMA/8000/1"]
        assert {codec.name for codec in endpoint.codecs if codec.priority} == {"L16", "PCMA", "speex"}
        with pytest.raises(ValueError, match=r"^codecs\[0\]: 'PCMU' is off"):
            local_account(endpoint, "a", codecs=["PCMU"])
        assert endpoint.accounts == ()
        endpoint.set_codec_priority("PCMU", 1)
        local_account(endpoint, "a", codecs=["PCMU"])
        pcma = next(codec for codec in endpoint.codecs if codec.name == "PCMA")
        pcma.param.setting.frm_per_pkt = 6
        endpoint.set_codec_param("PCMA", pcma.param)
        changed = next(codec for codec in endpoint.codecs if codec.name == "PCMA")
        assert changed.param.setting.frm_per_pkt == 6
