"""Every call of every function with one bad argument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from misuse.signatures import Parameter, functions
from misuse.values import Bad, bad_values, first, put
from misuse.world import World
from pyjsua import pjsua as pj

MAY_HAVE_LINES = {"msg_body", "ka_data", "filename", "body", "content", "text", "sdp"}
"""Texts of several lines, and what goes into no message."""

MAY_BE_NONE = {"multipart_parts"}
"""An element that is None is one that is not there."""

PARAMETERS = {"enc_fmtp", "dec_fmtp"}
"""Pairs as well, but a name is not a header's."""

COPIES = re.compile(r"_(dup|clone|default)$")
"""Values of Python's from values of Python's: C sees them when they are used."""

ANSWERS = re.compile(r"_(is|has)_|^verify_")
"""They say no where others raise."""

SLOW = {("handle_events", "msec_timeout"): range(20, 10001), ("events", "timeout"): range(1, 2**63),
        ("destroy", "timeout"): range(2, 3601)}  # fmt: skip
"""Numbers that are good and make the function wait that long."""


@dataclass(frozen=True)
class Case:
    function: str
    parameter: Parameter | None
    bad: Bad

    def __str__(self) -> str:
        if self.parameter is None:
            return f"{self.function}()"
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.bad.path)
        return f"{self.function}({self.parameter.name}{steps}={self.bad.label})"

    def arguments(self, world: World) -> dict[str, Any]:
        """Made anew for each call, the bad one among good ones."""
        given = world.arguments(self.function)
        if self.parameter is not None:
            base = world.argument(self.function, self.parameter) if self.bad.path else None
            if self.bad.path and not base:
                base = first(self.parameter.type)
            given[self.parameter.name] = put(base, self.bad.path, self.bad.value)
        return given

    def run(self, world: World) -> tuple[str, Any]:
        """What is wrong with what happened, and what the function returned."""
        given = self.arguments(world)
        try:
            result = getattr(pj, self.function)(**given)
        except Exception as error:
            return self._judge(error, world), error
        return self._judge_answer(result), result

    def _judge_answer(self, result: Any) -> str:
        if ANSWERS.search(self.function) and result is False:
            return ""
        if self.bad.value is None and self.leaf in MAY_BE_NONE:
            return ""
        if self.bad.refused and not (self.leaf in PARAMETERS and "name" in self.bad.label):
            return f"accepted, gave {result!r:.60}"
        if self.bad.line and self.leaf not in MAY_HAVE_LINES:
            return f"a line break was accepted, gave {result!r:.60}"
        return ""

    def _judge(self, error: Exception, world: World) -> str:
        said = f"{type(error).__name__}: {error}"
        said = said if len(said) < 300 else f"{said[:200]} ... {said[-80:]}"
        if isinstance(error, (pj.InvalidState, pj.TooMany)) or (
            isinstance(error, RuntimeError) and self.function == "events"
        ):
            return ""
        if isinstance(error, OSError) and not isinstance(error, pj.PjsuaError):
            return "" if error.filename is not None else f"names no file: {said}"
        if not isinstance(error, (pj.PjsuaError, TypeError, ValueError)):
            return f"no exception of ours: {said}"
        if self.parameter is None:
            return ""
        names = {self.leaf, self.parameter.name}
        for each in functions()[self.function]:
            # A bad one that may do for a good one, and then something else is wrong.
            may_do = isinstance(error, pj.PjsuaError) or not self.bad.refused
            if may_do or (each.required and world.known(self.function, each) is None):
                names.add(each.name)
        words = set(re.findall(r"\w+", str(error)))
        return "" if names & words else f"names none of {sorted(names)}: {said}"

    @property
    def leaf(self) -> str:
        if self.parameter is None:
            return ""
        steps = [step for step in self.bad.path if isinstance(step, str)]
        return str(steps[-1]) if steps else self.parameter.name


def cases(wanted: list[str], world: World) -> Iterator[Case]:
    """In the same order every time; ids depend on what there is in the world."""
    for name in wanted:
        if COPIES.search(name):
            continue
        parameters = functions()[name]
        if not parameters:
            yield Case(name, None, Bad("", None))
        for parameter in parameters:
            for bad in bad_values(parameter.type):
                slow = SLOW.get((name, parameter.name), ())
                if isinstance(bad.value, int) and bad.value in slow:
                    continue
                yield Case(name, parameter, bad)
            yield from _ids(name, parameter, world)


def _ids(name: str, parameter: Parameter, world: World) -> Iterator[Case]:
    value = world.argument(name, parameter)
    if world.state == "running" and hasattr(value, "serial") and value.serial:
        for label, wrong in world.wrong_ids(value):
            yield Case(name, parameter, Bad(label, wrong, refused=True))
