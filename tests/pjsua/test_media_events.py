"""What PJMEDIA tells of a call's media line."""

from __future__ import annotations

import socket
import struct

from pjsua.phone import Phone
from pyjsua import pjsua as pj


def test_feedback_comes_in(phone: Phone) -> None:
    """A generic NACK (RFC 4585) to the call's RTCP socket."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    feedback = pj.RtcpFbSetting(
        dont_use_avpf=False, caps=[pj.RtcpFbCap(codec_id="*", type=pj.RtcpFbType.NACK)]
    )
    alice = phone.account("alice", rtcp_fb_cfg=feedback)
    phone.account("bob", rtcp_fb_cfg=feedback)
    call = pj.call_make_call(alice, phone.uri("bob"))
    phone.wait_media(call)
    where = pj.call_get_med_transport_info(call, 0).rtcp_addr_name
    host, _, port = where.rpartition(":")
    lost, further = 4711, 0b101
    nack = struct.pack("!BBHIIHH", 0x81, 205, 3, 1, 2, lost, further)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.sendto(nack, (host, int(port)))
    event = phone.wait(pj.OnCallMediaEvent)
    assert (event.call_id, event.med_idx) == (call, 0)
    assert event.event.type is pj.MediaEventType.RX_RTCP_FB
    told = event.event.rx_rtcp_fb
    assert (told.type, told.pid, told.blp) == (pj.RtcpFbType.NACK, lost, further)
    pj.call_hangup(call)
