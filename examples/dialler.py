"""Calls everybody on a list, some at a time, plays each a WAV file, and writes as CSV what became of it.

python dialler.py sip:1001@example.com PASSWORD hello.wav numbers.txt > outcomes.csv

numbers.txt has an address or a number on each line.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from pathlib import Path

import pyjsua

COLUMNS = ("number", "outcome", "code", "reason", "cause", "ringing", "talking")
OUTCOMES = {
    pyjsua.CallBusy: "busy",
    pyjsua.CallDeclined: "declined",
    pyjsua.CallTimeout: "no answer",
    pyjsua.CallUnavailable: "not there",
    pyjsua.CallNotFound: "no such number",
    pyjsua.CallUnreachable: "unreachable",
}


async def talk(endpoint: pyjsua.Endpoint, call: pyjsua.Call, options: argparse.Namespace) -> str:
    """Has somebody hear it to the end, if he answers and stays."""
    try:
        await call.wait_answered(options.ring)
        with endpoint.player(options.wav) as player:
            player.connect(call.audio)
            await player.wait_end()
    except pyjsua.CallFailed as error:
        return OUTCOMES.get(type(error), "failed")
    except pyjsua.StaleError:
        return "hung up"
    return "heard"


async def dial(account: pyjsua.Account, number: str, options: argparse.Namespace) -> dict[str, object]:
    """One call, and its row."""
    domain = account.uri.partition("@")[2]
    try:
        call = account.start_call(number if ":" in number else f"sip:{number}@{domain}")
    except (ValueError, pyjsua.CallUnreachable) as error:
        return {"number": number, "outcome": "failed", "reason": error}
    # Whoever does not answer is not called any longer.
    async with call:
        outcome = await talk(account.endpoint, call, options)
    assert call.end is not None
    return {
        "number": number,
        "outcome": outcome,
        "code": call.end.code,
        "reason": call.end.reason,
        "cause": " ".join(f"{reason.protocol}:{reason.cause}" for reason in call.end.reasons),
        "ringing": f"{call.times.ringing:.1f}",
        "talking": f"{call.times.talking:.1f}",
    }


async def main(options: argparse.Namespace) -> None:
    places = asyncio.Semaphore(options.at_once)
    table = csv.DictWriter(sys.stdout, COLUMNS)
    table.writeheader()

    async def row(account: pyjsua.Account, number: str) -> None:
        async with places:
            table.writerow(await dial(account, number, options))
            sys.stdout.flush()

    # A server that does not answer a CANCEL keeps a call's place for half a minute.
    async with pyjsua.Endpoint(bound_addr=options.bind, max_calls=4 * options.at_once) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        async with asyncio.TaskGroup() as calls:
            for number in options.numbers.read_text().split():
                calls.create_task(row(account, number))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("wav", type=Path, help="WAV file to play")
    parser.add_argument("numbers", type=Path, help="file with whom to call")
    parser.add_argument("--at-once", type=int, default=10, help="how many calls at a time")
    parser.add_argument("--ring", type=float, default=30, help="seconds to wait for an answer")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
