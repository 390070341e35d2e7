#!/usr/bin/env python3
"""Calls per second, CPU, waiting time and memory of pyjsua beside C and pjsua2, in one run.

    python benchmarks/run.py [--quick] [--json FILE] [--check]

Builds the C programs in the tree pyjsua was built in, puts pjsua2-python and baresip-python from PyPI into
environments of their own, and runs everything on loopback: the user agent on one core, callers on another.
README.md says what each line means.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from burst import measure_bursts
from prepare import BARESIP, PJSUA2, Programs, build_c, peer_python, prepare
from processes import Agent, AgentDied, Kind, caller_calls, sipp_calls
from report import Report
from startup import as_json as startup_json, measure_startup, missed as startup_missed, table as startup_table
from streams import Others, measure_streams, missed as streams_missed, table as streams_table

LIGHT_RATE = 40
"""Calls per second that every agent survives, PyPI's pjsua2 too."""
COMMON_RATE = 500
BURST_RATE = COMMON_RATE
SETTLING = 0.5
"""Seconds for the last BYE's events to be handled before the CPU time is read."""


class Bench:
    """One run: what is measured of whom, and what came of it."""

    def __init__(self, programs: Programs, *, quick: bool, cpu: int | None) -> None:
        self.programs = programs
        self.quick = quick
        self.cpu = cpu
        self.report = Report(programs.kinds)

    def run(self, only: frozenset[str]) -> None:
        for what in (self.latency, self.cpu_time, self.sustained, self.memory):
            if not only or what.__name__ in only:
                what()

    def say(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)

    def latency(self) -> None:
        """INVITE to 200 and CPU time at the light rate, one call at a time."""
        calls = 200 if self.quick else 600
        for kind in self.programs.kinds:
            self.say(f"{kind.name}: {calls} calls one at a time, {LIGHT_RATE}/s")
            try:
                with Agent(kind, self.cpu) as agent:
                    self.report.set("rss_start", kind, agent.rss)
                    caller_calls(agent, self.programs.caller, 20, LIGHT_RATE)
                    before = agent.cpu
                    waits = caller_calls(agent, self.programs.caller, calls, LIGHT_RATE)
                    cpu = agent.cpu - before
            except AgentDied as error:
                self.report.note(str(error))
                continue
            self.report.set("p50", kind, waits.p50)
            self.report.set("p99", kind, waits.p99)
            self.report.set("cpu_light", kind, cpu * 1000 / calls)

    def cpu_time(self) -> None:
        """CPU time at the common rate; rounds in turn, so that what disturbs one disturbs all."""
        found: dict[str, list[float]] = {}
        for _ in range(1 if self.quick else 3):
            for kind in self.programs.kinds:
                if kind.highest_rate < COMMON_RATE:
                    continue
                self.say(f"{kind.name}: {COMMON_RATE} calls/s")
                with Agent(kind, self.cpu) as agent:
                    before = agent.cpu
                    load = sipp_calls(agent, COMMON_RATE, 4 if self.quick else 8)
                    time.sleep(SETTLING)
                    cpu = agent.cpu - before
                found.setdefault(kind.name, []).append(cpu * 1000 / load.calls)
                if not load.kept_up:
                    self.report.note(f"{kind.name} did not keep up with the common rate: {load}")
        for kind in self.programs.kinds:
            if kind.name in found:
                self.report.set("cpu_common", kind, statistics.median(found[kind.name]))

    def sustained(self) -> None:
        """The highest rate with less than 0.1 % of the calls failed: up until it fails, then halving."""
        for kind in self.programs.kinds:
            slow = kind.highest_rate < COMMON_RATE
            grain = 10 if slow else 100 if self.quick else 50
            good, bad, rate = 0, 0, 40 if slow else 1000
            while not bad or bad - good > grain:
                if self._keeps_up(kind, rate):
                    good = rate
                else:
                    bad = rate
                rate = (good + bad) // 2 if bad else round(good * 1.5)
                rate = max(grain, rate // grain * grain)
                if rate in (good, bad):
                    break
            self.report.set("sustained", kind, good)

    def _keeps_up(self, kind: Kind, rate: int) -> bool:
        """Whether a fresh agent does; one that fails gets a second chance, in case something disturbed it."""
        for _ in range(2):
            load = None
            try:
                with Agent(kind, self.cpu) as agent:
                    load = sipp_calls(agent, rate, 3 if self.quick else 8)
                    if not agent.alive:
                        raise AgentDied(f"{kind.name} ended at {rate} calls/s: {agent.last_words()}")
            except AgentDied as error:
                self.report.note(str(error))
                self.say(str(error))
                return False
            self.say(
                f"{kind.name}: {rate}/s, {load.failed} of {load.calls} failed, {load.reached:.0f}/s reached"
            )
            if load.kept_up:
                return True
        return False

    def memory(self) -> None:
        """What 20,000 calls leave behind, once their transactions have timed out."""
        if self.quick:
            return
        kinds = [kind for kind in self.programs.kinds if kind.highest_rate >= COMMON_RATE]
        for kind, figures in measure_bursts(kinds, self.cpu, 20_000, BURST_RATE, self.say).items():
            for name, value in figures.items():
                self.report.set(name, kind, value)


def cores() -> tuple[int | None, int | None]:
    """A core for the user agent and one for the callers; none are set apart on a machine with one."""
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[1]) if len(available) > 1 else (None, None)


