"""One address of record, several contacts."""

from __future__ import annotations

import pytest

from pyjsua.testing import Request, SipServer

from .wire import Wire, WireMaker


@pytest.fixture
def caller(sip_server: SipServer, wire: WireMaker) -> Wire:
    return wire(sip_server, "1001")


@pytest.fixture
def phones(sip_server: SipServer, wire: WireMaker) -> list[Wire]:
    """Three contacts of 1002."""
    made = [wire(sip_server, "1002") for _ in range(3)]
    for phone in made:
        phone.register()
    return made


def test_all_ring_and_one_answers(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = [phone.request("INVITE") for phone in phones]
    assert [request.uri for request in arrived] == [phone.contact for phone in phones]
    assert len({request.via.branch for request in arrived}) == 3
    for number, (phone, request) in enumerate(zip(phones, arrived, strict=True)):
        phone.answer(request, 180, tag=f"phone{number}")
    tags = {caller.response(180).to.tag for _ in phones}
    assert tags == {"phone0", "phone1", "phone2"}
    phones[1].answer(arrived[1], 200, tag="phone1")
    ok = caller.response(200)
    assert ok.to.tag == "phone1"
    for number in (0, 2):
        phones[number].answer(phones[number].request("CANCEL"), 200, contact=False)
        phones[number].answer(arrived[number], 487, tag=f"phone{number}")
        phones[number].request("ACK")
    caller.acknowledge(invite, ok)
    phones[1].request("ACK")
    assert caller.silent(0.1)


def test_the_best_refusal_wins(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    caller.invite(sip_server.aor("1002"))
    for phone, status in zip(phones, (500, 486, 302), strict=True):
        phone.answer(phone.request("INVITE"), status)
    caller.response(302)


def test_a_refusal_waits_for_the_others(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = [phone.request("INVITE") for phone in phones]
    phones[0].answer(arrived[0], 486)
    phones[1].answer(arrived[1], 480)
    caller.response(100)
    assert caller.silent(0.2)
    phones[2].answer(arrived[2], 200)
    caller.response(200)


def test_6xx_ends_it_for_all(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = [phone.request("INVITE") for phone in phones]
    for phone, request in zip(phones, arrived, strict=True):
        phone.answer(request, 180)
        caller.response(180)
    phones[0].answer(arrived[0], 603)
    for number in (1, 2):
        phones[number].answer(phones[number].request("CANCEL"), 200, contact=False)
        phones[number].answer(arrived[number], 487)
    caller.response(603)


def test_challenges_of_all_branches_are_merged(
    sip_server: SipServer, caller: Wire, phones: list[Wire]
) -> None:
    caller.invite(sip_server.aor("1002"))
    for number, phone in enumerate(phones):
        request = phone.request("INVITE")
        if number == 2:
            phone.answer(request, 404)
            continue
        response = request.response(
            401, headers=[("WWW-Authenticate", f'Digest realm="{number}", nonce="n"')]
        )
        phone.send(response.set_to_tag("t"))
    realms = caller.response(401).headers.get_all("WWW-Authenticate")
    assert sorted(realms) == ['Digest realm="0", nonce="n"', 'Digest realm="1", nonce="n"']


def test_cancel_reaches_every_branch(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    invite = caller.invite(sip_server.aor("1002"))
    arrived = [phone.request("INVITE") for phone in phones]
    for phone, request in zip(phones, arrived, strict=True):
        phone.answer(request, 180)
        caller.response(180)
    cancel = Request(invite.headers.copy(), b"", "CANCEL", invite.uri)
    cancel.headers.set("CSeq", f"{invite.cseq[0]} CANCEL")
    caller.send(cancel)
    caller.response(200, "CANCEL")
    for phone, request in zip(phones, arrived, strict=True):
        phone.answer(phone.request("CANCEL"), 200, contact=False)
        phone.answer(request, 487)
    caller.response(487, "INVITE")


def test_two_answers_at_once_both_come_through(
    sip_server: SipServer, caller: Wire, phones: list[Wire]
) -> None:
    caller.invite(sip_server.aor("1002"))
    arrived = [phone.request("INVITE") for phone in phones]
    phones[0].answer(arrived[0], 200, tag="first")
    phones[1].answer(arrived[1], 200, tag="second")
    assert [caller.response(200).to.tag for _ in range(2)] == ["first", "second"]


def test_a_message_is_answered_once(sip_server: SipServer, caller: Wire, phones: list[Wire]) -> None:
    request = caller.send(caller.new("MESSAGE", sip_server.aor("1002")))
    caller.send(caller.authorized(request, caller.response(407)))
    for phone in phones:
        phone.answer(phone.request("MESSAGE"), 200)
    caller.response(200)
    assert caller.silent(0.1)
