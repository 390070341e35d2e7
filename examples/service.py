"""Answers calls as a service does: SIGHUP starts PJSIP anew, SIGTERM ends it, once its calls have ended.

python service.py sip:1002@example.com PASSWORD
"""

from __future__ import annotations

import argparse
import asyncio
import signal

import pyjsua

Signals = asyncio.Queue[signal.Signals]


async def serve(call: pyjsua.Call) -> None:
    """What the service does with a call: this one lets it be."""
    async with call:
        await call.answer()
        await call.wait_ended()


async def watch(account: pyjsua.Account) -> None:
    async for state in account.registration_changes():
        print(f"{account.uri}: {state.status.value} {state.code}", flush=True)


async def work(options: argparse.Namespace, signals: Signals) -> signal.Signals:
    """PJSIP from its start to its end; returns what ended it."""
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        # Not register(): a service starts, and goes on trying, also while its registrar is away.
        account = endpoint.add_account(
            options.address, options.password, reg_uri="sip:" + options.address.partition("@")[2]
        )
        watching = asyncio.create_task(watch(account))
        account.on_incoming(serve)
        received = await signals.get()
        print(f"{received.name}: {len(endpoint.calls)} calls are up", flush=True)
        # From here on new calls are refused with 503.
        try:
            await endpoint.drain(options.patience)
        except TimeoutError:
            print(f"{len(endpoint.calls)} calls are hung up", flush=True)
    await watching
    return received


async def main(options: argparse.Namespace) -> None:
    signals: Signals = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, signals.put_nowait, number)
    while await work(options, signals) is signal.SIGHUP:
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("--patience", type=float, default=60, help="seconds calls may go on after a signal")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    asyncio.run(main(parser.parse_args()))
