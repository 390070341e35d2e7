"""What RFC 3261 leaves possible where two clients do as they like: which outcome of a deed is in order.

A call is before its answer, up, or over, and goes no other way. Either side may be ahead of what the other
has heard, so what an operation met is every state from its beginning to its end, with what both sides did to
the same dialog meanwhile.
"""

from __future__ import annotations

import enum
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyjsua import (
    Call,
    CallCancelled,
    CallFailed,
    EndedBy,
    EndedHow,
    InvalidState,
    InvState,
    PjsuaError,
    RequestFailed,
    SipError,
    StaleError,
    TransferFailed,
)

__all__ = ["Deed", "Model", "Phase"]

SLACK = 3.0
"""Seconds what was done may still be on its way, on a busy machine."""


class Phase(enum.IntEnum):
    """Where a call is, as one side knows it."""

    BEFORE = 0
    UP = 1
    OVER = 2

    @classmethod
    def of(cls, call: Call) -> Phase:
        return cls.OVER if call.ended else cls.UP if call.answered else cls.BEFORE


OFFERS = {"hold", "unhold", "reinvite", "update"}
"""What offers media anew: one at a time in a dialog, RFC 3261, 14, and RFC 3311, 5."""
ANSWERS = {"answer", "ring", "progress", "reject", "redirect"}
"""What only who is called may do, until one of them is final."""
REFERS = {"transfer", "transfer to"}
FINAL = {"answer", "reject", "redirect", "hangup"}
SOUND = {"open stream", "write", "read", "close stream", "join", "part"}


@dataclass(eq=False)
class Deed:
    """One operation: who did what with which call, when, and what came of it."""

    number: int
    client: str
    name: str
    call: Call | None = None
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    before: Phase = Phase.BEFORE
    after: Phase = Phase.BEFORE
    error: BaseException | None = None

    def overlaps(self, other: Deed) -> bool:
        return other.began <= (self.ended or time.monotonic()) and (
            not other.ended or other.ended + SLACK >= self.began
        )

    def __str__(self) -> str:
        took = f"{self.ended - self.began:.2f} s" if self.ended else "under way"
        said = "ok" if self.error is None else f"{type(self.error).__name__}({self.error})"
        span = f"{self.before.name}..{self.after.name}"
        return f"#{self.number} {self.client} {self.name} {self.call!r} {span} {took}: {said}"


