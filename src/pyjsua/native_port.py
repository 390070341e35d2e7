"""Ports of other extension modules at the object door, and what such a module is built with."""

from __future__ import annotations

from pathlib import Path

from . import _core
from .audio_port import stale
from .ids import ConfPortId
from .own_port import OwnPort

__all__ = ["NativePort", "get_include"]


def get_include() -> str:
    """The folder of ``pyjsua_api.h``, the C API for other extension modules: for the compiler's ``-I``."""
    return str(Path(__file__).parent / "include")


class NativePort(OwnPort):
    """A port whose frames are made and taken in C by another extension module (``pyjsua_api.h``).

    `conf_port` is what that module got from the API's ``conf_port``. From then on it is a port like any
    other: connect it. `close` takes it out of the bridge, and the module is told by its ``on_destroy``.
    Raises `TypeError` for what is no such slot, `StaleError` for one that has gone.
    """

    def __init__(self, conf_port: ConfPortId) -> None:
        super().__init__()
        if not _core.native_port_alive(conf_port):
            raise stale(self, "NativePort")
        self._slot = conf_port

    @property
    def closed(self) -> bool:
        """Whether it was closed, here or by the module, or went with the library it belonged to."""
        return self._slot is None or not _core.native_port_alive(self._slot)

    def close(self) -> None:
        """Takes it out of the bridge; any number of times."""
        slot, self._slot = self._slot, None
        self._forget()
        if slot is not None:
            _core.native_port_destroy(slot)

    def __repr__(self) -> str:
        return f"<NativePort{' closed' if self.closed else f' {int(self._slot or 0)}'}>"
