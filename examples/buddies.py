"""Watches people and their phones, lets others watch us if they are on the list, and chats, until Ctrl-C.

python buddies.py sip:1001@example.com PASSWORD sip:1002@example.com ...
    [--note "At tea"] [--desk sip:1003@example.com] [--say "hello"]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

import pyjsua


async def watch(buddy: pyjsua.Buddy) -> None:
    changes = buddy.presences()
    try:
        await buddy.subscribe()
    except pyjsua.SipError as error:
        print(f"{buddy.uri} cannot be watched: {error}", flush=True)
        return
    async for presence in changes:
        print(f"{buddy.uri}: {presence.status.name}, {presence.note!r}", flush=True)


async def watch_desk(desk: pyjsua.Buddy) -> None:
    changes = desk.call_states()
    try:
        await desk.subscribe()
    except pyjsua.SipError as error:
        print(f"{desk.uri} cannot be watched: {error}", flush=True)
        return
    async for call in changes:
        print(f"{desk.uri} is {'on the phone' if call.busy else 'free'} {call.remote_uri}", flush=True)


def person(address: str) -> tuple[str | None, str]:
    """Who an address is of: a From has no port."""
    uri = pyjsua.NameAddr.parse(address).uri
    return uri.user, uri.host


async def decide(account: pyjsua.Account, friends: list[str]) -> None:
    async for watcher in account.subscriptions():
        if person(watcher.uri) in map(person, friends):
            watcher.accept()
        else:
            watcher.refuse()
        print(f"{watcher.uri} asked to watch us: {watcher.state.name}", flush=True)


async def chat(account: pyjsua.Account) -> None:
    async for message in account.messages():
        print(f"{message.from_uri}: {message.body}", flush=True)
        # Not to what is an answer itself, or two of these would never stop.
        if not message.body.startswith("You said"):
            with contextlib.suppress(pyjsua.SipError):
                await message.reply(f"You said: {message.body}")


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        proxy = [options.proxy] if options.proxy else []
        account = await endpoint.register(
            options.address, options.password, proxy=proxy, publish_enabled=options.publish
        )
        account.subscribe_policy = "ask"
        account.set_presence(True, activity=pyjsua.RpidActivity.AWAY, note=options.note)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(decide(account, options.buddy))
            tasks.create_task(chat(account))
            for uri in options.buddy:
                tasks.create_task(watch(account.add_buddy(uri)))
            if options.desk:
                tasks.create_task(watch_desk(account.add_buddy(options.desk, calls=True)))
            print(f"{account.uri} is there", flush=True)
            if options.say:
                for uri in options.buddy:
                    sent = await account.send_message(uri, options.say)
                    print(f"{uri} has it: {sent.code} {sent.reason}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("buddy", nargs="+", help="who to watch, and who may watch us: sip:user@domain")
    parser.add_argument("--desk", default="", help="whose calls to watch")
    parser.add_argument("--note", default="", help="what others see beside our name")
    parser.add_argument("--say", default="", help="a message to each of them")
    parser.add_argument("--proxy", default="", help='outbound proxy: "sip:host:port;lr"')
    parser.add_argument(
        "--publish", action="store_true", help="tell a presence server, rather than each watcher"
    )
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        pass
