"""Where one SIP message ends and the next begins on a stream (RFC 3261 section 18.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_HEADERS = 65_536
MAX_BODY = 1024 * 1024

_LENGTH = re.compile(rb"\r?\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)


class FramingError(ValueError):
    """The stream cannot be read on; `head` is what has been read of the message."""

    def __init__(self, problem: str, head: bytes) -> None:
        super().__init__(problem)
        self.head = head


class StreamFramer:
    """Cuts bytes into messages. A keep-alive (RFC 5626 section 4.4.1) comes out as b"\\r\\n\\r\\n"."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields every whole message. Raises FramingError, after which the stream is of no use."""
        self._buffer += data
        while self._buffer:
            if self._buffer.startswith(b"\r\n\r\n"):
                del self._buffer[:4]
                yield b"\r\n\r\n"
                continue
            if self._buffer.startswith(b"\r\n"):
                # It may be half of a keep-alive; alone it is only an end of line between messages.
                if len(self._buffer) < 4 and b"\r\n\r\n".startswith(bytes(self._buffer)):
                    return
                del self._buffer[:2]
                continue
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEADERS:
                    raise FramingError("the headers are too long", bytes(self._buffer[:MAX_HEADERS]))
                return
            head = bytes(self._buffer[: end + 4])
            length = self._length(head)
            if len(self._buffer) < len(head) + length:
                return
            message = bytes(self._buffer[: len(head) + length])
            del self._buffer[: len(message)]
            yield message

    @staticmethod
    def _length(head: bytes) -> int:
        if len(head) > MAX_HEADERS:
            raise FramingError("the headers are too long", head)
        found = _LENGTH.findall(head)
        if len(found) != 1 or not re.fullmatch(rb"[0-9]{1,9}", found[0].strip()):
            raise FramingError("no usable Content-Length", head)
        length = int(found[0])
        if length > MAX_BODY:
            raise FramingError("the body is too long", head)
        return length
