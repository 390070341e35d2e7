"""Faults a test asks the server for: a canned answer, silence, delay, rubbish."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from .message import Request


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer with this status in place of what the server would do."""

    status: int
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 699:
            raise ValueError(f"not a final status: {self.status}")


@dataclass(frozen=True, slots=True)
class Drop:
    """Act as if the request had been lost on the way.

    By UDP it is sent again; by TCP, where PJSIP sends what has 1300 bytes and more if it can, it is not.
    """


@dataclass(frozen=True, slots=True)
class Delay:
    """Do what the server would do, this many seconds later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Garbage:
    """Send these bytes in place of a response."""

    data: bytes = b"SIP/2.0 \xff\xfe this is no response\r\n\r\n"


Fault = Respond | Drop | Delay | Garbage
FaultHook = Callable[[Request], Fault | None]


@dataclass(slots=True)
class _Planned:
    hook: FaultHook
    times: int | None


@dataclass
class Faults:
    """Planned faults by method. Any thread may call."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _planned: dict[str, _Planned] = field(default_factory=dict)

    def set(self, method: str, fault: Fault | FaultHook, times: int | None = None) -> None:
        """Plan a fault for `method` ("*" is every one), in place of what was planned for it.

        `times` bounds how often it strikes. A hook sees each request and returns a fault or None; it runs
        in the server's thread. A fault is looked for when a request comes that no transaction knows, so a
        dropped request strikes again on its retransmission, an answered or delayed one does not.
        """
        hook = fault if callable(fault) else lambda _request: fault
        with self._lock:
            self._planned[method] = _Planned(hook, times)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def pick(self, request: Request) -> Fault | None:
        """The fault for this request, or None; raises what a hook raises."""
        with self._lock:
            found = [(key, self._planned.get(key)) for key in (request.method, "*")]
        for key, planned in found:
            if planned is None:
                continue
            fault = planned.hook(request)
            if fault is None:
                continue
            with self._lock:
                if planned.times is not None:
                    planned.times -= 1
                    if planned.times <= 0 and self._planned.get(key) is planned:
                        del self._planned[key]
            return fault
        return None
