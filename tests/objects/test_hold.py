"""Hold, re-INVITE and UPDATE: what is on the wire, who hears what, and what a refusal leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import numpy as np
import pytest

from objects.phones import TIMEOUT, call_between, called_by_hand, direct_uri, local_account, until
from peers.signals import goertzel, tone
from peers.wire import WireClient, audio_offer
from pyjsua import (
    AudioStream,
    Call,
    CallFailed,
    Endpoint,
    InvalidState,
    MediaDir,
    Message,
    StaleError,
    Unheard,
    call_media,
)
from pyjsua.codecs import offered as offered_codecs
from pyjsua.pjsua import Config, Policy, call_set_codecs

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

RATE = 16000
MUSIC, SPEECH = 500.0, 1300.0


@pytest.fixture
def wire(caplog: pytest.LogCaptureFixture) -> Callable[[], list[Message]]:
    """The messages sent so far."""
    caplog.set_level(logging.DEBUG, "pyjsua.sip")

    def sent() -> list[Message]:
        messages = [vars(one)["sip_message"] for one in caplog.records if one.name == "pyjsua.sip"]
        # A long one is tried by TCP before, and on a busy machine sent again.
        once = {(one.start_line, one.header("From"), one.header("CSeq")): one for one in messages if one.sent}
        return list(once.values())

    return sent


def offers(messages: list[Message], method: str = "INVITE") -> list[str]:
    """What each INVITE says of its direction, ``""`` for sendrecv, ``"none"`` without SDP."""
    out = []
    for message in messages:
        if message.is_request and message.method == method:
            found = [way for way in ("sendonly", "recvonly", "inactive") if f"a={way}" in message.body]
            out.append("none" if not message.body else found[0] if found else "")
    return out


async def hears(ear: AudioStream, wanted: float | None, other: float) -> None:
    """Listens until one frequency is there, or none, and not the other."""
    for _ in range(60):
        heard = np.frombuffer(await ear.read(RATE // 5 * 2, 10), np.int16)
        loud = {what: goertzel(heard, what, RATE) for what in (MUSIC, SPEECH)}
        if loud[other] < -50 and (loud[MUSIC + SPEECH - other] > -35) == (wanted is not None):
            return
    raise AssertionError(f"{loud}, wanted {wanted}")


@pytest.mark.hears
async def test_music_on_hold(make_endpoint: MakeEndpoint, wire: Callable[[], list[Message]]) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            mouth = out.audio.open(RATE, write_ahead=30)
            ear = into.audio.open(RATE)
            music = AudioStream(RATE, write_ahead=30)
            await mouth.write(tone(SPEECH, 25, RATE, amplitude=0.3))
            await music.write(tone(MUSIC, 25, RATE, amplitude=0.3))
            await hears(ear, SPEECH, MUSIC)
            with music:
                assert await out.hold(music=music) is out
                assert (out.held_by_us, out.held_by_them) == (True, False)
                await until(lambda: into.held_by_them, "the other side knows")
                assert not into.held_by_us
                await hears(ear, MUSIC, SPEECH)
                # Again it only changes the music, here to none.
                await out.hold()
                await hears(ear, None, MUSIC)
                # Who connects meanwhile is heard once it is over.
                with AudioStream(RATE) as late:
                    late.connect(out.audio)
                await out.unhold()
                assert not out.held_by_us
                await until(lambda: not into.held_by_them, "the other side knows")
                await hears(ear, SPEECH, MUSIC)
                assert music not in out.audio.sources
            await out.unhold()
        assert offers(wire()) == ["", "sendonly", ""]
        with pytest.raises(StaleError):
            await out.hold()
        assert not out.held_by_us or out.ended


async def test_nothing_is_offered_after_our_bye(
    make_endpoint: MakeEndpoint, wire: Callable[[], list[Message]]
) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            out.abandon()
            # The loop has not heard of the end.
            assert not out.ended
            for offering in (out.hold(), out.reinvite(), out.update()):
                with pytest.raises(StaleError):
                    await offering
            await into.wait_ended(10)
    methods = [message.method for message in wire() if message.is_request and message.method != "ACK"]
    assert methods == ["INVITE", "BYE"]


async def test_both_hold_at_once(make_endpoint: MakeEndpoint) -> None:
    """Their requests cross, and one is refused with 491; or one comes while the other is answered."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            await asyncio.gather(out.hold(), into.hold())
            assert out.held_by_us
            assert into.held_by_us
            await until(lambda: out.held_by_them and into.held_by_them, "each knows of the other")
            await out.unhold()
            assert not out.held_by_us
            await until(lambda: not into.held_by_them, "the other side knows")
            assert into.held_by_us
            await until(lambda: out.held_by_them, "he is still held")


