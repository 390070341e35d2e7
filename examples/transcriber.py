"""Answers every call and sends what is said to a transcriber's WebSocket; prints what comes back.

pip install websockets
python transcriber.py sip:1002@example.com PASSWORD ws://127.0.0.1:8765/

A call is one connection: a text message {"event": "start", "call_id": ..., "from": ..., "rate": 16000}, then
binary messages of 100 ms of s16le mono, then {"event": "stop", "lost_ms": ...}, upon which the other closes
once it has said all. Its text messages, such as {"text": "hello"}, are printed. A connection that breaks is
made anew, and what was said meanwhile, up to half a minute of it, is sent then; what is older is lost, and
counted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

import pyjsua

RATE = 16000
PIECE = RATE // 10 * 2
"""Bytes of 100 ms."""

RETRIES = 0.5, 1.0, 2.0, 4.0
"""Seconds between attempts to connect, the last for all that follow."""


LAST_WORDS = 10.0
"""Seconds a transcriber may take to finish."""


async def listen(socket: ClientConnection, call: pyjsua.Call) -> None:
    async for message in socket:
        if isinstance(message, str):
            print(f"{call.remote_uri}: {message}", flush=True)


async def feed(socket: ClientConnection, call: pyjsua.Call, stream: pyjsua.AudioStream) -> None:
    """Sends until the call ends; the stream keeps what a slow connection does not take."""
    start: dict[str, Any] = {"event": "start", "call_id": call.sip_call_id, "from": call.remote_uri}
    await socket.send(json.dumps({**start, "rate": stream.clock_rate}))
    with contextlib.suppress(pyjsua.StaleError):
        while True:
            await socket.send(await stream.read(PIECE))
    lost = stream.stats().lost * 1000 / stream.clock_rate
    await socket.send(json.dumps({"event": "stop", "lost_ms": round(lost)}))


async def transcribe(call: pyjsua.Call, url: str) -> None:
    stream = call.audio.open(RATE, read_behind=30.0)
    for attempt in range(1_000_000):
        try:
            async with connect(url) as socket:
                listening = asyncio.create_task(listen(socket, call))
                try:
                    await feed(socket, call, stream)
                    # The last words come back after the last sample.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(listening, LAST_WORDS)
                    return
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
        except (OSError, websockets.WebSocketException) as error:
            print(f"{call.remote_uri}: {error or type(error).__name__}", flush=True)
        if call.ended:
            return
        await asyncio.sleep(RETRIES[min(attempt, len(RETRIES) - 1)])


async def serve(call: pyjsua.Call, url: str) -> None:
    async with call:
        with contextlib.suppress(pyjsua.CallCancelled):
            await call.answer()
            await transcribe(call, url)


async def main(options: argparse.Namespace) -> None:
    async with pyjsua.Endpoint(bound_addr=options.bind) as endpoint:
        account = await endpoint.register(options.address, password=options.password)
        incoming = account.incoming()
        print(f"{account.uri} waits for calls", flush=True)
        async with asyncio.TaskGroup() as calls:
            async for call in incoming:
                calls.create_task(serve(call, options.url))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="who we are: sip:user@domain")
    parser.add_argument("password")
    parser.add_argument("url", help="ws:// or wss:// of the transcriber")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    try:
        asyncio.run(main(parser.parse_args()))
    except pyjsua.SipError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    except KeyboardInterrupt:
        pass