def facts(quick: bool) -> dict[str, Any]:
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "quick": quick,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="about two minutes, without the memory part")
    parser.add_argument(
        "--json", type=Path, help="file for the figures (default: one in the temporary directory)"
    )
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    parser.add_argument("--build", type=Path, help="CMake's build tree of pyjsua (default: the one pip used)")
    parser.add_argument(
        "--agents", default="", help="only these, by name, comma separated; C is always there"
    )
    parser.add_argument(
        "--only", default="", help="only these parts: latency,cpu_time,sustained,memory,streams,startup"
    )
    args = parser.parse_args()

    agent_cpu, caller_cpu = cores()
    only = frozenset(part for part in args.only.split(",") if part)
    if only == {"streams"}:
        return streams(args, agent_cpu)
    if only == {"startup"}:
        return startup(args)
    programs = prepare(args.build, [name for name in args.agents.split(",") if name])
    about = facts(args.quick) | programs.versions
    if caller_cpu is not None:
        os.sched_setaffinity(0, {caller_cpu})
    bench = Bench(programs, quick=args.quick, cpu=agent_cpu)
    for note in programs.notes:
        bench.report.note(note)
    if about["load_before"] > 0.5:
        bench.report.note(
            f"the machine was not idle (load {about['load_before']:.1f}): trust ratios, not times"
        )
    bench.run(only)
    print(bench.report.table())
    file = (
        args.json or Path(tempfile.gettempdir()) / f"pyjsua-benchmarks-{time.strftime('%Y%m%d-%H%M%S')}.json"
    )
    file.write_text(json.dumps(about | bench.report.as_json(), indent=2))
    print(f"figures: {file}")
    missed = bool(bench.report.missed())
    if not only or "streams" in only:
        missed = bool(streams(args, agent_cpu)) or missed
    if not only or "startup" in only:
        missed = bool(startup(args)) or missed
    return 1 if args.check and missed else 0


def wanted_peers(args: argparse.Namespace) -> dict[str, str]:
    """Pythons that have them, by package; C is none of them."""
    wanted = [name for name in args.agents.split(",") if name]
    peers = {}
    for package in (PJSUA2, BARESIP):
        if not wanted or package.removesuffix("-python") in wanted:
            found = peer_python(package)
            if isinstance(found, tuple):
                peers[package] = found[0]
            else:
                print(f"  {package} could not be installed: {found}")
    return peers


def startup(args: argparse.Namespace) -> int:
    """The part that ends with the first INVITE."""
    peers = {package.removesuffix("-python"): python for package, python in wanted_peers(args).items()}
    about = facts(args.quick)
    rounds = measure_startup(args.quick, peers, lambda text: print(f"  {text}", file=sys.stderr, flush=True))
    print(startup_table(rounds))
    for line in startup_missed(rounds):
        print(f"  missed: {line}")
    if about["load_before"] > 0.5:
        print(f"  the machine was not idle (load {about['load_before']:.1f}): trust ratios, not times")
    if args.json and args.only == "startup":
        args.json.write_text(json.dumps(about | startup_json(rounds), indent=2))
    return 1 if args.check and startup_missed(rounds) else 0


def streams(args: argparse.Namespace, cpu: int | None) -> int:
    """The part of it that has to do with audio; nobody calls."""
    peers = wanted_peers(args)
    about = facts(args.quick)
    figures = measure_streams(
        args.quick,
        cpu,
        Others(build_c(args.build) / "ports", peers.get(PJSUA2), peers.get(BARESIP)),
        lambda text: print(f"  {text}", file=sys.stderr, flush=True),
    )
    print(streams_table(figures))
    if about["load_before"] > 0.5:
        print(f"  the machine was not idle (load {about['load_before']:.1f}): trust ratios, not times")
    if args.json and args.only == "streams":
        args.json.write_text(json.dumps(about | figures, indent=2))
    return 1 if args.check and streams_missed(figures) else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except (AgentDied, subprocess.CalledProcessError) as error:
        raise SystemExit(f"benchmarks: {error}") from None
