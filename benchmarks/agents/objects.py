"""Answers every call through pyjsua's objects, in an asyncio loop, one task per call."""

from __future__ import annotations

import asyncio
import sys

from control import answer, arguments, ready

import pyjsua
from pyjsua import pjsua as pj


async def talk(call: pyjsua.Call) -> None:
    await call.answer()
    await call.wait_ended()


async def main() -> None:
    args = arguments()
    endpoint = pyjsua.Endpoint(
        transports=["udp"],
        port=args.port,
        bound_addr="127.0.0.1",
        ua_config=pj.Config(max_calls=args.max_calls, thread_cnt=1),
        media_config=pj.MediaConfig(clock_rate=16000, ec_tail_len=0),
    )
    async with endpoint:
        for codec in pj.enum_codecs():
            pj.codec_set_priority(codec.codec_id, 0)
        pj.codec_set_priority("PCMU/8000/1", 255)
        account = endpoint.add_account(
            f"sip:churn@127.0.0.1:{args.port}",
            rtp_cfg=pj.TransportConfig(port=args.rtp_port, bound_addr="127.0.0.1"),
        )
        tasks: set[asyncio.Task[None]] = set()

        async def answer_all() -> None:
            async for call in account.incoming():
                task = asyncio.create_task(talk(call))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        answering = asyncio.create_task(answer_all())
        await asyncio.sleep(0)
        ready()
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answer(line)
        answering.cancel()


asyncio.run(main())
