"""The `pyjsua` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..pjsua import pj_version
from . import demo, info

__all__ = ["main"]

INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended: 128 + SIGINT."""


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(
        prog="pyjsua",
        description="SIP accounts, calls and audio from the shell, on PJSIP.",
        epilog="'pyjsua COMMAND --help' tells more about a command.",
    )
    out.add_argument(
        "--version",
        action="version",
        version=f"pyjsua {__version__} (PJSIP {pj_version()}, GPL-2.0-or-later)",
    )
    commands = out.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo.add_parser(commands)
    info.add_parser(commands)
    return out


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status: 0 well, 1 not, 2 wrong usage, 130 interrupted."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left; the interpreter must not trip over it again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
