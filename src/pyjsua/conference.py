"""A conference: everybody hears everybody but himself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import _core
from .audio_port import AudioPort, bridge, check_gain
from .errors import PjsuaError
from .recorder import Recorder

if TYPE_CHECKING:
    from .call import Call

__all__ = ["Conference", "ConferenceChange", "Participant"]


class Participant:
    """Somebody in a `Conference`: his port, and how the others hear him."""

    def __init__(
        self, conference: Conference, port: AudioPort, gain: float, speaks: bool, hears: bool
    ) -> None:
        self.conference = conference
        self.port = port
        self.speaks = speaks
        """Whether the others are to hear him."""
        self.hears = hears
        """Whether he is to hear the others."""
        self._gain = gain
        self._muted = False

    @property
    def gain(self) -> float:
        """How loud the others hear him: 1.0 as he is. Nobody outside of the conference notices."""
        return self._gain

    @gain.setter
    def gain(self, gain: float) -> None:
        self._gain = check_gain(gain)
        self.conference._speak(self)

    @property
    def muted(self) -> bool:
        """Whether the others do not hear him, though he speaks."""
        return self._muted

    def mute(self) -> None:
        """The others hear him no more; he still hears them."""
        self._muted = True
        self.conference._speak(self)

    def unmute(self) -> None:
        """Ends `mute`."""
        self._muted = False
        self.conference._speak(self)

    def leave(self) -> None:
        """Leaves the conference; any number of times."""
        self.conference._leave(self)

    @property
    def present(self) -> bool:
        return self.conference._participants.get(self.port) is self

    def __repr__(self) -> str:
        return f"<Participant {self.port!r}{' muted' if self._muted else ''}>"


@dataclass(frozen=True, slots=True)
class ConferenceChange:
    """Somebody joined a conference, or left it."""

    participant: Participant
    joined: bool
    """False: he left, by himself or because his call, file or stream ended."""


class Conference:
    """Calls, streams, players and recorders that all hear each other, and nobody himself.

    They join and leave at any time; one whose call ends, or who is closed, leaves by himself. A call on
    hold stays, and is heard again when its media is back. Mixing is the bridge's, in C: each pair of
    participants is two connections, which leaving undoes. Use it in the loop of the `Endpoint`;
    ``async with`` closes it at the end. A conference that was closed may be joined anew.
    """

    def __init__(self) -> None:
        self._participants: dict[AudioPort, Participant] = {}
        self._listeners: set[asyncio.Queue[ConferenceChange | None]] = set()
        self._recorders: list[Recorder] = []

    # -- joining and leaving

    def join(
        self, who: AudioPort | Call, *, gain: float = 1.0, speaks: bool = True, hears: bool = True
    ) -> Participant:
        """Lets a call or another port take part; who is in already stays as he is.

        `gain` is how loud the others hear him. One who does not speak only listens, one who does not hear
        only speaks. A call may join before its media is there. Raises `ValueError` for a call that has
        ended or a port that was closed.
        """
        port = who if isinstance(who, AudioPort) else getattr(who, "audio", None)
        if not isinstance(port, AudioPort):
            raise TypeError(f"who: Call or AudioPort expected, not {type(who).__name__}")
        if (known := self._participants.get(port)) is not None:
            return known
        if port.gone:
            raise ValueError(f"who: {port!r} has ended")
        participant = Participant(self, port, check_gain(gain), speaks, hears)
        others = list(self._participants.values())
        self._participants[port] = participant
        port._on_gone.append(participant.leave)
        for other in others:
            self._let_hear(participant, other)
            self._let_hear(other, participant)
        self._tell(participant, True)
        return participant

    def leave(self, who: AudioPort | Call) -> None:
        """Takes somebody out, who goes on elsewhere; nothing happens if he is not in."""
        port = who if isinstance(who, AudioPort) else who.audio
        if (participant := self._participants.get(port)) is not None:
            self._leave(participant)

    def _leave(self, participant: Participant) -> None:
        if self._participants.get(participant.port) is not participant:
            return
        port = participant.port
        del self._participants[port]
        port._no_longer(participant.leave)
        for other in self._participants.values():
            port.disconnect(other.port)
            other.port.disconnect(port)
        self._tell(participant, False)

    def _let_hear(self, speaker: Participant, listener: Participant) -> None:
        if speaker.speaks and listener.hears:
            speaker.port.connect(listener.port, gain=0.0 if speaker.muted else speaker.gain)

    def _speak(self, participant: Participant) -> None:
        if participant.present:
            for other in self._participants.values():
                if other is not participant:
                    self._let_hear(participant, other)

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Who takes part, in the order of joining; recorders too."""
        return tuple(self._participants.values())

    def __len__(self) -> int:
        return len(self._participants)

    def __iter__(self) -> Iterator[Participant]:
        return iter(self.participants)

    def __contains__(self, who: object) -> bool:
        return (who if isinstance(who, AudioPort) else getattr(who, "audio", None)) in self._participants

    # -- what happens

    async def changes(self) -> AsyncIterator[ConferenceChange]:
        """Who joins and who leaves, from the first `anext` on, until the conference is closed."""
        queue: asyncio.Queue[ConferenceChange | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._listeners.discard(queue)

    def _tell(self, participant: Participant, joined: bool) -> None:
        for queue in self._listeners:
            queue.put_nowait(ConferenceChange(participant, joined))

    # -- recording

    def record(self, path: str | os.PathLike[str]) -> Recorder:
        """Records everybody, until the recorder or the conference is closed. Raises as `Recorder`."""
        recorder = Recorder(path)
        self._recorders.append(recorder)
        self.join(recorder, speaks=False)
        return recorder

    # -- life

    async def close(self, timeout: float = 2.0) -> None:
        """Everybody leaves; returns when the bridge has carried it out, and what `record` records is whole.

        Any number of times. Calls and ports that took part go on. Raises `TimeoutError` if the bridge does
        not get to it, as where its clock stands.
        """
        ports = [participant.port for participant in self._participants.values()]
        for participant in self.participants:
            self._leave(participant)
        recorders, self._recorders = self._recorders, []
        # Before anything is waited for, which may fail.
        for recorder in recorders:
            recorder.close()
        for queue in self._listeners:
            queue.put_nowait(None)
        if _core.get_state() == 0:
            return
        async with asyncio.timeout(timeout):
            await bridge.wait(lambda: not _connected(ports))
            for recorder in recorders:
                await recorder.finish(timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<Conference of {len(self._participants)}>"


def _connected(ports: list[AudioPort]) -> bool:
    """Whether the bridge still lets one of them hear another that is not wanted to."""
    slots = {int(port.slot): port for port in ports if port.slot is not None}
    for slot, port in slots.items():
        wanted = {int(sink.slot) for sink in port.sinks if sink.slot is not None}
        try:
            listeners = _core.conf_get_port_info(slot).listeners
        except PjsuaError:
            continue
        if any(int(listener) in slots and int(listener) not in wanted for listener in listeners):
            return True
    return False
