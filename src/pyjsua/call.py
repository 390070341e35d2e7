"""A call, as an object with a life."""

from __future__ import annotations

import contextlib
import os
import time
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, overload

from . import _core, events
from .aio import Watchers
from .call_audio import CallAudio
from .call_dtmf import CallDtmf
from .call_end import CallEnd, EndedHow, Ending
from .call_life import CallLife
from .call_limit import CallLimit
from .call_messages import CallMessages
from .call_redirect import CallRedirect
from .call_times import CallTimes
from .call_transfers import CallTransfers
from .codecs import Codec, in_use, offered
from .config import CallSetting, ToneDesc
from .dtmf import DigitQueue
from .dtmf_sender import DtmfSender
from .enums import CallMediaStatus, InvState, MediaDir, Role
from .errors import CallTimeout, InvalidState, PjsuaError, StaleError, call_error
from .finals import Finals
from .ids import INVALID_ID, AccId, CallId, ConfPortId
from .info import CallInfo, StreamStat
from .message import Message
from .mos import Mos
from .msg_data import message_data
from .reason import Cause, reasons_of
from .recorder import Recorder
from .redaction import redacted
from .ring_back import RingBack
from .sip_messages import SipMessages
from .stat_sum import joined
from .stereo import StereoRecorder
from .struct import Header
from .uri import NameAddr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .account import Account
    from .audio_port import AudioPort

__all__ = ["Call"]

REQUEST_TERMINATED = 487


def unseen_call(
    call_id: CallId, acc_id: AccId, local_uri: str, uri: str, setting: CallSetting | None
) -> CallInfo:
    """What is known of a call before anything was heard of it."""
    return CallInfo(
        id=call_id,
        role=Role.UAC,
        acc_id=acc_id,
        local_info=local_uri,
        local_contact="",
        remote_info=uri,
        remote_contact="",
        call_id="",
        setting=setting or CallSetting(),
        state=InvState.NULL,
        state_text="",
        last_status=0,
        last_status_text="",
        media_status=CallMediaStatus.NONE,
        media_dir=MediaDir.NONE,
        conf_slot=ConfPortId(INVALID_ID),
        media=(),
        prov_media=(),
        connect_duration=0.0,
        total_duration=0.0,
        rem_offerer=False,
        rem_aud_cnt=0,
        rem_vid_cnt=0,
        rem_txt_cnt=0,
    )


