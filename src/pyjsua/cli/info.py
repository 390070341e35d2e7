"""``pyjsua info``: what this build is and can."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .. import pjsua as pj
from ..build import build_info
from .screen import Screen

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Shows the versions of pyjsua and PJSIP, the codecs, the SIP transports and the limits of this build. Sound
devices are looked for only with --devices, since that opens the sound system."""


def add_parser(commands: Commands) -> None:
    parser = commands.add_parser("info", help="versions, codecs, transports, limits", description=DESCRIPTION)
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.add_argument("--devices", action="store_true", help="look for sound devices too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    facts = gather(devices=arguments.devices)
    if arguments.json:
        print(json.dumps(facts, indent=2))
    else:
        show(Screen(), facts)
    return 0


def gather(*, devices: bool) -> dict[str, Any]:
    """The facts, of what JSON can hold. Starts PJSIP and destroys it."""
    pj.create()
    try:
        pj.init()
        codecs = [codec for codec in pj.enum_codecs() if codec.priority]
        found = [asdict(device) for device in pj.enum_aud_devs()] if devices else None
    finally:
        pj.destroy(timeout=0)
    return {**build_info(), "codecs": [asdict(codec) for codec in codecs], "devices": found}


def show(screen: Screen, facts: dict[str, Any]) -> None:
    screen.title("Versions")
    for name, version in facts["versions"].items():
        screen.line(f"  {name:<10} {version}")
    screen.line(f"  licence    {facts['licence']}")
    screen.line(f"  patches    {', '.join(facts['patches']) or 'none'}")
    screen.title("SIP transports")
    screen.line(f"  {', '.join(facts['transports'])}")
    screen.title("Codecs, in the order they are offered")
    for codec in facts["codecs"]:
        screen.line(f"  {codec['codec_id']:<20} {codec['desc']}".rstrip())
    screen.title("Limits")
    for name, value in facts["limits"].items():
        screen.line(f"  {name:<16} {value:>8}")
    if facts["devices"] is None:
        return
    screen.title("Sound devices")
    if not facts["devices"]:
        screen.line("  none")
    for device in facts["devices"]:
        screen.line(
            f"  {device['id']:>3}  {device['name']} ({device['driver']}):"
            f" {device['input_count']} in, {device['output_count']} out,"
            f" {device['default_samples_per_sec']} Hz"
        )
