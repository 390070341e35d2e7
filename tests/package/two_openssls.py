"""A call by SIPS and SRTP in a process whose Python serves and fetches by TLS meanwhile; needs only pyjsua.

Argument: a folder with ca.crt, and phone.crt and phone.key for 127.0.0.1. Every side proves who it is and
has the others prove it. Prints one JSON object, of what was used and how often.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import re
import ssl
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyjsua
from pyjsua import pjsua as pj

E = TypeVar("E", bound=pj.Event)

HOST = "127.0.0.1"
BODY = os.urandom(200_000)
LEAST = 20
"""Fetches while the call is up; some of each thread are begun before it, and some end after."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Web:
    """Python's side: a server, and threads that fetch from it, a connection each time, until `stop`."""

    def __init__(self, folder: Path) -> None:
        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.server.socket = self._context(folder, ssl.Purpose.CLIENT_AUTH).wrap_socket(
            self.server.socket, server_side=True
        )
        self.client = self._context(folder, ssl.Purpose.SERVER_AUTH)
        self.fetched = 0
        self.failed: list[BaseException] = []
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._serving = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._fetching = [threading.Thread(target=self._fetch) for _ in range(3)]
        for thread in (self._serving, *self._fetching):
            thread.start()

    def _context(self, folder: Path, purpose: ssl.Purpose) -> ssl.SSLContext:
        context = ssl.create_default_context(purpose, cafile=str(folder / "ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(folder / "phone.crt", folder / "phone.key")
        return context

    def _fetch(self) -> None:
        url = f"https://{HOST}:{self.server.server_port}/"
        wanted = hashlib.sha256(BODY).digest()
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.client)
        )
        while not self._stopping.is_set():
            try:
                with opener.open(url, timeout=20) as answer:
                    assert hashlib.sha256(answer.read()).digest() == wanted
            except BaseException as error:
                self.failed.append(error)
                self._stopping.set()
            with self._changed:
                self.fetched += 1
                self._changed.notify_all()

    def wait_more(self, count: int) -> None:
        with self._changed:
            wanted = self.fetched + count
            assert self._changed.wait_for(lambda: self.failed or self.fetched >= wanted, 60)
        if self.failed:
            raise self.failed[0]

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._fetching:
            thread.join()
        self.server.shutdown()
        self._serving.join()
        self.server.server_close()


class Events:
    """What PJSIP told, in order; a wait begins where the last one ended."""

    def __init__(self) -> None:
        self.kept: list[pj.Event] = []

    def wait(self, kind: type[E], wanted: Callable[[E], object] = lambda event: True) -> E:
        for event in pj.events(timeout=20):
            self.kept.append(event)
            if isinstance(event, kind) and wanted(event):
                return event
        raise AssertionError(f"no {kind.__name__} among {[type(event).__name__ for event in self.kept]}")


def call(folder: Path, web: Web) -> dict[str, Any]:
    tls = pj.TlsSetting(
        ca_list_file=str(folder / "ca.crt"),
        cert_file=str(folder / "phone.crt"),
        privkey_file=str(folder / "phone.key"),
        verify_server=True,
        verify_client=True,
        require_client_cert=True,
    )
    via = pj.transport_create(
        pj.TransportType.TLS, pj.TransportConfig(port=0, bound_addr=HOST, tls_setting=tls)
    )
    pj.start()
    port = pj.transport_get_info(via).local_name.port
    accounts = {
        user: pj.acc_add(
            pj.AccConfig(
                id=f"sips:{user}@{HOST}:{port}", transport_id=via, use_srtp=pj.SrtpUse.MANDATORY,
                srtp_secure_signaling=2, rtp_cfg=pj.TransportConfig(port=0, bound_addr=HOST),
            )
        )
        for user in ("alice", "bob")
    }  # fmt: skip
    events = Events()
    out = pj.call_make_call(accounts["alice"], f"sips:bob@{HOST}:{port}")
    connected = events.wait(
        pj.OnTransportState,
        lambda event: event.state is pj.TransportState.CONNECTED and event.remote_port == port,
    )
    into = events.wait(pj.OnIncomingCall).call_id
    pj.call_answer(into, 200)
    events.wait(pj.OnCallState, lambda event: event.info.state is pj.InvState.CONFIRMED)
    # Packets that were encrypted on one side and understood on the other.
    web.wait_more(LEAST)
    streams = {one: pj.call_get_stream_stat(one, 0) for one in (out, into)}
    srtp = pj.call_get_med_transport_info(out).srtp
    assert srtp.active
    for one in streams.values():
        assert one.rtcp.rx.pkt > 0
    pj.call_hangup(out)
    events.wait(
        pj.OnCallState,
        lambda event: event.call_id == into and event.info.state is pj.InvState.DISCONNECTED,
    )
    assert connected.tls.established
    assert connected.tls.verify_status == 0
    return {"transport": connected.tls.cipher, "srtp": srtp.rx_policy.name}


def libraries(name: str) -> list[str]:
    """The files of that library in this process."""
    maps = Path("/proc/self/maps").read_text()
    return sorted(set(re.findall(rf"/\S*/{name}[-.\w]*\.so\S*", maps)))


def main(folder: Path) -> None:
    web = Web(folder)
    try:
        web.wait_more(1)
        pj.create()
        pj.init()
        try:
            used = call(folder, web)
        finally:
            pj.destroy()
        web.wait_more(1)
    finally:
        web.stop()
    versions = pyjsua.build_info()["versions"]
    found = {"fetched": web.fetched, "python": ssl.OPENSSL_VERSION, "pyjsua": versions["openssl"]}
    print(json.dumps({**found, **used, "libcrypto": libraries("libcrypto"), "libssl": libraries("libssl")}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
