"""Calls somebody with one codec preferred, and says which was used, at the low-level door.

python codecs.py sip:1002@127.0.0.1:5060 opus [--fmtp useinbandfec=1] [--only] [--bind ADDRESS]
"""

from __future__ import annotations

import argparse

from pyjsua import pjsua as pj


def prefer(name: str, fmtp: list[str], only: bool) -> None:
    """Offers stand in the order of priorities: 255 first, 0 not at all."""
    found = [codec.codec_id for codec in pj.enum_codecs() if codec.codec_id.lower().startswith(name.lower())]
    if not found:
        raise SystemExit(f"no codec {name}")
    if only:
        for codec in pj.enum_codecs():
            pj.codec_set_priority(codec.codec_id, 0)
    for codec_id in found:
        pj.codec_set_priority(codec_id, 255)
        param = pj.codec_get_param(codec_id)
        param.setting.vad = False  # silence is sent, too
        # What we say in our SDP of what we like to receive; what we send is for the other side's to say.
        new = dict(pair.split("=", 1) for pair in fmtp)
        param.setting.dec_fmtp = [*(dict(param.setting.dec_fmtp) | new).items()]
        pj.codec_set_param(codec_id, param)
    for codec in pj.enum_codecs():
        print(f"{codec.priority:3} {codec.codec_id}")


def main(options: argparse.Namespace) -> None:
    pj.init()
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=options.bind))
    pj.start()
    prefer(options.codec, options.fmtp, options.only)
    acc = pj.acc_add_local(transport)
    cfg = pj.acc_get_config(acc)
    cfg.rtp_cfg = pj.TransportConfig(port=0, bound_addr=options.bind)
    cfg.lock_codec = 0  # no second offer when the answer names several: the first of them is used
    pj.acc_modify(acc, cfg)
    call = pj.call_make_call(acc, options.to)
    for ev in pj.events(timeout=40):
        if isinstance(ev, pj.OnCallSdpCreated) and not ev.rem_sdp:
            print("offered:", *pj.Sdp(ev.sdp).media[0].rtpmap.values())
        elif isinstance(ev, pj.OnCallMediaState) and ev.info.media_status is pj.CallMediaStatus.ACTIVE:
            info = pj.call_get_stream_info(call)
            ptime = info.param.setting.frm_per_pkt * info.param.info.frm_ptime
            used = f"{info.fmt.encoding_name}/{info.fmt.clock_rate}, payload type {info.tx_pt}, {ptime} ms"
            print(f"used: {used} a packet", flush=True)
            pj.call_hangup(call)
        elif isinstance(ev, pj.OnCallState) and ev.info.state is pj.InvState.DISCONNECTED:
            print(ev.info.last_status, ev.info.last_status_text, flush=True)
            break


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("to", help="who to call: sip:user@host")
    parser.add_argument("codec", help="such as opus, G722, PCMA or speex/16000")
    parser.add_argument("--fmtp", nargs="*", default=[], help="parameters of a=fmtp: name=value")
    parser.add_argument("--only", action="store_true", help="offer nothing else")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    words = parser.parse_args()
    pj.create()
    try:
        main(words)
    finally:
        pj.destroy()