@pytest.mark.hears
async def test_a_refused_hold_changes_nothing(make_endpoint: MakeEndpoint) -> None:
    refusing = Config(policy=Policy(call_rx_offer=488))
    async with make_endpoint(ua_config=refusing) as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            mouth, ear = out.audio.open(RATE, write_ahead=20), into.audio.open(RATE)
            await mouth.write(tone(SPEECH, 15, RATE, amplitude=0.3))
            with pytest.raises(CallFailed) as refused:
                await out.hold()
            assert refused.value.sip_code == 488
            assert not out.held_by_us
            await hears(ear, SPEECH, MUSIC)
            with pytest.raises(TypeError, match="music"):
                await out.hold(music=out)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="music"):
                await out.hold(music=out.audio)


async def test_directions_and_offers(make_endpoint: MakeEndpoint, wire: Callable[[], list[Message]]) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            await out.reinvite(direction=MediaDir.ENCODING)
            assert out.info.media_dir is MediaDir.ENCODING
            assert not out.held_by_us, "an announcement is no hold"
            await out.reinvite(direction=MediaDir.ENCODING_DECODING)
            await out.reinvite(offer=False)
            await into.reinvite()
            await out.update()
            await out.update(offer=False)
            assert offers(wire()) == ["", "sendonly", "", "none", ""]
            assert offers(wire(), "UPDATE") == ["", "none"]
            with pytest.raises(ValueError, match="setting"):
                await out.reinvite(setting=out.info.setting, offer=False)


@pytest.mark.parametrize("codec", ["PCMA/8000", "G722/16000", "opus/48000/2"])
async def test_a_hold_offers_the_codec_in_use(
    make_endpoint: MakeEndpoint, wire: Callable[[], list[Message]], codec: str
) -> None:
    """PJSIP settles on one of several by another request, which Asterisk takes ill of a call on hold."""

    def offered() -> list[list[str]]:
        invites = [one for one in wire() if one.is_request and one.method == "INVITE"]
        return [[each.name for each in offered_codecs(one.sdp)] for one in invites]

    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        bob.set_codecs([codec, "GSM/8000"])
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            assert out.codec is not None
            await out.hold()
            await out.unhold()
            assert out.codec.name == codec.partition("/")[0]
            first, hold, unhold = offered()
            assert len(first) > 3
            assert hold == unhold == [out.codec.name]
            await out.reinvite()
            assert len(offered()[-1]) > 3
            # The call's own list comes before it.
            call_set_codecs(out.id, ["GSM/8000"])
            await out.hold()
            assert offered()[-1] == ["GSM"]


