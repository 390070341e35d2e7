"""Keep-alive as the registrar wants it (RFC 5626)."""

from __future__ import annotations

import socket
import time

from pjsua.phone import Phone


def test_a_registrar_cannot_make_us_send_without_a_pause(phone: Phone) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as registrar:
        registrar.bind(("127.0.0.1", 0))
        registrar.settimeout(15)
        phone.account(
            "alice",
            reg_uri=f"sip:127.0.0.1:{registrar.getsockname()[1]}",
            ka_data="still here",
            ka_interval=0,
        )
        request, source = registrar.recvfrom(4000)
        start = time.monotonic()
        kept = ("via:", "from:", "to:", "call-id:", "cseq:", "contact:")
        lines = [line for line in request.decode().split("\r\n") if line.lower().startswith(kept)]
        answer = ["SIP/2.0 200 OK", *lines, "Expires: 300", "Flow-Timer: 1", "Content-Length: 0", "", ""]
        registrar.sendto("\r\n".join(answer).encode(), source)
        came = [registrar.recv(4000) for _ in range(2)]
        assert came == [b"still here"] * 2
        # A machine that stands still lets less through, never more.
        assert time.monotonic() - start > 1.9
