"""Offers of the other side while a call is up, as decisions with a deadline, and as nobody's."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.message import Message
from peers.wire import WireClient, audio_offer
from pjsua.hand import HandCall
from pyjsua import Call, CallFailed, Endpoint, InvalidState, MediaDir, Offer, StaleError
from pyjsua.pjsua import Config, Policy

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]


class Far(HandCall):
    """The other side, whose ACKs are those of an INVITE sent before others."""

    async def ask(
        self, method: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        return await asyncio.to_thread(self.send, method, headers, body)

    async def answer(self, asked: tuple[int, str]) -> Message:
        answer = await asyncio.to_thread(self.response, asked)
        if asked[1] == "INVITE":
            latest, self.cseq = self.cseq, asked[0]
            if answer.status == 200:
                self.send("ACK")
            else:
                self.wire.send(self.within(asked, "ACK"), self.to)
            self.cseq = latest
        return answer

    def within(self, asked: tuple[int, str], method: str) -> str:
        """A request of the transaction of one that was sent: its ACK or CANCEL."""
        sent = self.wire.wait_for(lambda m: m.direction == "sent" and m.is_request and m.cseq == asked)
        head = sent.raw.decode().partition("\r\n\r\n")[0].replace("INVITE", method)
        lines = [line for line in head.split("\r\n") if not line.startswith("Content-")]
        return "\r\n".join([*lines, "Content-Length: 0", "", ""])

    def offer(self, port: int = 40004, direction: str = "sendrecv") -> str:
        return audio_offer(self.wire.host, port, direction)

    def answers(self, asked: tuple[int, str]) -> list[int | None]:
        return [
            m.status for m in self.wire.messages
            if m.direction == "received" and m.status is not None and m.cseq == asked
        ]  # fmt: skip


@asynccontextmanager
async def up(
    make_endpoint: MakeEndpoint, wire_client: Wires, **policy: int
) -> AsyncIterator[tuple[Endpoint, Call, Far]]:
    """A call of ours to somebody on the wire."""
    wire = wire_client()
    config = Config(policy=Policy(**policy)) if policy else None  # type: ignore[arg-type]
    async with make_endpoint(ua_config=config) as endpoint:
        alice = local_account(endpoint, "alice")
        far = Far(wire)
        calling = asyncio.create_task(alice.call(f"sip:w@{wire.host}:{wire.port}", timeout=TIMEOUT))
        far.accept(await asyncio.to_thread(far.wait_invite))
        yield endpoint, await calling, far


async def next_offer(offers: AsyncIterator[Offer]) -> Offer:
    return await asyncio.wait_for(anext(offers), TIMEOUT)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_an_offer_is_accepted(method: str, make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        asked = await far.ask(method, far.offer(40004), {"X-Why": "music"})
        offer = await next_offer(offers)
        assert offer.call is call
        assert offer.method == method
        assert offer.sdp.media[0].port == 40004
        assert offer.direction == MediaDir.ENCODING_DECODING
        assert [codec.name for codec in offer.codecs] == ["PCMU", "PCMA"]
        assert offer.message is not None
        assert offer.message.header("X-Why") == "music"
        assert 0 < offer.deadline - time.monotonic() <= 20
        assert offer.waiting
        assert set(far.answers(asked)) <= {100}
        await offer.accept(direction=MediaDir.DECODING, headers=[("X-Yes", "well")])
        assert offer.decision == 200
        answer = await far.answer(asked)
        assert (answer.status, answer.header("X-Yes")) == (200, "well")
        assert "a=recvonly" in answer.body
        await until(lambda: call.info.media_dir == MediaDir.DECODING, "we only listen")
        with pytest.raises(StaleError):
            await offer.accept()
        with pytest.raises(StaleError):
            await offer.reject()
        # The headers were for that answer; the direction stays.
        offers.close()
        answer = await far.answer(await far.ask(method, far.offer(40006)))
        assert (answer.status, answer.header("X-Yes")) == (200, None)
        assert "a=recvonly" in answer.body
        assert len(await drained(offers)) == 0


async def decided(offer: Offer) -> None:
    await until(lambda: not offer.waiting, "word of it")


async def drained(offers: AsyncIterator[Offer]) -> list[Offer]:
    return [offer async for offer in offers]


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_an_offer_is_refused(method: str, make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        before = call.info.media_dir
        offers = call.offers()
        asked = await far.ask(method, far.offer(40004, "sendonly"))
        offer = await next_offer(offers)
        with pytest.raises(ValueError, match=r"^code: 200 does not refuse"):
            await offer.reject(200)
        with pytest.raises(ValueError, match="header"):
            await offer.reject(headers=[("Via", "x")])
        assert offer.direction == MediaDir.DECODING
        assert offer.waiting
        await offer.reject(488, "Not that", headers=[("Warning", '399 us "no"')])
        answer = await far.answer(asked)
        assert (answer.status, answer.start_line[12:], answer.header("Warning")) == (
            488,
            "Not that",
            '399 us "no"',
        )
        assert offer.decision == 488
        assert call.info.media_dir == before
        # The call goes on, and so does the listening.
        asked = await far.ask(method, far.offer(40008))
        await (await next_offer(offers)).accept()
        assert (await far.answer(asked)).status == 200


async def test_nobody_listening_answers_at_once(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """However busy the loop is: nobody is asked."""
    async with up(make_endpoint, wire_client) as (_, call, far):
        call.offers().close()
        for method in ("INVITE", "UPDATE"):
            asked = far.send(method, None, far.offer())
            # In the loop's own thread, which does nothing else meanwhile.
            assert far.response(asked).status == 200
            far.send("ACK") if method == "INVITE" else None


async def test_after_the_deadline_it_is_accepted(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client, later_ms=300) as (_, call, far):
        offers = call.offers()
        for method in ("INVITE", "UPDATE"):
            asked = await far.ask(method, far.offer())
            offer = await next_offer(offers)
            assert (await far.answer(asked)).status == 200
            await decided(offer)
            assert offer.decision == 0
            with pytest.raises(StaleError):
                await offer.accept(direction=MediaDir.NONE)


@pytest.mark.parametrize("how", ["closed", "garbage", "cancelled"])
async def test_a_feed_that_ends_lets_them_in(
    how: str, make_endpoint: MakeEndpoint, wire_client: Wires
) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        seen: list[Offer] = []

        async def look() -> None:
            async for offer in call.offers():
                seen.append(offer)
                await asyncio.Event().wait()

        looking = asyncio.create_task(look())
        offers = call.offers()
        await asyncio.sleep(0)
        asked = await far.ask("INVITE", far.offer())
        await until(lambda: seen, "it is told")
        assert seen[0].waiting
        # Taken by one, who decides until the deadline; what nobody has taken is let in.
        if how == "cancelled":
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            offer = await next_offer(offers)
            assert offer is seen[0]
            await offer.accept()
            assert (await far.answer(asked)).status == 200
            offers.close()
        else:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await seen[0].accept()
            assert (await far.answer(asked)).status == 200
            asked = await far.ask("INVITE", far.offer(40010))
            await until(lambda: far.answers(asked) == [100], "it waits")
            if how == "closed":
                offers.close()
            else:
                del offers
                gc.collect()
            assert (await far.answer(asked)).status == 200
        # With no feed left none waits.
        asked = far.send("UPDATE", None, far.offer())
        assert (await far.answer(asked)).status == 200


async def test_two_feeds_have_the_same_offer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        one, other = call.offers(), call.offers()
        asked = await far.ask("UPDATE", far.offer())
        offer = await next_offer(one)
        await offer.reject(606)
        assert (await far.answer(asked)).status == 606
        # The other one is not told of what was decided.
        asked = await far.ask("UPDATE", far.offer(40012))
        second = await next_offer(other)
        assert second.sdp.media[0].port == 40012
        one.close()
        assert second.waiting
        await second.accept()
        assert (await far.answer(asked)).status == 200


@pytest.mark.parametrize("who", ["they", "we", "account", "endpoint"])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_a_call_that_ends(
    who: str, method: str, make_endpoint: MakeEndpoint, wire_client: Wires
) -> None:
    async with up(make_endpoint, wire_client) as (endpoint, call, far):
        offers = call.offers()
        asked = await far.ask(method, far.offer())
        offer = await next_offer(offers)
        if who == "they":
            bye = await far.ask("BYE")
            assert (await far.answer(bye)).status == 200
        else:
            ways = {"we": call.hangup(), "account": call.account.close(), "endpoint": endpoint.close()}
            task = asyncio.ensure_future(ways.pop(who))
            for way in ways.values():
                way.close()
            far.respond(await asyncio.to_thread(far.received, "BYE"), 200)
            await asyncio.wait_for(task, TIMEOUT)
        await asyncio.wait_for(call.wait_ended(), TIMEOUT)
        gone = 487 if method == "INVITE" else 481
        # PJSIP may be gone before its timer came to it.
        assert (await far.answer(asked)).status in ({gone, 503} if who == "endpoint" else {gone})
        assert offer.decision == gone
        assert await drained(offers) == []
        with pytest.raises((StaleError, InvalidState)):
            await offer.accept()
        assert offers.closed
        assert call.offers().closed


async def test_a_cancelled_one(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        asked = await far.ask("INVITE", far.offer())
        offer = await next_offer(offers)
        far.wire.send(far.within(asked, "CANCEL"), far.to)
        assert (await far.answer(asked)).status == 487
        await decided(offer)
        assert offer.decision == 487
        with pytest.raises(StaleError):
            await offer.accept()
        # Nothing is left that would be in the way of the next.
        asked = await far.ask("INVITE", far.offer())
        await (await next_offer(offers)).accept()
        assert (await far.answer(asked)).status == 200


async def test_one_offer_at_a_time(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    """RFC 3261, 14: neither another of theirs nor one of ours; what makes no offer may come."""
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        asked = await far.ask("INVITE", far.offer())
        offer = await next_offer(offers)
        for method, body in (("INVITE", far.offer(40020)), ("UPDATE", far.offer(40020)), ("INVITE", "")):
            answer = await far.answer(await far.ask(method, body))
            assert answer.status == 500
            assert 0 <= int(answer.header("Retry-After") or -1) <= 10
        for offering in (call.reinvite(), call.hold(), call.update()):
            with pytest.raises(InvalidState):
                await offering
        assert not call.held_by_us
        assert (await far.answer(await far.ask("UPDATE"))).status == 200
        assert (await far.answer(await far.ask("INFO"))).status in range(200, 600)
        # Those came with higher numbers, and it is in time all the same.
        await offer.accept()
        assert (await far.answer(asked)).status == 200
        assert (await far.answer(await far.ask("INFO"))).status in range(200, 600)
        far.wire.wait_for(
            lambda m: m.direction == "sent" and m.method == "ACK" and m.cseq == (asked[0], "ACK")
        )
        holding = asyncio.create_task(call.hold())
        far.respond(
            await asyncio.to_thread(far.received, "INVITE", 2), 200, "OK", body=far.offer(40000, "recvonly")
        )
        await asyncio.wait_for(holding, TIMEOUT)
        assert call.held_by_us


async def test_one_of_ours_is_under_way(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        ours = asyncio.create_task(call.reinvite())
        invite = await asyncio.to_thread(far.received, "INVITE", 2)
        assert (await far.answer(await far.ask("INVITE", far.offer()))).status == 491
        assert (await far.answer(await far.ask("UPDATE", far.offer()))).status == 491
        far.respond(invite, 200, "OK", body=far.offer(40000))
        await asyncio.wait_for(ours, TIMEOUT)
        offers.close()
        assert await drained(offers) == []


async def test_both_hold_at_once_and_both_decide(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):

            async def agree(call: Call) -> None:
                async for offer in call.offers():
                    await offer.accept()

            async def hold(call: Call) -> None:
                # Theirs may be here before ours leaves, and waits.
                while not call.held_by_us:
                    with contextlib.suppress(InvalidState):
                        await call.hold()
                    await asyncio.sleep(0)

            agreeing = [asyncio.create_task(agree(call)) for call in (out, into)]
            await asyncio.sleep(0)
            await asyncio.gather(hold(out), hold(into))
            assert out.held_by_us
            assert into.held_by_us
            await until(lambda: out.held_by_them and into.held_by_them, "each knows of the other")
            await out.unhold()
            await into.unhold()
            await until(lambda: not out.held_by_them and not into.held_by_them, "each knows of the other")
        await asyncio.wait_for(asyncio.gather(*agreeing), TIMEOUT)


async def test_video_is_refused_within_the_answer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        video = "m=video 40030 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        asked = await far.ask("INVITE", far.offer() + video)
        offer = await next_offer(offers)
        assert [media.type for media in offer.sdp.media] == ["audio", "video"]
        await offer.accept()
        answer = await far.answer(asked)
        assert answer.status == 200
        assert "m=video 0 " in answer.body
        assert "m=audio 0 " not in answer.body
        assert not call.ended


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_what_cannot_be_accepted(method: str, make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        alien = (
            far.offer().replace("RTP/AVP 0 8 101", "RTP/AVP 98").replace("rtpmap:0 PCMU", "rtpmap:98 ALIEN")
        )
        asked = await far.ask(method, alien)
        offer = await next_offer(offers)
        with pytest.raises(CallFailed) as caught:
            await offer.accept(headers=[("X-Yes", "well")])
        assert caught.value.sip_code == 488
        assert offer.decision == 488
        answer = await far.answer(asked)
        assert (answer.status, answer.header("X-Yes")) == (488, None)
        # Nor are they on the next.
        asked = await far.ask(method, far.offer())
        await (await next_offer(offers)).accept()
        answer = await far.answer(asked)
        assert (answer.status, answer.header("X-Yes")) == (200, None)


async def test_without_an_offer_ours_is_the_answer(make_endpoint: MakeEndpoint, wire_client: Wires) -> None:
    async with up(make_endpoint, wire_client) as (_, call, far):
        offers = call.offers()
        asked = await far.ask("INVITE")
        answer = await asyncio.to_thread(far.response, asked)
        assert answer.status == 200
        assert "m=audio" in answer.body
        far.send("ACK", None, far.offer())
        offers.close()
        assert await drained(offers) == []
