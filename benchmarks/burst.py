"""What a burst of calls leaves behind in memory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from processes import Agent, Kind, sipp_calls

TRANSACTIONS_GONE = 36.0
"""Seconds: RFC 3261's timers keep a transaction over UDP for 32."""


def measure_bursts(
    kinds: Sequence[Kind], cpu: int | None, calls: int, rate: int, say: Callable[[str], None]
) -> dict[Kind, dict[str, float]]:
    """Resident memory in MB after a first call, right after the burst, once its transactions are gone, and
    after `malloc_trim`. All agents wait for their timers together."""
    out: dict[Kind, dict[str, float]] = {}
    with contextlib.ExitStack() as stack:
        agents = []
        for kind in kinds:
            agent = stack.enter_context(Agent(kind, cpu))
            sipp_calls(agent, 20, 1)
            figures = out[kind] = {"rss_first": agent.rss}
            say(f"{kind.name}: {calls} calls at {rate}/s, for the memory they take")
            sipp_calls(agent, rate, calls / rate)
            figures["rss_burst"] = agent.rss
            agents.append((agent, figures))
        say(f"waiting {TRANSACTIONS_GONE:.0f} s for the transactions to go")
        time.sleep(TRANSACTIONS_GONE)
        for agent, figures in agents:
            figures["rss_after"] = agent.rss
            heap = agent.ask("memory")
            figures["heap_used"] = heap["heap_used"] / 1e6
            figures["heap_free"] = heap["heap_free"] / 1e6
            if "pools" in heap:
                figures["pools"] = heap["pools"]
            agent.ask("trim")
            figures["rss_trimmed"] = agent.rss
    return out
