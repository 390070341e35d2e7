"""Subscribers that come, refresh, fall silent and go, while their account and the library go too.

The arguments say how many lives of the library, and how many seconds each. Prints what happened, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import queue
import random
import socket
import sys
import threading
import time

from pyjsua import pjsua as pj

PACKAGES = ("x-a", "message-summary", "dialog", "x-b.c")
DECIDERS = 3


class Far:
    """Subscribers by hand: they answer NOTIFYs as they like, and send again in their dialogs."""

    def __init__(self, port: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.to = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.01)
        self.here = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.count = 0

    def subscribe(self, to: str, event: str, call_id: str, cseq: int) -> None:
        self.count += 1
        lines = [
            f"SUBSCRIBE sip:a@127.0.0.1:{self.to[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bK{self.count};rport",
            "Max-Forwards: 70",
            f"From: <sip:far@{self.here}>;tag=t-{call_id}",
            f"To: {to}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} SUBSCRIBE",
            f"Contact: <sip:far@{self.here}>",
            f"Event: {event};id={self.rng.randrange(3)}",
            f"Expires: {self.rng.choice((0, 1, 1, 2, 600, 4294967295))}",
            "Content-Length: 0",
        ]
        self.send(lines)

    def send(self, lines: list[str]) -> None:
        with contextlib.suppress(OSError):
            self.socket.sendto("\r\n".join([*lines, "", ""]).encode(), self.to)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                data = self.socket.recv(65536)
            except OSError:
                # Nobody there, or time is over: somebody new.
                event = self.rng.choice((*PACKAGES, "x-none"))
                self.subscribe(
                    f"<sip:a@127.0.0.1:{self.to[1]}>", event, f"{self.to[1]}-{id(self)}-{self.count}", 1
                )
                continue
            head = data.decode("utf-8", "replace").partition("\r\n\r\n")[0]
            if head.startswith("NOTIFY"):
                self.answer(head)
        self.socket.close()

    def answer(self, head: str) -> None:
        fields = dict(line.partition(": ")[::2] for line in head.split("\r\n")[1:])
        if (choice := self.rng.random()) < 0.1:
            return
        status = self.rng.choice((481, 500, 401, 100, 302)) if choice < 0.3 else 200
        lines = [
            f"SIP/2.0 {status} So",
            *(f"{name}: {fields[name]}" for name in ("Via", "From", "To", "Call-ID", "CSeq")),
        ]
        if choice < 0.15:
            lines.append("Retry-After: 1")
        if status == 401:
            lines.append(f'WWW-Authenticate: Digest realm="r", nonce="{self.count}"')
        self.send([*lines, "Content-Length: 0"])
        if self.rng.random() < 0.3:
            event = self.rng.choice((fields["Event"].partition(";")[0], "x-none"))
            self.subscribe(fields["From"], event, fields["Call-ID"], self.count + 2)


class Storm:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.asked: queue.Queue[pj.OnSubscribe] = queue.Queue()
        self.stop = threading.Event()
        self.live: list[pj.SubscriberId] = []
        self.counts = dict.fromkeys(("asked", "accepted", "told", "refreshed", "answered", "ended"), 0)

    def on_subscribe(self, event: pj.OnSubscribe) -> None:
        self.counts["asked"] += 1
        self.asked.put(event)

    def on_subscriber_refresh(self, event: pj.OnSubscriberRefresh) -> None:
        self.counts["refreshed"] += 1

    def on_subscriber_state(self, event: pj.OnSubscriberState) -> None:
        self.counts["ended"] += event.state is pj.EvsubState.TERMINATED

    def on_notify_status(self, event: pj.OnNotifyStatus) -> None:
        self.counts["answered"] += 1

    def decide(self, seed: int) -> None:
        rng = random.Random(seed)
        while not self.stop.is_set():
            try:
                event = self.asked.get(timeout=0.01)
            except queue.Empty:
                event = None
            with contextlib.suppress(pj.PjsuaError):
                if event is not None and (choice := rng.random()) < 0.9:
                    code = rng.choice((200, 202)) if choice < 0.8 else 403
                    data = pj.MsgData(hdr_list=[("X-Why", "x" * rng.randrange(1, 500))])
                    found = pj.subscribe_respond(event.request, code, None, data)
                    if found is not None:
                        self.counts["accepted"] += 1
                        self.live.append(found)
                for one in self.live[-rng.randrange(1, 8) :]:
                    self.notify(rng, one)

    def notify(self, rng: random.Random, one: pj.SubscriberId) -> None:
        data = pj.MsgData(content_type="text/plain", msg_body="x" * rng.randrange(1200))
        state = rng.choice((pj.EvsubState.ACTIVE,) * 6 + (pj.EvsubState.PENDING, pj.EvsubState.TERMINATED))
        with contextlib.suppress(pj.PjsuaError):
            pj.subscriber_notify(one, state, msg_data=data)
            self.counts["told"] += 1


def life(seed: int, seconds: float) -> dict[str, int]:
    storm = Storm(seed)
    config = pj.Config(max_calls=4, policy=pj.Policy(later_ms=100))
    for name in vars(Storm):
        if name.startswith("on_"):
            setattr(config.cb, name, getattr(storm, name))
    pj.create()
    pj.init(config)
    # Silence is noticed while the storm lasts.
    pj.set_cfg(pj.Cfg(t1=10, t2=40, t4=50, td=300))
    local = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    transport = pj.transport_create(pj.TransportType.UDP, local)
    pj.start()
    port = pj.transport_get_info(transport).local_name.port
    far = [Far(port, seed + i) for i in range(2)]
    threads = [threading.Thread(target=storm.decide, args=(seed + i,)) for i in range(DECIDERS)]
    threads += [threading.Thread(target=one.run, args=(storm.stop,)) for one in far]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        account = pj.acc_add(
            pj.AccConfig(
                id=f"sip:a@127.0.0.1:{port}",
                rtp_cfg=local,
                cred_info=[pj.CredInfo(realm="*", username="a", data="secret")],
            )
        )
        for event in PACKAGES:
            pj.acc_register_pkg(account, event, resend=storm.rng.random() < 0.7)
        time.sleep(storm.rng.random() * 0.6)
        with contextlib.suppress(pj.PjsuaError):
            pj.acc_unregister_pkg(account, "x-a")
        pj.acc_del(account)
        del storm.live[:-50]
    # In the middle of it all.
    account = pj.acc_add(pj.AccConfig(id=f"sip:a@127.0.0.1:{port}", rtp_cfg=local))
    for event in PACKAGES:
        pj.acc_register_pkg(account, event)
    time.sleep(0.1)
    pj.destroy(storm.rng.choice((0, 0, pj.DestroyFlag.NO_TX_MSG)), 0.5)
    storm.stop.set()
    for thread in threads:
        thread.join()
    return storm.counts


def main(lives: int, seconds: float) -> None:
    total: dict[str, int] = {}
    for seed in range(lives):
        for name, count in life(seed, seconds).items():
            total[name] = total.get(name, 0) + count
    print(json.dumps(total))


main(int(sys.argv[1]), float(sys.argv[2]))
