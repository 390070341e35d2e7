"""Something in the conference bridge that can be heard, or can hear."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from . import _core, events
from .aio import LoopWatchers
from .config import ConfConnectParam
from .errors import PjsuaError, StaleError, from_status
from .ids import ConfPortId

__all__ = ["AudioPort"]

bridge = LoopWatchers()
"""Looks again whenever the bridge has carried out an operation."""


def stale(port: AudioPort, what: str) -> PjsuaError:
    """The error of `what` was asked of a port that has gone."""
    status = _core.constant("PYJ_ESTALE")
    return from_status(status, _core.strerror(status), what, "", repr(port))


class AudioPort:
    """Something in the conference bridge that can be heard, or can hear.

    Connections, gains and mutes are kept as wishes: carried out when there is a slot, and anew when a
    call's media comes back after a change. A gain is a factor: 1.0 as it is, 2.0 is 6 dB louder, 0.0
    silent, 128.0 at most. Names are the bridge's: tx is what goes towards a port, rx what comes from it.
    """

    def __init__(self) -> None:
        self._sinks: dict[AudioPort, float] = {}
        self._sources: set[AudioPort] = set()
        self._tx_level = self._rx_level = 1.0
        self._tx_muted = self._rx_muted = False
        self._followers: set[AudioPort] = set()
        self._led_by: set[AudioPort] = set()
        self._on_gone: list[Callable[[], None]] = []
        self._left_by: AudioPort | None = None

    @property
    def slot(self) -> ConfPortId | None:
        """Conference slot, None while there is none."""
        raise NotImplementedError

    @property
    def gone(self) -> bool:
        """Whether it has ended or was closed, and will never have a slot again."""
        return False

    # -- connections

    def connect(self, sink: AudioPort, *, gain: float = 1.0) -> None:
        """Lets `sink` hear this port, with a gain of its own (`pjsua_conf_connect2`).

        Where they are connected already, this changes the gain. Raises `ValueError` for one outside of 0 to
        128, and `StaleError` where one of the two has ended or was closed.
        """
        if not isinstance(sink, AudioPort):
            hint = "; its audio is one" if isinstance(getattr(sink, "audio", None), AudioPort) else ""
            raise TypeError(f"sink: AudioPort expected, not {type(sink).__name__}{hint}")
        check_gain(gain)
        for port in (self, sink):
            if port.gone:
                raise stale(port, "AudioPort.connect")
        self._left_by = None
        known = self._sinks.get(sink)
        self._sinks[sink] = gain
        sink._sources.add(self)
        if known is None:
            self._join(sink)
        elif known != gain:
            self._change_gain(sink)
        for follower in sink._followers - {self}:
            self._follow(follower, sink)

    def disconnect(self, sink: AudioPort) -> None:
        """Undoes `connect`; nothing happens where there was no connection."""
        if self._sinks.pop(sink, None) is None:
            return
        sink._sources.discard(self)
        self._part(sink)
        for follower in sink._followers:
            self.disconnect(follower)

    def gain(self, sink: AudioPort) -> float:
        """Gain of the connection to `sink`; raises `LookupError` where there is none."""
        if sink not in self._sinks:
            raise LookupError(f"{self!r} is not connected to {sink!r}")
        return self._sinks[sink]

    @property
    def sinks(self) -> tuple[AudioPort, ...]:
        """Who hears this port."""
        return tuple(self._sinks)

    @property
    def sources(self) -> tuple[AudioPort, ...]:
        """Whom this port hears."""
        return tuple(self._sources)

    # -- levels

    @property
    def level(self) -> tuple[int, int]:
        """Level of the last frame towards this port and from it, 0 to 255; (0, 0) without a slot."""
        slot = self.slot
        return (0, 0) if slot is None else _core.conf_get_signal_level(slot)

    @property
    def tx_level(self) -> float:
        """Gain of all that goes towards this port (`pjsua_conf_adjust_tx_level`)."""
        return self._tx_level

    @tx_level.setter
    def tx_level(self, gain: float) -> None:
        self._tx_level = check_gain(gain)
        self._set_tx()

    @property
    def rx_level(self) -> float:
        """Gain of what comes from this port, for all who hear it (`pjsua_conf_adjust_rx_level`)."""
        return self._rx_level

    @rx_level.setter
    def rx_level(self, gain: float) -> None:
        self._rx_level = check_gain(gain)
        self._set_rx()

    def mute(self, *, tx: bool = True, rx: bool = False) -> None:
        """Silences what goes towards this port, as the mute button of a phone does; `rx`: what comes from it.

        Silence is sent, so RTP goes on. Levels stay what they are, for `unmute`.
        """
        self._mute(self._tx_muted or tx, self._rx_muted or rx)

    def unmute(self, *, tx: bool = True, rx: bool = True) -> None:
        """Ends `mute`, in both directions unless told otherwise."""
        self._mute(self._tx_muted and not tx, self._rx_muted and not rx)

    @property
    def muted(self) -> bool:
        """Whether what goes towards this port is silenced."""
        return self._tx_muted

    @property
    def rx_muted(self) -> bool:
        """Whether what comes from this port is silenced."""
        return self._rx_muted

    def _mute(self, tx: bool, rx: bool) -> None:
        tx, self._tx_muted = self._tx_muted, tx
        rx, self._rx_muted = self._rx_muted, rx
        if tx != self._tx_muted:
            self._set_tx()
        if rx != self._rx_muted:
            self._set_rx()

    @property
    def _tx_gain(self) -> float:
        return 0.0 if self._tx_muted else self._tx_level

    @property
    def _rx_gain(self) -> float:
        return 0.0 if self._rx_muted else self._rx_level

    def _set_tx(self) -> None:
        slot = self.slot
        if slot is not None:
            with contextlib.suppress(StaleError):
                _core.conf_adjust_tx_level(slot, self._tx_gain)
        for follower in self._followers:
            for source in self._sources - {follower}:
                source._follow(follower, self)

    def _set_rx(self) -> None:
        slot = self.slot
        if slot is not None:
            with contextlib.suppress(StaleError):
                _core.conf_adjust_rx_level(slot, self._rx_gain)

    # -- who hears the same

    def _add_follower(self, follower: AudioPort) -> None:
        """From now on `follower` hears whatever this port hears, as loud as it does."""
        self._followers.add(follower)
        follower._led_by.add(self)
        for source in self._sources - {follower}:
            source._follow(follower, self)

    def _follow(self, follower: AudioPort, led: AudioPort) -> None:
        # Stale: a recording that is full ends in a thread of its own, and is forgotten a little later.
        with contextlib.suppress(StaleError):
            self.connect(follower, gain=min(self._sinks[led] * led._tx_gain, MOST))

    # -- the bridge

    def _join(self, sink: AudioPort) -> None:
        source_slot, sink_slot = self.slot, sink.slot
        if source_slot is None or sink_slot is None or not sink._admits(self):
            return
        # Stale: the media changed since the last event; the next one brings the slot and connects again.
        with contextlib.suppress(StaleError):
            _core.conf_connect2(source_slot, sink_slot, ConfConnectParam(level=self._sinks[sink]))

    def _admits(self, source: AudioPort) -> bool:
        """Whether a connection that is wished for is made now."""
        return True

    def _part(self, sink: AudioPort) -> None:
        source_slot, sink_slot = self.slot, sink.slot
        if source_slot is not None and sink_slot is not None:
            try:
                _core.conf_disconnect(source_slot, sink_slot)
            except PjsuaError as error:
                # A slot that went meanwhile took its connections along, and so does a library that is going.
                if not isinstance(error, StaleError) and error.status != _core.constant("PYJ_ESTATE"):
                    raise

    def _change_gain(self, sink: AudioPort) -> None:
        source_slot, sink_slot = self.slot, sink.slot
        if source_slot is None or sink_slot is None:
            return
        with contextlib.suppress(StaleError):
            _core.conf_adjust_conn_level(source_slot, sink_slot, self._sinks[sink])

    def _reconnect(self) -> None:
        """Carries out every wish: the slot may be a new one."""
        if self._tx_gain != 1.0:
            self._set_tx()
        if self._rx_gain != 1.0:
            self._set_rx()
        for sink in self._sinks:
            self._join(sink)
        for source in self._sources:
            source._join(self)

    def _forget(self) -> None:
        """Drops every connection; the slot is going, and the bridge's side of it with it."""
        for sink in self._sinks:
            sink._sources.discard(self)
        for source in self._sources:
            source._sinks.pop(self, None)
            if not source._sinks:
                source._left(self)
        self._sinks.clear()
        self._sources.clear()
        for follower in self._followers:
            follower._led_by.discard(self)
        for led_by in self._led_by:
            led_by._followers.discard(self)
        self._followers.clear()
        self._led_by.clear()
        gone, self._on_gone = self._on_gone, []
        with contextlib.ExitStack() as rest:
            # One that fails keeps no other from being told.
            for tell in reversed(gone):
                rest.callback(tell)

    def _left(self, sink: AudioPort) -> None:
        """The last who heard this has gone, and what it plays stands still."""
        self._left_by = sink

    def _no_longer(self, tell: Callable[[], None]) -> None:
        """Takes back what was to be called when this goes."""
        if tell in self._on_gone:
            self._on_gone.remove(tell)


MOST = 128.0
"""What the bridge can multiply with."""


def check_gain(gain: float) -> float:
    if isinstance(gain, bool) or not isinstance(gain, int | float):
        raise TypeError(f"gain: float expected, not {type(gain).__name__}")
    if not 0.0 <= gain <= MOST:
        raise ValueError(f"gain: {gain} is not between 0 and {MOST:g}")
    return float(gain)


def on_conf_op_completed(event: events.OnConfOpCompleted) -> None:
    bridge.changed()
