"""Calls with headers on everything, re-INVITEs and their stream info, while threads change the headers.

The argument says how many calls. Prints what became of them, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time

from pyjsua import pjsua as pj

LIMIT = 60.0
KINDS = ("*", "INVITE", "200 BYE", "2xx *", "ACK", "* CANCEL")


class Storm:
    """Both ends of every call are here; half are answered and agree on media again, half are cancelled."""

    def __init__(self) -> None:
        self.over = threading.Semaphore(0)
        self.stop = threading.Event()
        self.sent = self.with_reason = self.looked = 0
        self.answer = True

    def on_incoming_call(self, event: pj.OnIncomingCall) -> None:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_set_headers(event.call_id, "*", [("X-In", "1" * 500)])
            pj.call_answer(event.call_id, 180, None, pj.MsgData(hdr_list=[("X-Ring", "1")]))
            if self.answer:
                pj.call_answer(event.call_id, 200, None, pj.MsgData(hdr_list=[("X-Answer", "1")]))

    def on_call_state(self, event: pj.OnCallState) -> None:
        if event.info.role is not pj.Role.UAC:
            return
        with contextlib.suppress(pj.PjsuaError):
            if event.info.state is pj.InvState.EARLY and not self.answer:
                pj.call_hangup(event.call_id, msg_data=pj.MsgData(hdr_list=[("Reason", "SIP;cause=487")]))
            elif event.info.state is pj.InvState.CONFIRMED:
                pj.call_set_headers(event.call_id, "BYE", [("X-Bye", "2")])
                pj.call_reinvite(event.call_id)
        if event.info.state is pj.InvState.DISCONNECTED:
            self.over.release()

    def on_call_media_state(self, event: pj.OnCallMediaState) -> None:
        with contextlib.suppress(pj.PjsuaError):
            pj.call_get_stream_info(event.call_id)
            self.looked += 1

    def on_call_tsx_state(self, event: pj.OnCallTsxState) -> None:
        """Hangs up when the re-INVITE was answered."""
        message = event.message
        if message is None or message.sent or message.status_code != 200 or event.method != "INVITE":
            return
        with contextlib.suppress(pj.PjsuaError):
            pj.call_get_stream_info(event.call_id)
            if pj.call_get_info(event.call_id).state is pj.InvState.CONFIRMED:
                pj.call_hangup(event.call_id, msg_data=pj.MsgData(hdr_list=[("Reason", "SIP;cause=200")]))

    def on_sip_message(self, event: pj.OnSipMessage) -> None:
        assert event.message is not None
        self.sent += event.message.sent
        if event.message.method in ("BYE", "CANCEL") and event.message.is_request and not event.message.sent:
            self.with_reason += event.message.header_values("Reason") != ()

    def change(self, account: pj.AccId) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            headers = [("X-Account", str(count) * 20)] if count % 7 else []
            pj.acc_set_headers(account, KINDS[count % len(KINDS)], headers)
            time.sleep(0.001)


def main(calls: int) -> None:
    storm = Storm()
    config = pj.Config(max_calls=16)
    for name in vars(Storm):
        if name.startswith("on_"):
            setattr(config.cb, name, getattr(storm, name))
    pj.create()
    pj.init(config)
    local = pj.TransportConfig(port=0, bound_addr="127.0.0.1")
    transport = pj.transport_create(pj.TransportType.UDP, local)
    pj.start()
    uri = f"sip:a@127.0.0.1:{pj.transport_get_info(transport).local_name.port}"
    account = pj.acc_add(pj.AccConfig(id=uri, rtp_cfg=local))
    threads = [threading.Thread(target=storm.change, args=(account,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    over = 0
    for count in range(calls):
        storm.answer = count % 2 == 0
        pj.call_make_call(account, uri, None, pj.MsgData(hdr_list=[("X-Number", str(count))]))
        over += storm.over.acquire(timeout=LIMIT / 2)
    deadline = time.monotonic() + LIMIT / 2
    while pj.call_get_count() and time.monotonic() < deadline:
        time.sleep(0.05)
    left = pj.call_get_count()
    storm.stop.set()
    for thread in threads:
        thread.join()
    pj.destroy()
    print(json.dumps({"over": over, "left": left, "reasons": storm.with_reason, "looked": storm.looked}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
