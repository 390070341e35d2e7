"""Watches a buddy, publishes a state of its own, and says when the other is typing, until Ctrl-C.

python presence.py 127.0.0.1:5060 1001 PASSWORD sip:1002@127.0.0.1 [--domain DOMAIN] [--note "At tea"]
"""

from __future__ import annotations

import argparse
import contextlib

from pyjsua import pjsua as pj


def main(options: argparse.Namespace) -> None:
    pj.init()
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=options.bind))
    pj.start()
    acc = pj.acc_add(
        pj.AccConfig(
            id=f"sip:{options.user}@{options.domain or options.server}",
            reg_uri=f"sip:{options.server}",
            proxy=[f"sip:{options.server};lr"],
            cred_info=[pj.CredInfo(realm="*", username=options.user, data=options.password)],
            publish_enabled=True,  # PUBLISH to the presence server, rather than NOTIFY to each watcher
        )
    )
    for ev in pj.events():
        match ev:
            case pj.OnRegState2(info=info):
                print("registered:", info.code, info.reason, flush=True)
                if info.code != 200:
                    break
                if not pj.enum_buddies():
                    away = pj.RpidElement(activity=pj.RpidActivity.AWAY, note=options.note)
                    pj.acc_set_online_status2(acc, True, away)
                    pj.buddy_add(pj.BuddyConfig(uri=options.buddy, subscribe=True, acc_id=acc))
            case pj.OnBuddyEvsubState():
                print("subscription:", ev.state.name, ev.term_reason, flush=True)
            case pj.OnBuddyState(info=info):
                print(f"{info.uri}: {info.status.name}, {info.status_text!r}", flush=True)
                if info.status is pj.BuddyStatus.ONLINE:
                    pj.im_typing(acc, options.buddy, True)
            case pj.OnTyping2():
                print(f"{ev.from_uri} {'is' if ev.is_typing else 'stopped'} typing", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("server", help="registrar and presence server: host:port")
    parser.add_argument("user")
    parser.add_argument("password")
    parser.add_argument("buddy", help="who to watch: sip:user@domain")
    parser.add_argument("--domain", default="", help="ours, if it is not the server's address")
    parser.add_argument("--note", default="", help="what others see beside our name")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    words = parser.parse_args()
    pj.create()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            main(words)
    finally:
        pj.destroy()  # ends the subscription, takes back what was published, unregisters
