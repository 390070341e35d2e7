"""ICE with a TURN server, coturn, and with candidates given by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peers.turn import Turn
from peers.wire import WireClient
from pjsua.hand import HandCall
from pjsua.phone import Phone, player, record, until
from pyjsua import pjsua as pj
from pyjsua.cli.melody import Melody, listen

MELODY = Melody((500, 1100, 700, 1500))


def ice(**fields: Any) -> dict[str, Any]:
    """An account with ICE of its own settings."""
    config = pj.IceConfig(enable_ice=True, **fields)
    return {"ice_cfg_use": pj.IceConfigUse.USE_CUSTOM, "ice_cfg": config}


def candidates(text: str) -> list[list[str]]:
    """Fields of the candidates of the first media line: foundation, component, protocol, priority, address,
    port, `typ`, type..."""
    return [value.split() for value in pj.Sdp(text).media[0].attribute_values("candidate")]


@pytest.mark.hears
def test_audio_by_way_of_a_relay(phone: Phone, turn: Callable[..., Turn], tmp_path: Path) -> None:
    server = turn({"alice": "a-secret"})
    config = pj.TurnConfig(
        enable_turn=True,
        turn_server=server.address,
        turn_auth_cred=pj.StunAuthCred(realm=server.realm, username="alice", data="a-secret"),
    )
    # Loopback is no host candidate, so there is no other way than by both relays.
    fields: dict[str, Any] = {
        "turn_cfg_use": pj.TurnConfigUse.USE_CUSTOM,
        "turn_cfg": config,
        **ice(ice_max_host_cands=0),
    }
    alice = phone.account("alice", **fields)
    phone.account("bob", **fields)
    phone.answer = lambda event: pj.call_answer(event.call_id, 200)
    call = pj.call_make_call(alice, phone.uri("bob"))
    incoming = phone.wait_incoming()
    other = incoming.call_id
    assert incoming.message is not None
    offered = candidates(incoming.message.body)
    assert {field[7] for field in offered} == {"relay"}
    assert {int(field[5]) for field in offered} <= set(server.relay_ports)
    for one in (call, other):
        phone.wait_state(one, pj.InvState.CONFIRMED)
        until(
            lambda one=one: (  # type: ignore[misc]
                pj.call_get_med_transport_info(one).ice.sess_state is pj.IceStransState.RUNNING
            ),
            "ICE has agreed",
        )
    here, there = (pj.call_get_med_transport_info(one).ice.comp[0] for one in (call, other))
    assert here.lcand_type is pj.IceCandType.RELAYED
    assert here.lcand_addr == there.rcand_addr
    assert int(here.lcand_addr.rpartition(":")[2]) in server.relay_ports
    heard = tmp_path / "heard.wav"
    with player(MELODY.write(tmp_path / "said.wav", 8000)) as said:
        pj.conf_connect(said, pj.call_get_conf_port(call))
        record(pj.call_get_conf_port(other), heard, 1.5)
    assert set(listen(heard, MELODY).tones) == set(MELODY.frequencies)
    pj.call_hangup(call)
    phone.wait_end(other)


def test_candidates_given_by_hand(phone: Phone, wire_client: Callable[..., WireClient]) -> None:
    """They come before those of the interfaces, with the port of the socket."""
    wire = wire_client()
    # A socket on the loopback address has no candidate of its own family.
    everywhere = pj.TransportConfig()
    by_hand = ice(ice_manual_host=["198.51.100.7", "198.51.100.8"])
    alice = phone.account("alice", rtp_cfg=everywhere, **by_hand)
    call = pj.call_make_call(alice, f"sip:bob@127.0.0.1:{wire.port}")
    hand = HandCall(wire)
    invite = hand.wait_invite()
    hand.respond(invite, 486, "Busy Here")
    offered = [field for field in candidates(invite.body) if field[1] == "1" and "." in field[4]]
    assert [field[4] for field in offered[:2]] == ["198.51.100.7", "198.51.100.8"]
    assert {field[7] for field in offered} == {"host"}
    assert len({field[5] for field in offered}) == 1
    assert len(offered) > 2
    priorities = [int(field[3]) for field in offered]
    assert priorities == sorted(priorities, reverse=True)
    phone.wait_end(call)
