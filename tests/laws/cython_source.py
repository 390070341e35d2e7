"""Reads the engine rooms line by line, as far as the laws need: which calls of C stand where.

Cython's tokens are Python's, but for the question mark of `except?`.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

C_MODULES = {"pj", "native"}
GIL_OK = re.compile(r"#\s*gil-ok:\s*\S")
SKIPPED = {tokenize.NL, tokenize.COMMENT, tokenize.ENCODING}


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line. `nogil` says whether the GIL is let go of there."""

    number: int
    last_number: int
    tokens: tuple[str, ...]
    nogil: bool

    def calls(self) -> Iterator[str]:
        """C functions called. A type, a constant, a cast or a sizeof has no bracket behind it."""
        for module, dot, name, bracket in zip(
            self.tokens, self.tokens[1:], self.tokens[2:], self.tokens[3:], strict=False
        ):
            if module in C_MODULES and dot == "." and bracket == "(":
                yield f"{module}.{name}"

    @property
    def signature(self) -> bool:
        """Whether a C function begins here."""
        return self.tokens[0] in ("cdef", "cpdef") and self.tokens[-1] == ":" and ")" in self.tokens

    @property
    def after_arguments(self) -> tuple[str, ...]:
        closing = len(self.tokens) - 1 - self.tokens[::-1].index(")")
        return self.tokens[closing + 1 :]


def opens_nogil(tokens: tuple[str, ...], inherited: bool) -> bool:
    """What holds in the block that this line opens."""
    if tokens[0] == "with" and tokens[1] in ("gil", "nogil"):
        return tokens[1] == "nogil"
    if tokens[0] in ("def", "cpdef", "class") or (tokens[0] == "cdef" and ")" in tokens):
        return "nogil" in tokens
    return inherited


def logical_lines(source: str) -> Iterator[Line]:
    reader = io.StringIO(re.sub(r"\bexcept\?", "except ", source)).readline
    blocks = [False]
    opened = False
    tokens: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(reader):
        if token.type == tokenize.INDENT:
            blocks.append(opened)
        elif token.type == tokenize.DEDENT:
            blocks.pop()
        elif token.type == tokenize.NEWLINE:
            texts = tuple(each.string for each in tokens)
            # `with nogil: call()` on one line.
            own = blocks[-1] or texts[:3] == ("with", "nogil", ":")
            yield Line(tokens[0].start[0], tokens[-1].end[0], texts, own)
            opened = opens_nogil(texts, blocks[-1])
            tokens = []
        elif token.type not in SKIPPED and token.string.strip():
            tokens.append(token)


def bare_calls(source: str) -> list[tuple[int, str]]:
    """Calls of C with the GIL held that give no `# gil-ok: reason` on a line of theirs."""
    text = source.splitlines()
    return [
        (line.number, name)
        for line in logical_lines(source)
        if not line.nogil
        and not any(GIL_OK.search(each) for each in text[line.number - 1 : line.last_number])
        for name in line.calls()
    ]


def silent_about_exceptions(source: str) -> list[tuple[int, str]]:
    """C functions that say neither `noexcept` nor `except`: an error in them would be printed and lost.

    One that returns an object passes exceptions on without a word.
    """
    return [
        (line.number, " ".join(line.tokens))
        for line in logical_lines(source)
        if line.signature
        and not {"noexcept", "except"} & set(line.after_arguments)
        and not returns_object(line.tokens)
    ]


def returns_object(tokens: tuple[str, ...]) -> bool:
    before = [token for token in tokens[1 : tokens.index("(")] if token != "inline"]
    return len(before) == 1 or (before[0] in PYTHON_TYPES and len(before) == 2)


PYTHON_TYPES = {"object", "str", "bytes", "list", "dict", "tuple", "set", "frozenset", "Context", "Arena"}


def bare_excepts(source: str) -> list[int]:
    return [line.number for line in logical_lines(source) if line.tokens[:2] == ("except", ":")]


def function_lines(source: str) -> dict[str, Line]:
    """Where each C function begins, by its name."""
    return {line.tokens[line.tokens.index("(") - 1]: line for line in logical_lines(source) if line.signature}


def installed_callbacks(source: str) -> list[str]:
    """Names assigned to members of a `pjsua_callback` called `cb`."""
    return [
        line.tokens[4]
        for line in logical_lines(source)
        if len(line.tokens) == 5 and line.tokens[:2] == ("cb", ".") and line.tokens[3] == "="
    ]


def rooms(core: Path) -> list[Path]:
    return [core.parent / "_core.pyx", *sorted(core.glob("*.pxi"))]
