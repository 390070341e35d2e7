from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pyjsua.testing import SipServer

from .wire import Wire, WireMaker


@pytest.fixture
def wire() -> Iterator[WireMaker]:
    """Makes peers that are closed when the test is over."""
    with ExitStack() as stack:

        def make(server: SipServer, *args: Any, **arguments: Any) -> Wire:
            return stack.enter_context(Wire(server, *args, **arguments))

        yield make
