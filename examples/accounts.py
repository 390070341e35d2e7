"""Registers an account, renews and changes the registration, and takes it back, at the low-level door.

python accounts.py 127.0.0.1:5060 1001 PASSWORD [--bind ADDRESS]
"""

from __future__ import annotations

import argparse

from pyjsua import pjsua as pj


def reg_state(acc: pj.AccId) -> pj.RegInfo:
    """Waits for the answer to the REGISTER under way."""
    for ev in pj.events(timeout=40):
        if isinstance(ev, pj.OnRegState2) and ev.acc_id == acc:
            what = "registering" if ev.info.renew else "unregistering"
            print(f"{what}: {ev.info.code} {ev.info.reason}, {ev.info.expiration} s", flush=True)
            return ev.info
    raise SystemExit("no answer")


def main(options: argparse.Namespace) -> None:
    pj.init()
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=options.bind))
    pj.start()
    cfg = pj.AccConfig(
        id=f"sip:{options.user}@{options.server}",
        reg_uri=f"sip:{options.server}",
        reg_timeout=300,
        cred_info=[pj.CredInfo(realm="*", username=options.user, data=options.password)],
        # Not now and then in the background: this script says when.
        reg_retry_interval=0,
    )
    acc = pj.acc_add(cfg)
    if reg_state(acc).code != 200:
        raise SystemExit("not registered")
    # What was left out above is what PJSIP chose.
    cfg = pj.acc_get_config(acc)
    print(f"renewed {cfg.reg_delay_before_refresh} s before expiry", flush=True)

    pj.acc_set_registration(acc, True)
    reg_state(acc)

    cfg.reg_timeout = 120
    cfg.reg_contact_params = ";q=0.5"
    pj.acc_modify(acc, cfg)
    # Another Contact is another binding: the old one is taken back first, in a REGISTER of its own.
    while reg_state(acc).expiration != 120:
        pass

    pj.acc_set_registration(acc, False)
    reg_state(acc)
    info = pj.acc_get_info(acc)
    print(f"{info.acc_uri} is gone: {info.status} {info.status_text}", flush=True)
    pj.acc_del(acc)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("server", help="registrar: host:port")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    words = parser.parse_args()
    pj.create()
    try:
        main(words)
    finally:
        pj.destroy()
