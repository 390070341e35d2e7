"""A telephone in a terminal, with the microphone and the speaker of this computer.

python softphone.py sip:1001@example.com PASSWORD
"""

from __future__ import annotations

import argparse
import asyncio
import os

import pyjsua

COMMANDS = "call 1002 | answer | hangup | hold | unhold | dtmf 42# | transfer 1003 | quit"


class Keyboard:
    """What is typed, line by line: read by the loop, since a thread that reads keeps Python from ending."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self._rest = b""
        asyncio.get_running_loop().add_reader(0, self._read)

    def _read(self) -> None:
        data = os.read(0, 4096)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.lines.put_nowait(line.decode(errors="replace"))
        if not data:
            asyncio.get_running_loop().remove_reader(0)
            self.lines.put_nowait("quit")


class Telephone:
    """One account, and one call at a time."""

    def __init__(self, endpoint: pyjsua.Endpoint, account: pyjsua.Account) -> None:
        self.sound = endpoint.sound
        self.account = account
        self.current: pyjsua.Call | None = None

    @property
    def call(self) -> pyjsua.Call:
        if self.current is None:
            raise ValueError("there is no call")
        return self.current

    def uri(self, whom: str) -> str:
        """A URI, or a number at our own server."""
        return whom if ":" in whom else f"sip:{whom}@{self.account.uri.partition('@')[2]}"

    async def comes(self, call: pyjsua.Call) -> None:
        if self.current is not None:
            await call.reject()
            return
        print(f"{call.remote_uri} calls", flush=True)
        await asyncio.gather(self.follow(call), call.ring())

    async def follow(self, call: pyjsua.Call) -> None:
        """Stays with a call until its end."""
        self.current = call
        # Wishes, which are granted whenever there is media: after a hold as well.
        self.sound.connect(call.audio)
        call.audio.connect(self.sound)
        async for event in call.events():
            print(f"{call.remote_uri}: {event.kind.value}", flush=True)
        assert call.end is not None
        print(f"{call.end.code} {call.end.reason}, {call.times.talking:.1f} s", flush=True)
        self.current = None

    async def dial(self, whom: str) -> None:
        if self.current is not None:
            raise ValueError("there is a call already")
        call = self.account.start_call(self.uri(whom))
        call.ring_back(self.sound)
        await self.follow(call)

    async def obey(self, line: str) -> None:
        """Does what was typed; what becomes of the call, `follow` tells."""
        try:
            match line.split():
                case ["call", whom]:
                    await self.dial(whom)
                case ["answer"]:
                    await self.call.answer()
                case ["hangup"]:
                    await self.call.hangup()
                case ["hold"]:
                    await self.call.hold()
                case ["unhold"]:
                    await self.call.unhold()
                case ["dtmf", digits]:
                    await self.call.send_dtmf(digits)
                case ["transfer", whom]:
                    await self.call.transfer(self.uri(whom))
                case _:
                    print(COMMANDS, flush=True)
        except (ValueError, TimeoutError, pyjsua.PjsuaError) as error:
            print(f"{type(error).__name__}: {error}", flush=True)


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        endpoint.sound.open()
        account = await endpoint.register(options.address, password=options.password)
        telephone = Telephone(endpoint, account)
        account.on_incoming(telephone.comes)
        keyboard = Keyboard()
        print(f"{account.uri} is registered\n{COMMANDS}", flush=True)
        # A task each: whoever waits for an answer may hang up meanwhile.
        async with asyncio.TaskGroup() as tasks:
            while (line := await keyboard.lines.get()).strip() != "quit":
                tasks.create_task(telephone.obey(line))
            if telephone.current is not None:
                await telephone.current.hangup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except (pyjsua.SipError, pyjsua.SoundDeviceError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
