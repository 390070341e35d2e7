"""Several accounts at several registrars, each with its calls and messages of its own, until Ctrl-C.

python several_accounts.py sip:1001@one.example=PASSWORD sip:alice@two.example=PASSWORD ...

One that cannot register now is tried again with growing pauses, and the others go on meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import pyjsua


async def registration(account: pyjsua.Account) -> None:
    async for state in account.registration_changes():
        when = "" if state.retry_in is None else f", again in {state.retry_in:.0f} s"
        print(f"{account.uri}: {state.status.value} {state.code or ''} {state.reason}{when}", flush=True)


async def calls(account: pyjsua.Account) -> None:
    async for call in account.incoming():
        print(f"{account.uri}: call from {call.remote_uri}", flush=True)
        await call.reject(486)


async def messages(account: pyjsua.Account) -> None:
    async for message in account.messages():
        print(f"{account.uri}: {message.from_uri} says {message.body!r}", flush=True)


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint, asyncio.TaskGroup() as tasks:
        for given in options.account:
            uri, _, password = given.rpartition("=")
            # Not register(): nobody is to wait for the slowest registrar.
            account = endpoint.add_account(uri, password, reg_uri="sip:" + uri.partition("@")[2])
            for work in (registration, calls, messages):
                tasks.create_task(work(account))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("account", nargs="+", help="sip:user@domain=password")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(parser.parse_args()))
