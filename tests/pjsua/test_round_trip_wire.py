"""Settings that cannot be read back are seen in what is sent."""

from __future__ import annotations

import socket
import struct

import pytest

from pjsua.phone import Phone
from pyjsua import pjsua as pj


def invite(
    phone: Phone,
    *,
    account: dict[str, object] | None = None,
    opt: pj.CallSetting | None = None,
    msg_data: pj.MsgData | None = None,
) -> pj.Message:
    """The INVITE of a call from an account with these settings, as it left."""
    caller = phone.account("caller", **(account or {}))
    phone.account("callee")
    call = pj.call_make_call(caller, phone.uri("callee"), opt, msg_data)
    message = phone.wait(pj.OnCallTsxState, lambda event: event.state is pj.TsxState.CALLING).message
    pj.call_hangup_all()
    phone.wait_end(call)
    assert message is not None
    return message


def test_a_body_in_parts(phone: Phone) -> None:
    parts = [
        pj.MultipartPart(
            hdr=[("Content-ID", "<one@127.0.0.1>"), ("X-More", "yes")],
            content_type="application/x-one;version=2",
            data=b"one\r\n--not the boundary\r\n\xc3\xa4",
        ),
        pj.MultipartPart(content_type="text/plain", data=b"two"),
    ]
    message = invite(phone, msg_data=pj.MsgData(multipart_ctype="multipart/mixed", multipart_parts=parts))
    assert message.header("Content-Type").startswith("multipart/mixed;boundary=")
    boundary = message.header("Content-Type").partition("boundary=")[2].strip('"')
    one, two, sdp = message.body.split(f"--{boundary}\r\n")[1:]
    assert "Content-Type: application/sdp\r\n" in sdp
    assert "\r\n\r\nv=0\r\n" in sdp
    assert "Content-ID: <one@127.0.0.1>\r\nX-More: yes\r\n" in one
    assert "Content-Type: application/x-one;version=2\r\n" in one
    assert one.endswith("\r\n\r\none\r\n--not the boundary\r\nä\r\n")
    assert "Content-Type: text/plain\r\n" in two
    assert two.endswith("\r\n\r\ntwo\r\n")


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80"])
def test_srtp_suites(phone: Phone, suite: str) -> None:
    message = invite(
        phone,
        account={
            "use_srtp": pj.SrtpUse.MANDATORY,
            "srtp_secure_signaling": 0,
            "srtp_opt": pj.SrtpOpt(crypto=[pj.SrtpCrypto(name=suite)], keying=[pj.SrtpKeyingMethod.SDES]),
        },
    )
    assert "RTP/SAVP" in message.body
    assert [line.split()[1] for line in message.body.splitlines() if line.startswith("a=crypto:")] == [suite]


def test_range_of_rtp_ports(phone: Phone) -> None:
    rtp = pj.TransportConfig(bound_addr="127.0.0.1", port=42000, port_range=100, randomize_port=True)
    message = invite(phone, account={"rtp_cfg": rtp})
    (line,) = [line for line in message.body.splitlines() if line.startswith("m=audio ")]
    assert 42000 <= int(line.split()[1]) <= 42100


def test_address_announced_for_media(phone: Phone) -> None:
    rtp = pj.TransportConfig(bound_addr="127.0.0.1", port=0, public_addr="192.0.2.7")
    assert "c=IN IP4 192.0.2.7\r\n" in invite(phone, account={"rtp_cfg": rtp}).body


def test_reliable_provisional_responses_and_timers(phone: Phone) -> None:
    message = invite(
        phone,
        account={
            "require_100rel": pj.Rel100Use.MANDATORY,
            "use_timer": pj.SipTimerUse.ALWAYS,
            "timer_setting": pj.TimerSetting(min_se=100, sess_expires=2000),
        },
    )
    assert "100rel" in message.header("Require")
    assert message.header("Session-Expires").startswith("2000")
    assert message.header("Min-SE") == "100"


def test_contact_and_route(phone: Phone) -> None:
    message = invite(
        phone,
        account={
            "contact_params": ";x-header=1",
            "contact_uri_params": ";x-uri=2",
            "proxy": [f"sip:127.0.0.1:{phone.port};lr;x-proxy"],
        },
    )
    contact = message.header("Contact")
    assert contact.endswith(">;x-header=1")
    assert ";x-uri=2" in contact.partition(">")[0]
    assert message.header("Route") == f"<sip:127.0.0.1:{phone.port};lr;x-proxy>"


def test_direction_of_media(phone: Phone) -> None:
    opt = pj.CallSetting(flag=pj.CallFlag.SET_MEDIA_DIR, media_dir=[pj.MediaDir.ENCODING])
    assert "a=sendonly\r\n" in invite(phone, opt=opt).body


def test_feedback(phone: Phone) -> None:
    feedback = pj.RtcpFbSetting(
        dont_use_avpf=False, caps=[pj.RtcpFbCap(codec_id="*", type=pj.RtcpFbType.NACK, param="pli")]
    )
    message = invite(phone, account={"rtcp_fb_cfg": feedback})
    assert "RTP/AVPF" in message.body
    assert "a=rtcp-fb:* nack pli\r\n" in message.body


def test_socket_options_outlive_the_call_that_gave_them(phone: Phone) -> None:
    """pjsua keeps an account's pointers to them, and sets them for each call."""
    option = pj.Sockopt(level=socket.SOL_SOCKET, optname=socket.SO_RCVBUF, optval=struct.pack("i", 65536))
    rtp = pj.TransportConfig(
        bound_addr="127.0.0.1", port=0, sockopt_params=pj.SockoptParams(options=[option, option])
    )
    assert "m=audio" in invite(phone, account={"rtp_cfg": rtp}).body


def test_tls_of_a_transport(phone: Phone) -> None:
    setting = pj.TlsSetting(
        proto=pj.SslSockProto.TLS1_2,
        ciphers=[pj.SslCipher.ECDHE_RSA_WITH_AES_128_GCM_SHA256],
        curves=[pj.SslCurve.SECP256R1],
    )
    tls = pj.transport_create(
        pj.TransportType.TLS, pj.TransportConfig(bound_addr="127.0.0.1", tls_setting=setting)
    )
    assert pj.transport_get_info(tls).type is pj.TransportType.TLS
