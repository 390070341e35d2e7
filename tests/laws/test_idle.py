"""With a call up and nothing to tell, no Python thread wakes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from laws import child
from peers import signals

SECONDS = 3.0


def switches(pid: int, thread: int) -> int:
    """Times the kernel took the thread off a processor, of its own will or not."""
    status = Path(f"/proc/{pid}/task/{thread}/status").read_text()
    return sum(int(number) for number in re.findall(r"ctxt_switches:\s*(\d+)", status))


@pytest.mark.parametrize("consumer", ["handlers", "events"])
def test_nothing_wakes_python(consumer: str, tmp_path: Path) -> None:
    tone = tmp_path / "tone.wav"
    signals.write_wav(tone, signals.tone(440.0, 2.0), 8000)
    process = child.start("idle", consumer, tone)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        pytest.fail(str(child.finish(process, 10)))
    threads = json.loads(line)
    assert len(threads) == 2
    # What happens while nothing happens can only be seen by waiting. The first second lets the threads come
    # to rest after the call's last event.
    time.sleep(1.0)
    before = {thread: switches(process.pid, thread) for thread in threads}
    time.sleep(SECONDS)
    after = {thread: switches(process.pid, thread) for thread in threads}
    ended = child.finish(process, 20, b"\n").expect()
    received = json.loads(ended.stdout)
    assert after == before
    # The call was alive all the while.
    assert received > SECONDS * 25