async def test_before_the_answer_and_after_the_end(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        incoming = bob.incoming()
        out = alice.start_call(direct_uri(endpoint, "bob"))
        into = await anext(incoming)
        await into.ring()
        calls: list[Call] = [out, into]
        for call in calls:
            for verb in (call.hold, call.unhold, call.reinvite):
                with pytest.raises(InvalidState):
                    await verb()
            assert (call.held_by_us, call.held_by_them) == (False, False)
        await out.hangup()
        await into.wait_ended(10)
        for call in calls:
            for verb in (call.hold, call.unhold, call.reinvite, call.update):
                with pytest.raises(StaleError):
                    await verb()


async def test_a_hold_nobody_waits_for(make_endpoint: MakeEndpoint) -> None:
    """Cancelled after the request has left, it comes into force, and can be ended."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            holding = asyncio.create_task(out.hold())
            await asyncio.sleep(0)
            holding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await holding
            await until(lambda: out.held_by_us and into.held_by_them, "it is held")
            await out.unhold()
            assert not out.held_by_us


@pytest.mark.hears
async def test_two_who_hold_at_once(make_endpoint: MakeEndpoint, wire: Callable[[], list[Message]]) -> None:
    """Whoever comes second is told, and does not undo what the first did; nor does who ends it too soon."""
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            mouth, ear = out.audio.open(RATE, write_ahead=30), into.audio.open(RATE)
            await mouth.write(tone(SPEECH, 25, RATE, amplitude=0.3))
            await hears(ear, SPEECH, MUSIC)
            first, *others = await asyncio.gather(
                out.hold(), out.hold(), out.unhold(), return_exceptions=True
            )
            assert first is out
            assert [type(error) for error in others] == [InvalidState, InvalidState]
            assert out.held_by_us
            await hears(ear, None, SPEECH)
            first, second = await asyncio.gather(out.unhold(), out.hold(), return_exceptions=True)
            assert first is out
            assert isinstance(second, InvalidState)
            assert not out.held_by_us
            await hears(ear, SPEECH, MUSIC)
        assert offers(wire()) == ["", "sendonly", ""]


@pytest.mark.hears
async def test_a_hold_that_is_agreed_to_late(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """Who waited has given up; it is one all the same, and what we say is not sent."""
    async with make_endpoint() as endpoint:
        call, far = await called_by_hand(local_account(endpoint, "alice"), wire_client())
        await call.wait_media(TIMEOUT)
        mouth = call.audio.open(RATE)
        with pytest.raises(TimeoutError):
            await call.hold(timeout=0.2)
        assert not call.held_by_us
        assert mouth in call.audio.sources
        with pytest.raises(InvalidState):
            await call.hold()
        again = await asyncio.to_thread(far.received, "INVITE", 2)
        far.respond(again, 200, "OK", body=audio_offer("127.0.0.1", 40000, "recvonly"))
        await until(lambda: call.held_by_us, "it is held")
        await mouth.write(bytes(RATE // 5))
        with pytest.raises(Unheard):
            await mouth.drain(TIMEOUT)
        # It is heard again once somebody ends that.
        assert mouth in call.audio.sources
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


async def test_a_hold_that_crossed_theirs_is_sent_again(
    make_endpoint: MakeEndpoint, wire_client: Wires
) -> None:
    """491, RFC 3261 14.1: whoever asked has no word of it."""
    async with make_endpoint() as endpoint:
        call, far = await called_by_hand(local_account(endpoint, "alice"), wire_client())
        await call.wait_media(TIMEOUT)
        holding = asyncio.create_task(call.hold())
        far.respond(await asyncio.to_thread(far.received, "INVITE", 2), 491, "Request Pending")
        ours = await asyncio.to_thread(far.received, "INVITE", 3)
        assert "a=sendonly" in ours.body
        far.respond(ours, 200, "OK", body=audio_offer("127.0.0.1", 40000, "recvonly"))
        await holding
        assert call.held_by_us
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


async def test_a_hold_waits_for_the_ack_of_their_request(
    make_endpoint: MakeEndpoint, wire_client: Wires
) -> None:
    """Until then theirs is under way, and PJSIP would have none of ours."""
    async with make_endpoint() as endpoint:
        call, far = await called_by_hand(local_account(endpoint, "alice"), wire_client())
        await call.wait_media(TIMEOUT)
        theirs = await asyncio.to_thread(far.request, "INVITE", None, audio_offer("127.0.0.1", 40000))
        assert theirs.status == 200
        holding = asyncio.create_task(call.hold())
        for _ in range(3):
            await asyncio.sleep(0)
        assert not holding.done()
        far.ack(theirs)
        ours = await asyncio.to_thread(far.received, "INVITE", 2)
        assert "a=sendonly" in ours.body
        far.respond(ours, 200, "OK", body=audio_offer("127.0.0.1", 40000, "recvonly"))
        await holding
        assert call.held_by_us
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


async def test_a_hold_while_pjsip_settles_on_one_codec(
    make_endpoint: MakeEndpoint, wire_client: Wires, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing crossed on the wire: it goes as soon as PJSIP has its answer, without the pause after a 491."""
    monkeypatch.setattr(call_media, "glare_pause", lambda owner: 10 * TIMEOUT)
    async with make_endpoint() as endpoint:
        alice = endpoint.add_account(direct_uri(endpoint, "alice"))
        call, far = await called_by_hand(alice, wire_client())
        settling = await asyncio.to_thread(far.received, "INVITE", 2)
        holding = asyncio.create_task(call.hold(timeout=TIMEOUT))
        await asyncio.sleep(0)
        settled = audio_offer("127.0.0.1", 40000).replace(" 0 8 101", " 0 101")
        far.respond(settling, 200, "OK", body=settled)
        ours = await asyncio.to_thread(far.received, "INVITE", 3)
        assert "a=sendonly" in ours.body
        far.respond(ours, 200, "OK", body=settled.replace("sendrecv", "recvonly"))
        await holding
        assert call.held_by_us
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)


async def test_music_that_was_closed(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, _):
            mouth, music = out.audio.open(RATE), AudioStream(RATE)
            music.close()
            with pytest.raises(StaleError, match="AudioStream"):
                await out.hold(music=music)
            await mouth.write(bytes(RATE // 5))
            await mouth.drain(TIMEOUT)


async def test_word_of_pjsip_s_own_re_invite_is_no_answer_to_a_hold(
    make_endpoint: MakeEndpoint, wire_client: Wires
) -> None:
    """It settles on one codec by itself; the loop hears of that after it has asked for something else."""
    async with make_endpoint() as endpoint:
        alice = endpoint.add_account(direct_uri(endpoint, "alice"))
        call, far = await called_by_hand(alice, wire_client())
        # The loop stands still meanwhile.
        settled = audio_offer("127.0.0.1", 40000).replace(" 0 8 101", " 0 101")
        far.respond(far.received("INVITE", 2), 200, "OK", body=settled)
        far.received("ACK", 2)
        holding = asyncio.create_task(call.hold(timeout=TIMEOUT))
        asked = await asyncio.to_thread(far.received, "INVITE", 3)
        assert not holding.done()
        assert not call.held_by_us
        far.respond(asked, 488, "No")
        with pytest.raises(CallFailed, match="488"):
            await holding
        assert not call.held_by_us
        call.abandon()
        far.respond(await asyncio.to_thread(far.received, "BYE"), 200)
