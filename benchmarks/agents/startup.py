#!/usr/bin/env python3
"""How long a library takes from nothing to its first INVITE, and how much memory; nobody answers.

startup.py pyjsua|low-level|pjsua2|baresip

Prints JSON: `package_ms` (`import pyjsua`), `import_ms` (with what else a program imports), `ready_ms`
(running, with a UDP transport and an account), `invite_ms` (the INVITE is there), both from before the
endpoint was made; what of each was processor time, in all threads; resident memory and threads.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

figures: dict[str, float] = {}
began = 0.0
cpu_began = 0.0


def memory_and_threads(when: str) -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
    figures[f"{when}_rss_mb"] = int(status["VmRSS"][0]) / 1024
    figures[f"{when}_threads"] = int(status["Threads"][0])


def imported(package: str, load: Callable[[], object]) -> None:
    """`import package`, and what a program has to import besides."""
    memory_and_threads("python")
    wall, cpu = time.perf_counter(), time.process_time()
    importlib.import_module(package)
    figures["package_ms"] = (time.perf_counter() - wall) * 1000
    figures["package_cpu_ms"] = (time.process_time() - cpu) * 1000
    load()
    figures["import_ms"] = (time.perf_counter() - wall) * 1000
    figures["import_cpu_ms"] = (time.process_time() - cpu) * 1000
    memory_and_threads("import")


def start_clock() -> None:
    global began, cpu_began
    began, cpu_began = time.perf_counter(), time.process_time()


def ready() -> None:
    figures["ready_ms"] = (time.perf_counter() - began) * 1000
    figures["ready_cpu_ms"] = (time.process_time() - cpu_began) * 1000


def callee() -> tuple[socket.socket, str]:
    """Somebody who only listens, and his address."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(10)
    return sock, f"127.0.0.1:{sock.getsockname()[1]}"


def heard(data: bytes) -> None:
    figures["invite_ms"] = (time.perf_counter() - began) * 1000
    memory_and_threads("invite")
    assert data.startswith(b"INVITE "), data[:40]


async def invite_comes(sock: socket.socket) -> None:
    sock.setblocking(False)
    heard(await asyncio.get_running_loop().sock_recv(sock, 65535))


def pyjsua() -> None:
    def load() -> None:
        from pyjsua import Endpoint  # noqa: F401

    async def call() -> None:
        from pyjsua import Endpoint

        sock, address = callee()
        start_clock()
        async with Endpoint(transports=["udp"], bound_addr="127.0.0.1") as endpoint:
            account = endpoint.add_account("sip:alice@127.0.0.1")
            ready()
            dialling = asyncio.create_task(account.call(f"sip:bob@{address}"))
            await invite_comes(sock)
            finish(dialling)

    imported("pyjsua", load)
    asyncio.run(call())


def low_level() -> None:
    def load() -> None:
        import pyjsua.pjsua  # noqa: F401

    imported("pyjsua", load)
    from pyjsua import pjsua as pj

    sock, address = callee()
    start_clock()
    pj.create()
    pj.init(pj.Config(max_calls=32))
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(bound_addr="127.0.0.1"))
    pj.start()
    account = pj.acc_add(pj.AccConfig(id="sip:alice@127.0.0.1"))
    ready()
    pj.call_make_call(account, f"sip:bob@{address}")
    heard(sock.recv(65535))


def pjsua2() -> None:
    imported("pjsua2", lambda: None)
    import pjsua2 as pj  # type: ignore[import-not-found]

    sock, address = callee()
    start_clock()
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    account_config = pj.AccountConfig()
    account_config.idUri = "sip:alice@127.0.0.1"
    account = pj.Account()
    account.create(account_config)
    ready()
    call = pj.Call(account)
    call.makeCall(f"sip:bob@{address}", pj.CallOpParam(True))
    heard(sock.recv(65535))
    finish(call)  # whose end aborts the process while it has no id


def baresip() -> None:
    async def call() -> None:
        import baresip

        sock, address = callee()
        probe, own = callee()
        probe.close()
        start_clock()
        config = baresip.Config(net_interface="127.0.0.1", extra_config_text=f"sip_listen {own}\n")
        runtime = baresip.Runtime()
        await runtime.start(config)
        account = baresip.Account("alice", own, password="", reg_interval=0)
        agent = await baresip.UserAgent.create(runtime, account)
        ready()
        dialling = asyncio.create_task(agent.dial(f"sip:bob@{address}"))
        await invite_comes(sock)
        finish(dialling)

    imported("baresip", lambda: None)
    asyncio.run(call())


def finish(*_: object) -> None:
    """How each of them ends is not measured here."""
    print(json.dumps(figures), flush=True)
    os._exit(0)


if __name__ == "__main__":
    {"pyjsua": pyjsua, "low-level": low_level, "pjsua2": pjsua2, "baresip": baresip}[sys.argv[1]]()
    finish()