class Call(CallLife, CallRedirect, CallMessages, CallDtmf, CallTransfers):
    """A call. Made by `Account.call`, `Account.start_call`, or by whoever calls us.

    Methods belong to the loop of the `Endpoint`. What the call was stays readable after
    it ended. Used as ``async with call:``, it is hung up at the end.
    """

    def __init__(
        self, account: Account, call_id: CallId, info: CallInfo, invite: Message | None = None
    ) -> None:
        super().__init__()
        self.account = account
        self.id = call_id
        self.info = info
        """Last snapshot (`pjsua_call_info`); the final one once the call has ended."""
        self.invite = invite
        """The INVITE, of an incoming call."""
        self.response: Message | None = None
        """What the INVITE of our call was answered with, the latest: 180, 183, 200, 486, ..."""
        self.redirected_to: tuple[str, ...] = ()
        """Where our call was sent by 3xx and tried, in order."""
        self._redirects = 0
        self._not_followed: Message | None = None
        self.ack: Message | None = None
        """The ACK of an incoming call that we answered."""
        self.times = CallTimes()
        self.end: CallEnd | None = None
        self.final_stats: StreamStat | None = None
        """Figures of the audio streams that ended, those before a re-INVITE summed up with those after it."""
        self.bye_status: int | None = None
        """What our BYE was answered with, None until it was."""
        self.audio = CallAudio(self)
        self._codec: Codec | None = None
        self._renegotiation = None
        self._transactions = 0
        self._finals = {"INVITE": Finals(), "UPDATE": Finals()}
        self._held = self._changing_hold = False
        self._watchers = Watchers()
        self._answered = False
        self._accepted = False
        self._hung_up = False
        self._ending = Ending()
        self._limit = CallLimit(self)
        self._offers = 0
        self._taken = False
        self._digits = DigitQueue()
        self._dtmf_sender = DtmfSender(self)
        self._ring_back: RingBack | None = None
        self._init_transfers()

    # -- state

    @property
    def max_duration(self) -> float | None:
        """Seconds after the answer at which it is hung up, None for never; to be set, and changed, at will.

        Raises `ValueError`, `TypeError` for what is no length of time.
        """
        return self._limit.seconds

    @max_duration.setter
    def max_duration(self, seconds: float | None) -> None:
        self._limit.set(seconds)

    @property
    def mos(self) -> Mos | None:
        """How good it has sounded here: an estimate by the E-model. None where no audio was received."""
        stats = self.final_stats
        if not self.ended:
            with contextlib.suppress(LookupError, PjsuaError):
                live = self.audio.stats()
                # The ended streams' own, between two streams.
                stats = live if live is stats else joined(stats, live)
        return None if stats is None else Mos.of(stats)

    def sip_messages(self, *, received: bool = True, sent: bool = False) -> SipMessages:
        """The SIP messages of the call from now on: BYE, CANCEL, ACK, INFO, NOTIFY, every response.

        The INVITE of an incoming call is `invite`.
        """
        return SipMessages(self.account.endpoint, self, received, sent)

    @property
    def remote_uri(self) -> str:
        """The other side's address as in From or To, display name included."""
        return self.info.remote_info

    @property
    def remote_address(self) -> NameAddr | None:
        """The same in its parts; None where it is no SIP or tel URI."""
        try:
            return NameAddr.parse(self.info.remote_info)
        except ValueError:
            return None

    @property
    def sip_call_id(self) -> str:
        """The Call-ID header."""
        return self.info.call_id

    @property
    def codec(self) -> Codec | None:
        """What the first audio line sends, None before there is any; the last one after the call ended."""
        return self._codec

    @property
    def offered_codecs(self) -> tuple[Codec, ...]:
        """What the INVITE of an incoming call offers, in the caller's order.

        Empty where it has no offer, and for a call of ours.
        """
        return offered(self.invite.sdp) if self.invite is not None else ()

    async def wait_answered(self, timeout: float | None = None) -> Self:
        """Waits until the call is answered.

        Raises `CallBusy`, `CallDeclined`, `CallNotFound`, ... when it ends instead, and
        `CallTimeout` after `timeout` seconds; the call itself is left as it is.
        """
        try:
            await self._watchers.wait(lambda: self._answered or self.ended, timeout)
        except TimeoutError:
            raise CallTimeout(f"no answer within {timeout} s", sip_code=408) from None
        if not self._answered:
            assert self.end is not None
            raise call_error(self.end.code, self.end.reason)
        return self

    async def wait_media(self, timeout: float | None = None) -> Self:
        """Waits until audio flows, in early media or after the answer; raises as `wait_answered` does."""
        await self._watchers.wait(lambda: self.ended or (self.audio.active and not self._connecting), timeout)
        if self.end is not None:
            raise call_error(self.end.code, self.end.reason)
        return self

    async def wait_ended(self, timeout: float | None = None) -> CallEnd:
        """Waits until the call is over and says how it ended."""
        await self._watchers.wait(lambda: self.ended, timeout)
        assert self.end is not None
        return self.end

    # -- verbs

    async def ring(
        self, code: int = 180, *, headers: Sequence[Header] = (), codecs: Sequence[str] | None = None
    ) -> None:
        """Answers provisionally: 180, or 183 with media before the answer (`pjsua_call_answer`).

        `codecs` as for `answer`; after 183 it is settled.
        """
        if not 100 < code < 200:
            raise ValueError(f"code: {code} is not provisional (101 to 199)")
        if codecs is not None:
            _core.call_set_codecs(self.id, codecs)
        _core.call_answer(self.id, code, None, message_data(headers))

    async def progress(
        self,
        code: int = 183,
        *,
        ring_back: str | Sequence[ToneDesc] | None = None,
        headers: Sequence[Header] = (),
    ) -> Self:
        """Answers 183 with media, and returns when audio flows both ways before the call is answered.

        `call.audio` then says and hears as in a call that is up. With `ring_back`, a country of `COUNTRIES`
        or tones, the caller hears that until the call is answered or ends. Raises as `wait_media` does.
        """
        ringing = None if ring_back is None else RingBack(self, self.audio, ring_back)
        await self.ring(code, headers=headers)
        await self.wait_media()
        self._take_ring_back(ringing)
        return self

    def ring_back(self, to: AudioPort, tones: str | Sequence[ToneDesc] = "us") -> None:
        """Lets `to`, the sound device for instance, hear ring-back while the other side of our call rings.

        `tones` is a country of `COUNTRIES`, or the tones themselves. It sounds from the 180 on, not while
        the other side sends early media, and ends with the answer or the call. `stop_ring_back` ends it
        before.
        """
        if self.incoming:
            raise ValueError(f"{self!r} is not ours: ring back to its caller with progress(ring_back=...)")
        self._take_ring_back(RingBack(self, to, tones))

    def stop_ring_back(self) -> None:
        """Ends what `ring_back` or `progress` began."""
        self._take_ring_back(None)

    def _take_ring_back(self, ring_back: RingBack | None) -> None:
        if self._ring_back is not None:
            self._ring_back.close()
        self._ring_back = ring_back
        self._update_ring_back()

    def _update_ring_back(self) -> None:
        if self._ring_back is not None:
            self._ring_back.update()

    async def answer(
        self,
        code: int = 200,
        *,
        headers: Sequence[Header] = (),
        setting: CallSetting | None = None,
        codecs: Sequence[str] | None = None,
        max_duration: float | None = None,
    ) -> Self:
        """Answers and waits until the call is up (`pjsua_call_answer2`).

        The answer takes the first of `codecs` that is offered, instead of the account's; they are
        written as for `Account.set_codecs`. Raises `NoCommonCodec` when there is none, and the call goes
        on ringing. Raises `CallCancelled` when the caller gave up before. Cancelled, it leaves no call
        behind. `max_duration` as the property of that name.
        """
        if not 200 <= code < 300:
            raise ValueError(f"code: {code} does not accept a call (200 to 299); see reject()")
        if max_duration is not None:
            self.max_duration = max_duration
        try:
            if codecs is not None:
                _core.call_set_codecs(self.id, codecs)
            _core.call_answer2(self.id, setting, code, None, message_data(headers))
            self._accepted = True
        except StaleError:
            if self._answered or self._hung_up:
                raise
            # The caller gave up, and word of it may still be on its way.
        try:
            return await self.wait_answered()
        except BaseException:
            # What has been said cannot be taken back: the call is hung up.
            self.abandon()
            raise

    async def reject(
        self,
        code: int = 486,
        reason: str | None = None,
        *,
        headers: Sequence[Header] = (),
        cause: Cause | None = None,
    ) -> CallEnd:
        """Refuses an incoming call (`pjsua_call_hangup`). `cause` as for `hangup`.

        Raises `InvalidState` for a call of ours, and for one that was answered; nothing happens to one that
        has ended.
        """
        if not 300 <= code < 700:
            raise ValueError(f"code: {code} does not refuse a call (300 to 699)")
        if not self.ended and (not self.incoming or self._answered or self._accepted):
            raise InvalidState(f"{self!r} is not waiting for an answer of ours; see hangup()")
        return await self._hang_up(code, reason, headers, cause)

    async def hangup(
        self,
        code: int = 0,
        reason: str | None = None,
        *,
        headers: Sequence[Header] = (),
        cause: Cause | None = None,
    ) -> CallEnd:
        """Ends the call: CANCEL, BYE or a rejection, as its state wants (`pjsua_call_hangup`).

        `headers` and `cause` are on whichever it is. `cause` is what its Reason headers say (RFC 3326): a
        number of Q.850, a `Reason`, or several. Any number of times, also after the other side did.
        """
        return await self._hang_up(code, reason, headers, cause)

    async def _hang_up(
        self, code: int, reason: str | None, headers: Sequence[Header], cause: Cause | None
    ) -> CallEnd:
        reasons = reasons_of(cause)
        if not self.ended:
            # Stale is one that the other side has ended, and word of it is on its way.
            with contextlib.suppress(StaleError):
                _core.call_hangup(self.id, code, reason, message_data(headers, reasons))
                if not self._hung_up:
                    self._ending.reasons = reasons
                self._hung_up = True
        return await self.wait_ended()

    def abandon(self, code: int = 0) -> None:
        """Starts hanging up and does not wait; for cleaning up after a cancelled task."""
        if not self.ended:
            with contextlib.suppress(PjsuaError):
                _core.call_hangup(self.id, code)
                self._hung_up = True

    def set_headers(self, which: str, headers: Sequence[Header]) -> None:
        """Headers every message of a kind gets that is sent in this call, from now on.

        For what has no verb, and for every message of its kind: ``"ACK"``, ``"PRACK"``, ``"BYE"``,
        ``"200 BYE"``, ``"2xx *"``, ``"*"``; see `pyjsua.pjsua.call_set_headers`. An empty sequence takes them
        back. Raises `ValueError` for what is no header, `StaleError` once the call has ended: what a BYE or
        its answer is to have is set before.
        """
        self._require_alive("Call.set_headers")
        _core.call_set_headers(self.id, which, headers)

    @overload
    def record(self, path: str | os.PathLike[str], *, stereo: Literal[False] = False) -> Recorder: ...
    @overload
    def record(self, path: str | os.PathLike[str], *, stereo: Literal[True]) -> StereoRecorder: ...
    def record(self, path: str | os.PathLike[str], *, stereo: bool = False) -> Recorder | StereoRecorder:
        """Records both sides, the far end and whatever is said to it, until the call ends or it is closed.

        Mixed, or with `stereo` the far end left and our own side right, aligned to the sample. May be asked
        for before there is media. Raises `OSError`, and `ValueError` once the call has ended.
        """
        if self.ended:
            raise ValueError(f"record: {self!r} has ended")
        if stereo:
            return StereoRecorder(path, self)
        recorder = Recorder(path)
        self.audio.connect(recorder)
        self.audio._add_follower(recorder)
        self.audio._on_gone.append(recorder.close)
        recorder._on_gone.append(lambda: self.audio._no_longer(recorder.close))
        return recorder

    def dump(self) -> str:
        """The call and its media as text for people (`pjsua_call_dump`)."""
        return _core.call_dump(self.id)

    # -- events

    def _on_state(self, event: events.OnCallState) -> None:
        self.info = event.info
        if event.info.state == InvState.CONFIRMED:
            self._answered = True
            self.times._on_answer(event.time)
            self._limit.update()
        self._note_message(event)
        try:
            if event.info.state == InvState.DISCONNECTED and self.end is None:
                code, reason, message = event.info.last_status, event.info.last_status_text, event.message
                # PJSIP's own for whatever 3xx nobody follows.
                if code == REQUEST_TERMINATED and self._not_followed is not None and not self._hung_up:
                    message = self._not_followed
                    code, reason = message.status_code, message.reason
                self._over(code, reason, message, event.time)
            self._update_ring_back()
        finally:
            # Whoever waits is told, whatever became of the audio.
            self._watchers.changed()
            self._look()

    def _note_message(self, event: events.OnCallState) -> None:
        message = event.message
        if message is None or message.sent:
            return
        if not message.is_request and not self.incoming and message.method == "INVITE":
            self.response = message
        elif message.method == "ACK" and self.incoming:
            self.ack = message

    def _over(self, code: int, reason: str, message: Message | None, moment: float) -> None:
        self.end = self._ending.end(self, code, reason, message)
        self.times._on_end(moment)
        self._limit.update()
        # Whoever waits is told, whatever becomes of the audio.
        self._digits.close()
        self._end_messages()
        self._dtmf_sender.call_ended()
        self._end_transfers()
        self._watchers.changed()
        SipMessages._on_call_end(self)
        self._update_ring_back()
        self.audio._end()
        self.audio._forget()

    def _closing(self) -> None:
        """The endpoint is being closed."""
        if not self._hung_up:
            self._ending.because = EndedHow.CLOSED
        self.abandon()

    def _gone(self) -> None:
        """The library has gone, and told nothing of the end."""
        self._over(0, "the endpoint was closed", None, time.monotonic())
        self._look()

    def _on_stream_end(self, event: events.OnStreamDestroyed) -> None:
        self.final_stats = joined(self.final_stats, event.stat)

    def _on_media(self, event: events.OnCallMediaState) -> None:
        if self.ended:
            return
        self.info = event.info
        # Gone already, or a line without media.
        with contextlib.suppress(PjsuaError):
            self._codec = in_use(_core.call_get_stream_info(self.id))
        try:
            self.audio._reconnect()
            self._update_ring_back()
        finally:
            self._watchers.changed()
            self._look()

    def _on_tsx(self, event: events.OnCallTsxState) -> None:
        """Notes what became of what was sent within the call."""
        self._dtmf_sender.on_tsx_state(event)
        self._ending.on_tsx_state(event)
        self._on_request_tsx(event)
        self._on_renegotiation(event)
        self._look()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.ended:
            await self.hangup()

    def __repr__(self) -> str:
        what = f"ended {self.end.code}" if self.end else self.info.state.name.lower()
        return f"<Call {self.id} {'from' if self.incoming else 'to'} {redacted(self.remote_uri)} {what}>"
