"""Calls somebody, plays a WAV to them and records them, and says what the stream was, at the low-level door.

python media.py sip:1002@127.0.0.1:5060 hello.wav heard.wav [--seconds 5] [--bind ADDRESS]
"""

from __future__ import annotations

import argparse

from pyjsua import pjsua as pj


def print_stream(call: pj.CallId) -> None:
    info = pj.call_get_stream_info(call)
    print(f"{info.fmt.encoding_name}/{info.fmt.clock_rate}, RTP {info.local_addr} to {info.rem_addr}")
    stat = pj.call_get_stream_stat(call)
    print(f"sent {stat.rtcp.tx.pkt} packets, {stat.rtcp.tx.bytes} bytes")
    print(f"received {stat.rtcp.rx.pkt} packets, {stat.rtcp.rx.bytes} bytes, lost {stat.rtcp.rx.loss}")
    jitter = stat.rtcp.rx.jitter.mean / 1000
    print(f"jitter {jitter:.1f} ms, delay of the jitter buffer {stat.jbuf.avg_delay} ms", flush=True)


def main(options: argparse.Namespace) -> None:
    pj.init()  # slot 0 is the null device, whose clock moves the bridge
    transport = pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=0, bound_addr=options.bind))
    pj.start()
    acc = pj.acc_add_local(transport)
    cfg = pj.acc_get_config(acc)
    cfg.rtp_cfg = pj.TransportConfig(port=0, bound_addr=options.bind)
    pj.acc_modify(acc, cfg)

    player, recorder = pj.player_create(options.play), pj.recorder_create(options.record)
    call = pj.call_make_call(acc, options.to)
    loudest, left = 0, 0
    for ev in pj.events(timeout=40):
        if isinstance(ev, pj.OnCallState):
            print(ev.info.state.name, ev.info.last_status, flush=True)
            if ev.info.state is pj.InvState.DISCONNECTED:
                break
        elif isinstance(ev, pj.OnCallMediaState) and ev.info.media_status is pj.CallMediaStatus.ACTIVE:
            pj.conf_connect(pj.player_get_conf_port(player), ev.info.conf_slot)
            pj.conf_connect(ev.info.conf_slot, pj.recorder_get_conf_port(recorder))
            pj.conf_adjust_rx_level(ev.info.conf_slot, options.gain)
            if not left:
                # A tenth of a second from now `OnTimer` comes, to look at the level, and so on.
                left = round(options.seconds * 10)
                pj.schedule_timer(0.1)
        elif isinstance(ev, pj.OnTimer):
            _, rx_level = pj.conf_get_signal_level(pj.call_get_conf_port(call))
            loudest, left = max(loudest, rx_level), left - 1
            if left:
                pj.schedule_timer(0.1)
                continue
            print(f"loudest heard: {loudest} of 255")
            print_stream(call)
            pj.call_hangup(call)
    pj.recorder_destroy(recorder)  # only now does the WAV know its length
    pj.player_destroy(player)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("to", help="who to call: sip:user@host")
    parser.add_argument("play", help="WAV to play, again and again")
    parser.add_argument("record", help="WAV to write")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--gain", type=float, default=1.0, help="of what is heard, 1 for none")
    parser.add_argument("--bind", default="", help="address to bind, every interface by default")
    words = parser.parse_args()
    pj.create()
    try:
        main(words)
    finally:
        pj.destroy()
