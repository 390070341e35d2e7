"""Answers every call with a menu: 1 tells the opening hours, 2 asks for a number and reads it back, 0 puts
through to a person, 9 ends.

python ivr.py sip:1002@example.com PASSWORD [--prompts FOLDER] [--operator sip:1003@example.com]

FOLDER has what is said, as WAV files: menu, hours, number, wrong, bye. What is not there is a tone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

import pyjsua

TONES = {"menu": 440, "hours": 880, "number": 660, "wrong": 220, "bye": 330}
"""Hz, for prompts nobody has recorded."""

TRIES = 3


class Menu:
    """One caller, and what is said to him."""

    def __init__(self, endpoint: pyjsua.Endpoint, call: pyjsua.Call, options: argparse.Namespace) -> None:
        self.endpoint = endpoint
        self.call = call
        self.prompts: Path | None = options.prompts
        self.operator: str = options.operator

    async def say(self, prompt: str) -> None:
        """Plays a prompt to its end; a digit that is pressed meanwhile waits."""
        path = None if self.prompts is None else self.prompts / f"{prompt}.wav"
        if path is not None and path.exists():
            with self.endpoint.player(path) as player:
                player.connect(self.call.audio)
                await player.wait_end()
            return
        with self.endpoint.tone_generator() as tones:
            tones.connect(self.call.audio)
            tones.play([pyjsua.ToneDesc(freq1=TONES[prompt], freq2=0, on_msec=400, off_msec=100)])
            await tones.wait_end()

    async def ask(self, prompt: str, max_digits: int) -> str:
        """Asks for digits. A caller who knows the menu need not hear it out."""
        speaking = asyncio.create_task(self.say(prompt))
        try:
            collected = await self.call.collect(max_digits, timeout=3.0, first_timeout=10.0)
        finally:
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await speaking
        if collected.end is pyjsua.CollectEnd.CALL_ENDED:
            raise EOFError("the caller has hung up")
        return collected.digits

    async def read_back(self, digits: str) -> None:
        with self.endpoint.tone_generator() as tones:
            tones.connect(self.call.audio)
            tones.play_digits(digits)
            await tones.wait_end()

    async def put_through(self) -> bool:
        """Has the caller's telephone call the operator; his call is ours as before if that fails."""
        try:
            status = await self.call.transfer(self.operator)
        except pyjsua.TransferFailed as error:
            print(f"{self.call.remote_uri} stays: {error}", flush=True)
            return False
        print(f"{self.call.remote_uri} talks to {self.operator}: {status.code}", flush=True)
        return True

    async def run(self) -> None:
        for _ in range(TRIES):
            choice = await self.ask("menu", 1)
            print(f"{self.call.remote_uri} chose {choice or 'nothing'}", flush=True)
            if choice == "1":
                await self.say("hours")
            elif choice == "2":
                number = await self.ask("number", 8)
                print(f"{self.call.remote_uri} entered {number}", flush=True)
                if number:
                    await self.read_back(number)
            elif choice == "0" and self.operator:
                if await self.put_through():
                    return
                await self.say("wrong")
            elif choice == "9":
                break
            else:
                await self.say("wrong")
        await self.say("bye")


async def serve(endpoint: pyjsua.Endpoint, call: pyjsua.Call, options: argparse.Namespace) -> None:
    async with call:
        # Whoever hangs up in the middle of it is not asked any further.
        with contextlib.suppress(EOFError, pyjsua.StaleError, pyjsua.CallCancelled):
            await call.answer()
            await call.wait_media()
            await Menu(endpoint, call, options).run()


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        incoming = account.incoming()
        print(f"{account.uri} waits for calls", flush=True)
        async with asyncio.TaskGroup() as calls:
            async for call in incoming:
                calls.create_task(serve(endpoint, call, options))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("--prompts", type=Path, help="folder of WAV files")
    parser.add_argument("--operator", default="", help="who talks to those that press 0")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        pass