class Model:
    """What was done so far, and what may come of it."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.calls: dict[str, list[Call]] = {}
        """Both sides of each dialog, by Call-ID."""
        self.refusing: set[str] = set()
        """Dialogs in which somebody may refuse offers, or leaves them lying."""
        self.outcomes: Counter[str] = Counter()

    def know(self, calls: Iterable[Call]) -> None:
        for call in calls:
            sides = self.calls.setdefault(call.sip_call_id, [])
            if call.sip_call_id and call not in sides:
                sides.append(call)

    def others(self, deed: Deed, names: set[str]) -> list[Deed]:
        """What else was done to the dialog meanwhile, on either side."""
        assert deed.call is not None
        dialog = deed.call.sip_call_id
        return [
            one
            for one in self.deeds
            if one is not deed
            and one.name in names
            and one.call is not None
            and one.call.sip_call_id == dialog
            and deed.overlaps(one)
        ]

    def ever(self, call: Call, names: set[str], but: Call | None = None) -> bool:
        """Whether any of these was done to the dialog, on another side than `but`."""
        return any(
            deed.name in names
            and deed.call is not None
            and deed.call is not but
            and deed.call.sip_call_id == call.sip_call_id
            for deed in self.deeds
        )

    # -- one operation

    def judge(self, deed: Deed) -> str:
        """Empty where its outcome is in order, else what is not."""
        what = "ok" if deed.error is None else type(deed.error).__name__
        self.outcomes[f"{deed.name}: {what}"] += 1
        if deed.error is None:
            return self._done(deed)
        return "" if self._excused(deed, deed.error) else f"nothing allows {deed}"

    def _done(self, deed: Deed) -> str:
        """What an operation that was done has left behind."""
        call = deed.call
        if call is None:
            return ""
        if deed.name in {"hangup", "reject", "redirect"} and not call.ended:
            return f"{deed} left the call"
        if deed.name == "answer" and not call.answered:
            return f"{deed} answered nothing"
        if (
            deed.name in OFFERS
            and deed.before is Phase.BEFORE
            and deed.after is Phase.BEFORE
            and deed.name != "update"
        ):
            return f"{deed} before there is a session"
        return ""

    def _excused(self, deed: Deed, error: BaseException) -> bool:
        call = deed.call
        if isinstance(error, TimeoutError) and not isinstance(error, PjsuaError):
            return self._late(deed)
        if not isinstance(error, (PjsuaError, ValueError, EOFError)):
            return False
        if call is None:
            return self._elsewhere(deed, error)
        if call.ended and self._over(deed, error):
            return True
        if call._hung_up and isinstance(error, (StaleError, InvalidState)):
            # By a transfer that was done, or its limit; the BYE is not answered yet.
            return True
        if deed.name in ANSWERS:
            return self._answering(deed, error)
        if deed.name in OFFERS:
            return self._offering(deed, error)
        if deed.name == "call":
            return self._calling(deed, error)
        if deed.name in REFERS:
            return self._transferring(deed, error)
        if deed.name in SOUND:
            return isinstance(error, StaleError) and bool(self.others(deed, {"close stream"}))
        if deed.name in {"message", "info"}:
            # RFC 3261, 12.2.2: there is no dialog yet, or no longer on the other side.
            return isinstance(error, SipError) and (deed.before is Phase.BEFORE or self._over_there(deed))
        if deed.name == "dtmf":
            # Held, or agreed upon in one direction only, at whatever time.
            held = call.held_by_us or call.held_by_them or self.ever(call, OFFERS)
            if isinstance(error, SipError):
                # An INFO before there is a session, RFC 6086, 4.2.
                return deed.before is Phase.BEFORE
            return isinstance(error, InvalidState) and (deed.before is Phase.BEFORE or bool(held))
        return False

    def _over_there(self, deed: Deed) -> bool:
        assert deed.call is not None
        return any(side.ended for side in self.calls.get(deed.call.sip_call_id, ()))

    @staticmethod
    def _over(deed: Deed, error: BaseException) -> bool:
        """What every method may say of a call that is over, or was before it got to it."""
        call = deed.call
        assert call is not None
        assert call.end is not None
        if isinstance(error, (StaleError, InvalidState)):
            return True
        if deed.name in SOUND:
            return isinstance(error, (ValueError, EOFError))
        if isinstance(error, SipError):
            # A request within a dialog that has gone, RFC 3261, 12.2.2.
            return error.sip_code in {call.end.code, 481, 487, 408, 503} or isinstance(
                error, (TransferFailed, RequestFailed)
            )
        return False

    def _late(self, deed: Deed) -> bool:
        if deed.call is None:
            return False
        if deed.name in {"write", "read", "dtmf", "message", "info"}:
            return True
        # An offer waits for whoever has not decided, or for one that crosses it.
        return deed.name in OFFERS and (
            deed.call.sip_call_id in self.refusing or bool(self.others(deed, OFFERS))
        )

    def _elsewhere(self, deed: Deed, error: BaseException) -> bool:
        closes = any(
            one.name == "close account" and one.client == deed.client and deed.overlaps(one)
            for one in self.deeds
        )
        if deed.name in {"register", "unregister"} and isinstance(error, TimeoutError):
            return True
        closing = isinstance(error, (InvalidState, StaleError)) and closes
        return closing and deed.name in {"call", "register", "unregister"}

    def _answering(self, deed: Deed, error: BaseException) -> bool:
        assert deed.call is not None
        if not isinstance(error, InvalidState):
            return False
        # Only of a call that comes in, and before its final answer.
        late = deed.after > Phase.BEFORE or deed.call.state is InvState.CONNECTING
        return not deed.call.incoming or late or bool(self.others(deed, FINAL))

    def _offering(self, deed: Deed, error: BaseException) -> bool:
        assert deed.call is not None
        crossing = self.others(deed, OFFERS | {"answer", "call", "progress"})
        if isinstance(error, InvalidState):
            return deed.before is Phase.BEFORE or bool(crossing)
        if not isinstance(error, CallFailed):
            return False
        if deed.call.sip_call_id in self.refusing and error.sip_code == 488:
            return True
        return bool(crossing) and error.sip_code in {488, 491, 500}

    def _calling(self, deed: Deed, error: BaseException) -> bool:
        """What the other side said, or that it said nothing in time."""
        assert deed.call is not None
        if not isinstance(error, SipError):
            return False
        if isinstance(error, TimeoutError):
            return True
        return deed.call.end is not None and (
            error.sip_code == deed.call.end.code or isinstance(error, CallCancelled)
        )

    def _transferring(self, deed: Deed, error: BaseException) -> bool:
        if isinstance(error, TransferFailed):
            return deed.after >= Phase.UP
        if isinstance(error, InvalidState):
            return deed.before is Phase.BEFORE or bool(self.others(deed, REFERS))
        return False

    # -- the end

    def disagreements(self) -> list[str]:
        """Dialogs whose two sides do not tell the same of their end."""
        return [
            wrong for sides in self.calls.values() if len(sides) == 2 and (wrong := self._disagree(*sides))
        ]

    def _disagree(self, one: Call, other: Call) -> str:
        ours, theirs = one.end, other.end
        both = f"{one!r} {ours}, {other!r} {theirs}"
        if ours is None or theirs is None:
            return f"not over: {both}"
        by = {ours.by, theirs.by}
        limited = EndedHow.MAX_DURATION in (ours.how, theirs.how)
        if EndedBy.NOBODY in by and not limited:
            return f"ended by nobody: {both}"
        replaced = EndedHow.REPLACED in (ours.how, theirs.how) or one.replaced_by or other.replaced_by
        if by == {EndedBy.THEM} and not replaced:
            return f"each says the other did: {both}"
        # A final answer and a CANCEL may cross: then the one has a call that was answered, the other none.
        crossed = by == {EndedBy.US} or ours.answered != theirs.answered
        caller, callee = (other, one) if one.incoming else (one, other)
        if ours.answered != theirs.answered and not (
            callee.end and callee.end.answered and caller.end and caller.end.by is EndedBy.US
        ):
            return f"one was answered: {both}"
        if ours.code // 100 != theirs.code // 100 and not crossed and not replaced:
            return f"codes: {both}"
        return ""
