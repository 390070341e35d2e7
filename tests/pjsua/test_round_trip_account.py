"""An account's settings come back from PJSIP as they were given, field by field and all at once."""

from __future__ import annotations

from typing import Any

import pytest

from pjsua.other_values import field_types, filled, other
from pjsua.phone import Phone
from pyjsua import pjsua as pj

# What must mean something to PJSIP, or would send requests; with register_on_acc_add off, reg_uri sends none.
SPECIAL: dict[str, Any] = {
    "id": '"Ä" <sip:other@127.0.0.1:9>',
    "reg_uri": "sip:127.0.0.1:9",
    "force_contact": "<sip:forced@127.0.0.1:9>",
    "proxy": ("sip:127.0.0.1:9;lr", "<sip:127.0.0.1:10;lr>"),
    "contact_params": ";a=1",
    "contact_uri_params": ";b=2",
    "reg_contact_params": ";c=3",
    "reg_contact_uri_params": ";d=4",
    "rfc5626_reg_id": "7",
    "rfc5626_instance_id": "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>",
    "txt_red_level": 1,
}


def value_of(phone: Phone, name: str) -> Any:
    if name == "transport_id":
        return phone.transport_id
    if name in SPECIAL:
        return SPECIAL[name]
    value = other(pj.AccConfig, name, field_types(pj.AccConfig)[name], getattr(pj.AccConfig(), name))
    if name == "rtp_cfg":
        value.tls_setting = pj.TlsSetting()
        value.port = 4002
    return value


def add(phone: Phone, **settings: Any) -> pj.AccConfig:
    """What PJSIP has of an account made with these."""
    given = pj.AccConfig(**{"id": "sip:some@127.0.0.1:9", "register_on_acc_add": False, **settings})
    # What MediaConfig says would take their place.
    if "ice_cfg" in settings:
        given.ice_cfg_use = pj.IceConfigUse.USE_CUSTOM
    if "turn_cfg" in settings:
        given.turn_cfg_use = pj.TurnConfigUse.USE_CUSTOM
    acc = pj.acc_add(given)
    if given.ice_cfg.enable_ice:
        given.contact_params += ";+sip.ice"  # PJSIP's own doing
    try:
        there = pj.acc_get_config(acc)
        assert there == given
        pj.acc_modify(acc, there)
        assert pj.acc_get_config(acc) == given
    finally:
        pj.acc_del(acc)
    return there


def test_each_field(phone: Phone) -> None:
    for name in field_types(pj.AccConfig):
        if name == "nat64_opt":
            continue  # acc_modify refuses it
        there = add(phone, **{name: value_of(phone, name)})
        assert getattr(there, name) != getattr(pj.AccConfig(id="sip:some@127.0.0.1:9"), name)


def test_all_fields_at_once(phone: Phone) -> None:
    add(phone, **{name: value_of(phone, name) for name in field_types(pj.AccConfig) if name != "nat64_opt"})


def test_settings_are_read_while_accounts_change(phone: Phone) -> None:
    """Texts of an account lie in memory that acc_modify replaces and acc_del wipes."""
    acc = pj.acc_add(pj.AccConfig(id="sip:some@127.0.0.1:9"))
    headers = [("X-Long", f"{n}" * 500) for n in range(4)]
    for n in range(200):
        cfg = pj.acc_get_config(acc)
        assert cfg.reg_hdr_list == (() if n == 0 else tuple(headers))
        cfg.reg_hdr_list = headers
        cfg.ka_data = f"{n}"
        pj.acc_modify(acc, cfg)
    pj.acc_del(acc)
    with pytest.raises(pj.StaleError):
        pj.acc_get_config(acc)


def test_ice_of_media_config_unless_said_otherwise() -> None:
    with Phone(media=pj.MediaConfig(enable_ice=True, ice_no_rtcp=True)) as phone:
        there = pj.acc_get_config(phone.account("some"))
        assert (there.ice_cfg.enable_ice, there.ice_cfg.ice_no_rtcp) == (True, True)
        mine = phone.account(
            "other", ice_cfg_use=pj.IceConfigUse.USE_CUSTOM, ice_cfg=pj.IceConfig(enable_ice=False)
        )
        assert pj.acc_get_config(mine).ice_cfg.enable_ice is False


def test_media_has_no_tls(phone: Phone) -> None:
    cfg = pj.AccConfig(id="sip:some@127.0.0.1:9")
    cfg.rtp_cfg.tls_setting.password = "secret"
    with pytest.raises(ValueError, match=r"^cfg\.rtp_cfg\.tls_setting: media has no TLS; see use_srtp$"):
        pj.acc_add(cfg)


@pytest.mark.parametrize("wrong", [-1, 3, 2**31 - 1])
def test_redundancy_of_text(phone: Phone, wrong: int) -> None:
    with pytest.raises(ValueError, match=rf"^cfg\.txt_red_level: {wrong} is not between 0 and 2$"):
        pj.acc_add(pj.AccConfig(id="sip:some@127.0.0.1:9", txt_red_level=wrong))


def test_every_field_filled_is_taken(phone: Phone) -> None:
    """Nothing PJSIP keeps points into memory that was lent to it."""
    cfg = filled(pj.AccConfig)
    for name in SPECIAL:
        setattr(cfg, name, SPECIAL[name])
    cfg.transport_id = phone.transport_id
    cfg.rtp_cfg = value_of(phone, "rtp_cfg")
    cfg.nat64_opt = pj.Nat64Opt.DISABLED
    cfg.ice_cfg_use, cfg.turn_cfg_use = pj.IceConfigUse.USE_CUSTOM, pj.TurnConfigUse.USE_CUSTOM
    accounts = [pj.acc_add(cfg) for _ in range(20)]
    cfg.contact_params += ";+sip.ice"
    for acc in accounts:
        assert pj.acc_get_config(acc) == cfg


def test_what_turn_looks_a_certificate_up_by_is_kept(phone: Phone) -> None:
    """With texts that differ, for memory that was let go and taken again would hold the same."""

    def config(keyword: str) -> pj.AccConfig:
        lookup = pj.SslCertLookupCriteria(keyword=keyword)
        turn = pj.TurnConfig(turn_tls_setting=pj.TurnSockTlsCfg(cert_lookup=lookup))
        uri = f"sip:{keyword[0]}@127.0.0.1"
        return pj.AccConfig(id=uri, turn_cfg_use=pj.TurnConfigUse.USE_CUSTOM, turn_cfg=turn)

    keywords = [letter * 40 for letter in "abcdefgh"]
    accounts = [pj.acc_add(config(keyword)) for keyword in keywords]
    kept = [pj.acc_get_config(acc).turn_cfg.turn_tls_setting.cert_lookup.keyword for acc in accounts]
    assert kept == keywords
    pj.acc_modify(accounts[0], config("z" * 40))
    pj.acc_modify(accounts[1], config("y" * 40))
    assert pj.acc_get_config(accounts[0]).turn_cfg.turn_tls_setting.cert_lookup.keyword == "z" * 40
