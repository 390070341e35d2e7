"""A session description, RFC 4566 and 8866, as lines that stay what they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .redaction import redacted

__all__ = ["Sdp", "SdpLine", "SdpMedia"]

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

_ENDS = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True, frozen=True)
class SdpLine:
    """One line: ``type=value`` and how it ended."""

    type: str
    """The letter before the ``=``; empty for what is no line of SDP, which stands in `value` whole."""
    value: str
    end: str = "\r\n"

    def __repr__(self) -> str:
        return f"SdpLine({redacted(str(self))!r})"

    def __str__(self) -> str:
        return f"{self.type}={self.value}{self.end}" if self.type else f"{self.value}{self.end}"


class Section:
    """The session's own lines, or those of one media line."""

    def __init__(self, lines: Sequence[SdpLine]) -> None:
        self.lines = tuple(lines)
        """Every line in order, those nobody knows too."""

    def values(self, type: str) -> tuple[str, ...]:
        """Values of every line of that letter, in order."""
        return tuple(line.value for line in self.lines if line.type == type)

    def value(self, type: str) -> str:
        """Value of the first line of that letter, empty when there is none."""
        return next(iter(self.values(type)), "")

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the ``a=`` lines in order, repeats included; a flag's value is empty."""
        return tuple((name, value) for name, _, value in (text.partition(":") for text in self.values("a")))

    def attribute_values(self, name: str) -> tuple[str, ...]:
        """Values of every ``a=name``, in order."""
        return tuple(value for key, value in self.attributes if key == name)

    def attribute(self, name: str) -> str | None:
        """Value of the first ``a=name``, empty for a flag; None when there is none."""
        return next(iter(self.attribute_values(name)), None)

    @property
    def connection(self) -> str:
        """Address of the ``c=`` line, empty when there is none."""
        parts = self.value("c").split()
        return parts[2].partition("/")[0] if len(parts) >= 3 else ""

    @property
    def own_direction(self) -> str:
        """``"sendrecv"`` and so on as these lines say it, empty when they do not."""
        return next((name for name, _ in self.attributes if name in DIRECTIONS), "")

    def __str__(self) -> str:
        return "".join(map(str, self.lines))


class SdpMedia(Section):
    """A media line with the lines below it."""

    def __init__(self, lines: Sequence[SdpLine], session: Section) -> None:
        super().__init__(lines)
        self._session = session

    @cached_property
    def _m(self) -> list[str]:
        return self.value("m").split()

    @property
    def type(self) -> str:
        """``"audio"``, ``"video"``, ``"text"``, ..."""
        return self._m[0] if self._m else ""

    @property
    def port(self) -> int:
        """RTP port, 0 for a line that is refused or cannot be read."""
        port = self._m[1].partition("/")[0] if len(self._m) > 1 else ""
        return int(port) if port.isascii() and port.isdecimal() else 0

    @property
    def proto(self) -> str:
        """Such as ``"RTP/AVP"``."""
        return self._m[2] if len(self._m) > 2 else ""

    @property
    def formats(self) -> tuple[str, ...]:
        """Payload types in order of preference, as they are written."""
        return tuple(self._m[3:])

    @property
    def rtpmap(self) -> dict[str, str]:
        """Codec by payload type, such as ``{"0": "PCMU/8000"}``."""
        return _by_format(self.attribute_values("rtpmap"))

    @property
    def fmtp(self) -> dict[str, str]:
        """Parameters by payload type."""
        return _by_format(self.attribute_values("fmtp"))

    @property
    def ptime(self) -> int:
        """Length of a packet, ms, 0 when it does not say."""
        value = self.attribute("ptime") or ""
        return int(value) if value.isascii() and value.isdecimal() else 0

    @property
    def connection(self) -> str:
        """Where media is wanted, the session's address when the line has none of its own."""
        return super().connection or self._session.connection

    @property
    def direction(self) -> str:
        """``"sendrecv"``, ``"sendonly"``, ``"recvonly"`` or ``"inactive"``, as its writer sees it."""
        return self.own_direction or self._session.own_direction or "sendrecv"

    def __repr__(self) -> str:
        return f"<SdpMedia {self.value('m')!r} {self.direction}>"


class Sdp:
    """An offer or answer: `session`, `media`, and ``str()`` for the text, unchanged to the byte.

    Parsing never fails: what is not there reads as empty or 0, and lines nobody knows stay.
    """

    def __init__(self, text: str) -> None:
        lines = list(_lines(text))
        starts = [i for i, line in enumerate(lines) if line.type == "m"]
        ends = [*starts[1:], len(lines)] if starts else []
        self.session = Section(lines[: starts[0]] if starts else lines)
        """The lines before the first media line."""
        self.media: tuple[SdpMedia, ...] = tuple(
            SdpMedia(lines[start:end], self.session) for start, end in zip(starts, ends, strict=True)
        )
        """The media lines in order, refused ones too."""

    @property
    def lines(self) -> tuple[SdpLine, ...]:
        """Every line in order."""
        return sum((media.lines for media in self.media), self.session.lines)

    @property
    def origin(self) -> str:
        """Value of the ``o=`` line."""
        return self.session.value("o")

    @property
    def version(self) -> int:
        """Version in the ``o=`` line, which rises with each change; 0 when it cannot be read."""
        parts = self.origin.split()
        text = parts[2] if len(parts) > 2 else ""
        return int(text) if text.isascii() and text.isdecimal() else 0

    def __str__(self) -> str:
        return str(self.session) + "".join(map(str, self.media))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sdp) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"<Sdp {self.origin!r} {[media.value('m') for media in self.media]}>"


def _by_format(values: Sequence[str]) -> dict[str, str]:
    """``"0 PCMU/8000"`` by its first word; the first of a kind counts."""
    out: dict[str, str] = {}
    for value in values:
        format, _, rest = value.partition(" ")
        out.setdefault(format, rest.strip())
    return out


def _lines(text: str) -> Iterator[SdpLine]:
    at = 0
    while at < len(text):
        found = _ENDS.search(text, at)
        stop, after = found.span() if found else (len(text), len(text))
        line = text[at:stop]
        if len(line) >= 2 and line[1] == "=":
            yield SdpLine(line[0], line[2:], text[stop:after])
        else:
            yield SdpLine("", line, text[stop:after])
        at = after
