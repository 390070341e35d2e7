"""What must have passed a server in a registered, answered call, and whether it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..testing import Arrow, Request, TraceMessage
from ..testing.digest import Credentials
from .steps import Failed

__all__ = [
    "Expected",
    "call_ladder",
    "digest_algorithm",
    "find_in_order",
    "registration_ladder",
    "requests_of",
]

Expected = tuple[str, str, str | int]
"""From whom, to whom, and a method or a status."""


def registration_ladder(user: str, server: str) -> list[Expected]:
    return [
        (user, server, "REGISTER"),
        (server, user, 401),
        (user, server, "REGISTER"),
        (server, user, 200),
    ]


def call_ladder(caller: str, server: str, callee: str) -> list[list[Expected]]:
    """The caller's side of a call and the callee's, each in its order."""
    return [
        [
            (caller, server, "INVITE"),
            (server, caller, 407),
            (caller, server, "ACK"),
            (caller, server, "INVITE"),
            (server, caller, 100),
            (server, caller, 180),
            (server, caller, 200),
            (caller, server, "ACK"),
            (caller, server, "BYE"),
            (server, caller, 200),
        ],
        [
            (server, callee, "INVITE"),
            (callee, server, 180),
            (callee, server, 200),
            (server, callee, "ACK"),
            (server, callee, "BYE"),
            (callee, server, 200),
        ],
    ]


def find_in_order(wanted: Sequence[Expected], arrows: Iterable[Arrow]) -> None:
    """Raises `Failed` unless all of `wanted` is there in this order; others may stand between."""
    left = iter(arrows)
    for source, destination, what in wanted:
        if not any(
            (arrow.source, arrow.destination) == (source, destination) and what in _kind(arrow.message)
            for arrow in left
        ):
            raise Failed(f"no {what} from {source} to {destination} where it belongs")


def _kind(message: TraceMessage) -> tuple[str | int | None, ...]:
    if isinstance(message.message, Request):
        return (message.message.method,)
    return (message.status,)


def requests_of(messages: Iterable[TraceMessage], method: str) -> list[Request]:
    """The requests with that method among the messages, in order."""
    return [
        message.message
        for message in messages
        if isinstance(message.message, Request) and message.message.method == method
    ]


def digest_algorithm(requests: Sequence[Request], header: str) -> str:
    """The algorithm a request was authenticated with, after one that was not and was challenged.

    Raises `Failed` when nobody asked for a password.
    """
    if not requests or requests[0].headers.get(header) is not None:
        raise Failed("the first request was authenticated already: no challenge was seen")
    value = next((value for one in requests if (value := one.headers.get(header)) is not None), None)
    if value is None:
        raise Failed(f"no {requests[0].method} carries {header}: nobody asked for a password")
    return Credentials.parse(value).algorithm
