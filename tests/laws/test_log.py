"""PJSIP's log and the SIP trace go to `logging`, whole, and passwords to neither."""

from __future__ import annotations

import logging
import re
import socket

import pytest

from laws import phone
from pyjsua import pjsua as pj
from pyjsua.testing import SipServer

PASSWORD = "Tr0ub4dor-secret"
LONG = "x" * 6000


def make_call(server: SipServer | None = None) -> phone.Events:
    """One call, its INVITE far longer than PJSIP's log takes, after a registration if there is a server."""
    events = phone.Events()
    with phone.phone(phone.auto_answer(events)) as line:
        account = line.accounts[0]
        if server is not None:
            config = phone.account("1001", line.port, reg_uri=server.uri)
            config.id = server.aor("1001")
            config.cred_info = [pj.CredInfo(realm="*", username="1001", data=PASSWORD)]
            account = pj.acc_add(config)
            assert events.wait_for(pj.OnRegState2).info.code == 200
        transport = pj.transport_create(
            pj.TransportType.TCP, pj.TransportConfig(port=0, bound_addr="127.0.0.1")
        )
        port = pj.transport_get_info(transport).local_name.port
        call = pj.call_make_call(
            account,
            f"sip:bob@127.0.0.1:{port};transport=tcp",
            msg_data=pj.MsgData(hdr_list=[("X-Long", LONG)]),
        )
        events.wait_state(call, pj.InvState.CONFIRMED)
        pj.call_hangup(call)
        events.wait_state(call, pj.InvState.DISCONNECTED)
    return events


def test_pjsip_log_reaches_logging(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "pyjsua.pjsip"):
        make_call()
    records = [record for record in caplog.records if record.name == "pyjsua.pjsip"]
    assert {"pjsua_core.c", "pjsua_call.c"} <= {record.__dict__["pj_sender"] for record in records}
    assert any("Making call" in record.getMessage() for record in records)
    assert {logging.INFO, logging.DEBUG} <= {record.levelno for record in records}


def test_log_level_is_the_loggers(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "pyjsua.pjsip"):
        make_call()
        assert pj.queue_stats()["depth"] == 0
    assert all(record.levelno >= logging.WARNING for record in caplog.records)


def test_trace_has_whole_messages(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "pyjsua.sip"):
        events = make_call()
    records = [record for record in caplog.records if record.name == "pyjsua.sip"]
    invites = [record for record in records if "\nINVITE sip:" in record.getMessage()]
    # Seen as it left and as it came in, to its last byte.
    assert {record.__dict__["sip_sent"] for record in invites} == {True, False}
    for record in invites:
        text = record.getMessage()
        assert LONG in text
        head, _, body = record.__dict__["sip_message"].raw.partition(b"\r\n\r\n")
        (length,) = re.findall(rb"(?im)^Content-Length:\s*(\d+)", head)
        assert len(body) == int(length)
        assert body.decode() in text
    (incoming,) = events.of(pj.OnIncomingCall)
    assert {record.__dict__["sip_call_id"] for record in invites} == {incoming.info.call_id}
    methods = {record.__dict__["sip_message"].raw.split(b" ", 1)[0] for record in records}
    assert {b"INVITE", b"ACK", b"BYE", b"SIP/2.0"} <= methods


def test_no_trace_unless_wanted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pyjsua"):
        make_call()
    assert [record for record in caplog.records if record.name == "pyjsua.sip"] == []


@pytest.mark.sip_server(users={"1001": PASSWORD})
def test_no_password_in_either(sip_server: SipServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(1, "pyjsua"):
        make_call(sip_server)
    assert len(caplog.records) > 100
    assert PASSWORD not in caplog.text
    answers = [
        answer
        for message in sip_server.trace
        for answer in re.findall(r'(?im)^Authorization:.*?\bresponse="([^"]+)"', message.raw.decode())
    ]
    # The digest on the wire is what a password can be guessed from.
    assert answers
    for answer in answers:
        assert answer not in caplog.text


@pytest.mark.parametrize(
    "header",
    [
        'Authorization: Digest username="a", response="{0}", uri="sip:b"',
        'proxy-authorization : Digest username="a",\r\n response = "{0}"',
        'Authorization: Digest username="a",\r\n\tnonce="n",\r\n response="{0}"',
    ],
    ids=["one line", "folded", "folded twice"],
)
def test_a_digest_answer_that_came_in_is_not_told(header: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = "6629fae49393a05397450978507c4ef1"
    request = (
        "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{0};branch=z9hG4bKlog;rport\r\n"
        "From: <sip:b@127.0.0.1>;tag=1\r\nTo: <sip:a@127.0.0.1>\r\nCall-ID: secret\r\nCSeq: 1 OPTIONS\r\n"
        f"{header.format(answer)}\r\nX-Behind: here\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    with (
        caplog.at_level(logging.DEBUG, "pyjsua.sip"),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        phone.phone(phone.auto_answer(phone.Events())) as line,
    ):
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(10)
        udp.sendto(request.replace("{0}", str(udp.getsockname()[1])).encode(), ("127.0.0.1", line.port))
        assert udp.recv(65535).startswith(b"SIP/2.0 200")
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "X-Behind: here" in told
    assert answer not in told
