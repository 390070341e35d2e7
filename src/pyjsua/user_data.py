"""What a program attached to pjsua's objects. C's own `user_data` holds our serials."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["UserData"]


class UserData:
    """Objects by slot, each kept for the incarnation (`serial`) it was given to.

    A slot holds one at most, so what nobody took back goes with the next in its slot, and
    all of it with the library (`clear_all`).
    """

    _all: ClassVar[list[UserData]] = []

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, object]] = {}
        self._all.append(self)

    def set(self, slot: int, serial: int, value: object) -> None:
        """Keeps `value`; None takes back what was kept."""
        if value is None:
            self._kept.pop(int(slot), None)
        else:
            self._kept[int(slot)] = serial, value

    def get(self, slot: int, serial: int) -> object:
        """What was kept for this very incarnation, None for nothing."""
        found, value = self._kept.get(int(slot), (serial, None))
        return value if found == serial else None

    def drop(self, slot: int, serial: int) -> None:
        """The object has gone; its successor in the slot keeps what it was given."""
        if self._kept.get(int(slot), (None, None))[0] == serial:
            self._kept.pop(int(slot), None)

    @classmethod
    def clear_all(cls) -> None:
        """The library has gone."""
        for store in cls._all:
            store._kept.clear()
