"""Stream info against what the SDP said, figures, and what carries a media line: RTP, SRTP, ICE."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peers.baresip import Baresip
from peers.message import select
from peers.rtp import RtpWatcher
from peers.sipp import Sipp
from pjsua.phone import Phone, record, until
from pyjsua import pjsua as pj
from pyjsua.cli.melody import Melody, listen


def connect(phone: Phone, **fields: Any) -> tuple[pj.CallId, pj.CallId]:
    """A call between two new accounts with these fields, its media running."""
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    caller = phone.account("a", **fields)
    phone.account("b", **fields)
    call = pj.call_make_call(caller, phone.uri("b"))
    other = phone.wait_incoming().call_id
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
        phone.wait_media(one)
    return call, other


def offer_and_answer(phone: Phone, call: pj.CallId) -> tuple[pj.Sdp, pj.Sdp]:
    offer = phone.wait_incoming().message
    answer = phone.wait(
        pj.OnCallTsxState,
        lambda event: event.call_id == call and event.method == "INVITE" and event.status_code == 200,
    ).message
    assert offer is not None
    assert answer is not None
    assert offer.sdp is not None
    assert answer.sdp is not None
    assert str(offer.sdp) == offer.body
    return offer.sdp, answer.sdp


def test_stream_info_is_what_the_sdp_said(phone: Phone) -> None:
    call, other = connect(phone)
    (ours,), (theirs,) = (sdp.media for sdp in offer_and_answer(phone, call))
    info, there = pj.call_get_stream_info(call), pj.call_get_stream_info(other)
    codec = theirs.rtpmap[theirs.formats[0]].split("/")
    assert (info.type, info.proto) == (pj.MediaType.AUDIO, pj.TpProto.RTP_AVP)
    assert info.dir is pj.MediaDir.ENCODING_DECODING
    assert [info.fmt.encoding_name, str(info.fmt.clock_rate)] == codec[:2]
    assert str(info.tx_pt) == str(info.rx_pt) == theirs.formats[0]
    assert info.local_addr == f"{ours.connection}:{ours.port}" == there.rem_addr
    assert info.rem_addr == f"{theirs.connection}:{theirs.port}" == there.local_addr
    assert info.rem_rtcp == f"{theirs.connection}:{theirs.port + 1}"
    ssrc, _, cname = (ours.attribute("ssrc") or "").partition(" ")
    assert (str(info.ssrc), f"cname:{info.cname}") == (ssrc, cname)
    assert (there.has_rem_ssrc, there.rem_ssrc, there.rem_cname) == (True, info.ssrc, info.cname)
    events = {pt for pt, name in theirs.rtpmap.items() if name == f"telephone-event/{info.fmt.clock_rate}"}
    assert {str(info.tx_event_pt)} == events
    assert info.has_param
    assert info.param.info.clock_rate == info.fmt.clock_rate
    assert not info.rtcp_mux
    with pytest.raises(pj.PjsuaError, match=rf"call_id {int(call)}"):
        pj.call_get_stream_info(call, 1)
    with pytest.raises(pj.PjsuaError, match=rf"call_id {int(call)}"):
        pj.call_get_med_transport_info(call, 2**32 - 1)


def test_stream_info_outlives_the_sdp_it_came_from(phone: Phone) -> None:
    """A re-INVITE that changes nothing leaves the stream, but not the session description it came of."""
    call, other = connect(phone)
    before = [pj.call_get_stream_info(one) for one in (call, other)]
    for n in range(2, 6):
        pj.call_reinvite(call)
        for one in (call, other):
            phone.wait_media(one, count=n)
    after = [pj.call_get_stream_info(one) for one in (call, other)]
    assert after[0].rem_cname
    assert [info.rem_cname for info in after] == [info.rem_cname for info in before]


def test_payload_types_of_each_way(
    phone: Phone, sipp: Callable[..., Sipp], rtp_watcher: Callable[..., RtpWatcher]
) -> None:
    """SIPp's answer has its own number for telephone events; what is sent carries that number."""
    watcher = rtp_watcher()
    uas = sipp("uas_answer", rtp_port=watcher.port)
    call = pj.call_make_call(phone.account("a"), uas.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    phone.wait_media(call)
    info = pj.call_get_stream_info(call)
    assert (info.tx_pt, info.tx_event_pt, info.fmt.encoding_name) == (0, 101, "PCMU")
    assert info.rem_addr == f"127.0.0.1:{watcher.port}"
    pj.call_hangup(call)
    (invite,) = select(uas.wait().messages, direction="received", method="INVITE")
    rtpmap = pj.Sdp(invite.body).media[0].rtpmap
    assert rtpmap[str(info.rx_event_pt)] == "telephone-event/8000"


def test_figures_of_both_sides_agree(phone: Phone) -> None:
    call, other = connect(phone)
    for one in (call, other):
        pj.conf_connect(0, pj.call_get_conf_port(one))
    until(lambda: pj.call_get_stream_stat(other).rtcp.rx.pkt >= 25, "packets come in")
    cname = pj.call_get_stream_info(call).cname
    until(lambda: pj.call_get_stream_stat(other).rtcp.peer_sdes.cname == cname, "RTCP says who it is")
    sent = pj.call_get_stream_stat(call)
    # The first few come before there is who counts them.
    wanted = sent.rtcp.tx.pkt - 25
    until(lambda: pj.call_get_stream_stat(other).rtcp.rx.pkt > wanted, "what was sent has come")
    heard = pj.call_get_stream_stat(other)
    assert heard.rtcp.rx.pkt <= pj.call_get_stream_stat(call).rtcp.tx.pkt
    assert heard.rtcp.rx.bytes > 0
    assert (heard.rtcp.rx.loss, heard.rtcp.rx.dup) == (0, 0)
    assert 0 <= sent.rtcp.rtp_tx_last_seq < 2**16
    assert heard.jbuf.max_count >= heard.jbuf.max_prefetch >= heard.jbuf.min_prefetch
    assert abs(heard.rtcp.start - sent.rtcp.start) < 15


def test_addresses_of_a_media_transport(phone: Phone) -> None:
    call, other = connect(phone)
    pj.conf_connect(0, pj.call_get_conf_port(call))
    until(lambda: pj.call_get_med_transport_info(other).src_rtp_name != "", "RTP has come")
    here, there = pj.call_get_med_transport_info(call), pj.call_get_med_transport_info(other)
    assert there.src_rtp_name == here.rtp_addr_name == pj.call_get_stream_info(call).local_addr
    port = int(here.rtp_addr_name.rpartition(":")[2])
    assert here.rtcp_addr_name == f"127.0.0.1:{port + 1}"
    assert not here.srtp.active
    assert not here.ice.present
    states = [
        event.state for event in phone.all(pj.OnCallMediaTransportState, lambda event: event.call_id == call)
    ]
    assert states == [pj.MedTpSt.CREATING, pj.MedTpSt.IDLE, pj.MedTpSt.INIT, pj.MedTpSt.RUNNING]


def test_srtp(phone: Phone) -> None:
    call, other = connect(phone, use_srtp=pj.SrtpUse.MANDATORY, srtp_secure_signaling=0)
    here, there = (pj.call_get_med_transport_info(one).srtp for one in (call, other))
    assert here.present
    assert here.active
    assert (here.use, here.peer_use) == (pj.SrtpUse.MANDATORY, pj.SrtpUse.MANDATORY)
    assert here.tx_policy.name == here.rx_policy.name != ""
    assert here.tx_policy.key == there.rx_policy.key != ""
    assert here.rx_policy.key == there.tx_policy.key != here.tx_policy.key
    assert here.tx_policy.key not in repr(here)
    assert pj.call_get_stream_info(call).proto is pj.TpProto.RTP_SAVP
    offer, _ = offer_and_answer(phone, call)
    crypto = offer.media[0].attribute_values("crypto")
    assert any(here.tx_policy.name in line for line in crypto)


@pytest.mark.hears
def test_srtp_with_baresip(phone: Phone, baresip: Callable[..., Baresip], tmp_path: Path) -> None:
    other = baresip(answer="auto", account_parameters=";mediaenc=srtp-mand", config="module srtp.so")
    acc = phone.account("a", use_srtp=pj.SrtpUse.MANDATORY, srtp_secure_signaling=0)
    call = pj.call_make_call(acc, other.uri)
    phone.wait_state(call, pj.InvState.CONFIRMED)
    slot = phone.wait_media(call).conf_slot
    srtp = pj.call_get_med_transport_info(call).srtp
    assert srtp.active
    assert srtp.tx_policy.name == srtp.rx_policy.name == "AES_CM_128_HMAC_SHA1_80"
    assert srtp.tx_policy.key != srtp.rx_policy.key
    heard = tmp_path / "heard.wav"
    record(slot, heard, 1.0)
    assert listen(heard, Melody((440, 700))).tones == (440,)
    pj.call_hangup(call)
    phone.wait_end(call)


def test_ice_between_two_of_ours() -> None:
    """Candidates on loopback: chosen pairs, roles and the fragments of the SDP."""
    media = pj.MediaConfig(enable_ice=True)
    with Phone(media=media) as phone:
        call, other = connect(phone)
        for one in (call, other):
            until(
                lambda one=one: (  # type: ignore[misc]
                    pj.call_get_med_transport_info(one).ice.sess_state is pj.IceStransState.RUNNING
                ),
                "ICE has agreed",
            )
        here, there = (pj.call_get_med_transport_info(one).ice for one in (call, other))
        assert here.present
        assert here.active
        assert {here.role, there.role} == {pj.IceSessRole.CONTROLLING, pj.IceSessRole.CONTROLLED}
        assert (here.loc_ufrag, here.rem_ufrag) == (there.rem_ufrag, there.loc_ufrag)
        offer, answer = offer_and_answer(phone, call)
        assert offer.media[0].attribute("ice-ufrag") == here.loc_ufrag
        assert answer.media[0].attribute("ice-ufrag") == there.loc_ufrag
        assert 1 <= len(here.comp) <= 2
        assert here.comp[0].lcand_addr == there.comp[0].rcand_addr
        assert here.comp[0].rcand_addr == there.comp[0].lcand_addr
        assert here.comp[0].lcand_type in (pj.IceCandType.HOST, pj.IceCandType.PRFLX)
        addresses = [line.split()[4] for line in offer.media[0].attribute_values("candidate")]
        assert here.comp[0].lcand_addr.rpartition(":")[0].strip("[]") in addresses
