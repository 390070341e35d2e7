"""What the logs and the loop complain of while two clients do what they like."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["complaints"]

ALLOWED_ERRORS = tuple(
    re.compile(line)
    for line in (
        # Somebody else on this machine has the port; PJSIP takes another.
        r"RTP socket bind\(\) at \S+ error: Address already in use",
        # A re-INVITE that asked for an offer crossed our BYE.
        r"Unable to create offer, call hanging up",
        # A REGISTER of one that was cancelled is still under way.
        r"Unable to create/send REGISTER: Object is busy",
    )
)
"""Lines of PJSIP's own log that are errors, and no fault of ours."""


class Errors(logging.Handler):
    """What was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.name}: {record.getMessage()}"
        if not any(pattern.search(line) for pattern in ALLOWED_ERRORS):
            self.lines.append(line + (f"\n{record.exc_info[1]!r}" if record.exc_info else ""))


@asynccontextmanager
async def complaints() -> AsyncIterator[list[str]]:
    """What the logs and the loop complain of."""
    loop, logger, errors = asyncio.get_running_loop(), logging.getLogger("pyjsua"), Errors()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: errors.lines.append(f"loop: {context}"))
    logger.addHandler(errors)
    try:
        yield errors.lines
        gc.collect()
        await asyncio.sleep(0)
    finally:
        logger.removeHandler(errors)
        loop.set_exception_handler(before)
