"""Something in the conference bridge that can be heard, or can hear."""

from __future__ import annotations

from . import _core
from .errors import StaleError
from .ids import ConfPortId

__all__ = ["AudioPort"]


class AudioPort:
    """Something in the conference bridge that can be heard, or can hear.

    Connections are kept as wishes: made when both sides have a slot, and made anew when
    a call's media comes back after a change.
    """

    def __init__(self) -> None:
        self._sinks: set[AudioPort] = set()
        self._sources: set[AudioPort] = set()

    @property
    def slot(self) -> ConfPortId | None:
        """Conference slot, None while there is none."""
        raise NotImplementedError

    def connect(self, sink: AudioPort) -> None:
        """Lets `sink` hear this port (`pjsua_conf_connect`)."""
        self._sinks.add(sink)
        sink._sources.add(self)
        _connect(self, sink)

    def disconnect(self, sink: AudioPort) -> None:
        """Undoes `connect`; nothing happens where there was no connection."""
        self._sinks.discard(sink)
        sink._sources.discard(self)
        source_slot, sink_slot = self.slot, sink.slot
        if source_slot is not None and sink_slot is not None:
            _core.conf_disconnect(source_slot, sink_slot)

    @property
    def level(self) -> tuple[int, int]:
        """Level of the last frame towards this port and from it, 0 to 255; (0, 0) without a slot."""
        slot = self.slot
        return (0, 0) if slot is None else _core.conf_get_signal_level(slot)

    def _reconnect(self) -> None:
        for sink in self._sinks:
            _connect(self, sink)
        for source in self._sources:
            _connect(source, self)

    def _forget(self) -> None:
        """Drops every connection; the slot is going, and the bridge's side of it with it."""
        for sink in self._sinks:
            sink._sources.discard(self)
        for source in self._sources:
            source._sinks.discard(self)
        self._sinks.clear()
        self._sources.clear()


def _connect(source: AudioPort, sink: AudioPort) -> None:
    source_slot, sink_slot = source.slot, sink.slot
    if source_slot is None or sink_slot is None:
        return
    try:
        _core.conf_connect(source_slot, sink_slot)
    except StaleError:
        # The media changed since the last event: the next one brings the slot and connects again.
        return
