"""Every method of a call in every state: it does its work, waits, or raises what `docs/call-states.md` says.

The two lists are in `call_states.py`. A new method fails `test_every_method_has_arguments` until it has
arguments there. The table of the page is written anew by

    PYJSUA_WRITE_CALL_STATES=1 pytest tests/objects/test_call_matrix.py
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from objects.call_states import (
    ARGUMENTS,
    BOUND,
    GONE,
    LOOKS,
    MOVING,
    PAGE,
    SOON,
    STATES,
    State,
    clean,
    ended,
    methods,
    never_answered,
    outcome,
    scene_of,
    table,
    up,
)
from objects.phones import TIMEOUT, call_between, direct_uri, local_account
from peers.wire import WireClient
from pyjsua import Endpoint

MakeEndpoint = Callable[..., Endpoint]
Wires = Callable[..., WireClient]

WRITE = "PYJSUA_WRITE_CALL_STATES"


def test_every_method_has_arguments() -> None:
    missing = sorted(set(methods()) - set(ARGUMENTS))
    gone = sorted(set(ARGUMENTS) - set(methods()))
    assert not missing, f"add good arguments to ARGUMENTS, then run this file with {WRITE}=1: {missing}"
    assert not gone, f"no longer methods of Call, to be taken out of ARGUMENTS: {gone}"


def write(state: str, found: dict[str, str]) -> None:
    known = table()
    for name, what in found.items():
        known[name, state] = known.get((name, state), set()) - {"?"} | {what}
    states = [one.__name__.replace("_", " ") for one in STATES]
    text = PAGE.read_text().partition("\n|")[0].rstrip() if PAGE.exists() else "# A call's methods"
    lines = [f"| | {' | '.join(states)} |", "|---" * (len(states) + 1) + "|"]
    for name in methods():
        cells = [", ".join(sorted(known.get((name, one), {"?"}))) for one in states]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    PAGE.write_text(f"{text}\n\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_every_method(
    make_endpoint: MakeEndpoint, wire_client: Wires, tmp_path: Path, state: State
) -> None:
    title = state.__name__.replace("_", " ")
    found: dict[str, str] = {}
    async with scene_of(make_endpoint, wire_client(), tmp_path) as scene:
        together = [] if state in MOVING else [name for name in methods() if name in LOOKS]
        for names in [together, *([name] for name in methods() if name not in together)]:
            # Another call that is up, where a method takes one.
            scene.other = (await up(scene))[0] if "transfer_to" in names else None
            async with asyncio.timeout(BOUND), state(scene) as call:
                for name in names:
                    found[name] = await outcome(getattr(call, name), ARGUMENTS[name](scene))
                assert isinstance(repr(call), str)
            await clean(scene)
    if os.environ.get(WRITE):
        write(title, found)
    said = table()
    wrong = {}
    for name, what in found.items():
        allowed = set(said.get((name, title), ()))
        if state in MOVING:
            allowed |= SOON
        elif state in (ended, never_answered) and allowed & GONE:
            allowed |= GONE | ({"ok"} if name in LOOKS else set())
        if what not in allowed:
            wrong[name] = what, allowed
    assert not wrong, f"{title}: got, and what docs/call-states.md says: {wrong}"


async def test_everybody_hangs_up_at_once(make_endpoint: MakeEndpoint) -> None:
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            async with asyncio.timeout(TIMEOUT):
                ends = await asyncio.gather(out.hangup(), out.hangup(), into.hangup(), into.hangup())
            assert ends[0] is ends[1] is out.end
            assert ends[2] is ends[3] is into.end
