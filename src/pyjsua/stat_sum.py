"""Figures of the streams a call had one after the other, as those of one."""

from __future__ import annotations

from dataclasses import replace

from .info import JbState, MathStat, RtcpStat, RtcpStreamStat, StreamStat

__all__ = ["joined"]


def joined(first: StreamStat | None, then: StreamStat) -> StreamStat:
    """Both together: counts summed, means weighted, and the rest as it was at last.

    A re-INVITE that changes the media ends a stream and begins another.
    """
    if first is None:
        return then
    return replace(
        then, rtcp=rtcp(first.rtcp, then.rtcp), jbuf=jbuf(first.jbuf, then.jbuf, first.rtcp, then.rtcp)
    )


def rtcp(first: RtcpStat, then: RtcpStat) -> RtcpStat:
    return replace(
        then,
        start=first.start or then.start,
        tx=direction(first.tx, then.tx),
        rx=direction(first.rx, then.rx),
        rtt=figure(first.rtt, then.rtt),
        rx_ipdv=figure(first.rx_ipdv, then.rx_ipdv),
        rx_raw_jitter=figure(first.rx_raw_jitter, then.rx_raw_jitter),
    )


def direction(first: RtcpStreamStat, then: RtcpStreamStat) -> RtcpStreamStat:
    counts = ("update_cnt", "pkt", "bytes", "discard", "loss", "reorder", "dup")
    return replace(
        then,
        update=max(first.update, then.update),
        loss_period=figure(first.loss_period, then.loss_period),
        jitter=figure(first.jitter, then.jitter),
        **{name: getattr(first, name) + getattr(then, name) for name in counts},
    )


def figure(first: MathStat, then: MathStat) -> MathStat:
    if not first.n or not then.n:
        return first if first.n else then
    n = first.n + then.n
    return replace(
        then,
        n=n,
        max=max(first.max, then.max),
        min=min(first.min, then.min),
        mean=mean(first.mean, first.n, then.mean, then.n),
    )


def jbuf(first: JbState, then: JbState, before: RtcpStat, after: RtcpStat) -> JbState:
    # A jitter buffer does not say of how many packets its delay is the mean.
    n, m = before.rx.pkt, after.rx.pkt
    if not n or not m:
        delays = first if n else then
        least = delays.min_delay
    else:
        delays, least = None, min(first.min_delay, then.min_delay)
    return replace(
        then,
        avg_delay=delays.avg_delay if delays else mean(first.avg_delay, n, then.avg_delay, m),
        min_delay=least,
        max_delay=max(first.max_delay, then.max_delay),
        lost=first.lost + then.lost,
        discard=first.discard + then.discard,
        empty=first.empty + then.empty,
    )


def mean(first: int, n: int, then: int, m: int) -> int:
    return round((first * n + then * m) / (n + m))
