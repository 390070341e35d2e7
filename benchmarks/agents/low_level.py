"""Answers every call through pyjsua's low-level door: handlers in the dispatcher's thread."""

from __future__ import annotations

from control import arguments, serve

from pyjsua import pjsua as pj


def main() -> None:
    args = arguments()
    ended = 0

    def on_incoming_call(ev: pj.OnIncomingCall) -> None:
        pj.call_answer(ev.call_id, 200)

    def on_call_state(ev: pj.OnCallState) -> None:
        nonlocal ended
        if ev.info.state is pj.InvState.DISCONNECTED:
            ended += 1

    def on_call_media_state(ev: pj.OnCallMediaState) -> None:
        assert ev.info.media_status is not None

    pj.create()
    config = pj.Config(max_calls=args.max_calls, thread_cnt=1)
    config.cb.on_incoming_call = on_incoming_call
    config.cb.on_call_state = on_call_state
    config.cb.on_call_media_state = on_call_media_state
    pj.init(
        config, pj.LoggingConfig(level=0, msg_logging=False), pj.MediaConfig(clock_rate=16000, ec_tail_len=0)
    )
    for codec in pj.enum_codecs():
        pj.codec_set_priority(codec.codec_id, 0)
    pj.codec_set_priority("PCMU/8000/1", 255)
    pj.transport_create(pj.TransportType.UDP, pj.TransportConfig(port=args.port, bound_addr="127.0.0.1"))
    pj.start()
    pj.acc_add(
        pj.AccConfig(
            id=f"sip:churn@127.0.0.1:{args.port}",
            rtp_cfg=pj.TransportConfig(port=args.rtp_port, bound_addr="127.0.0.1"),
        )
    )
    serve()
    pj.destroy()


main()
