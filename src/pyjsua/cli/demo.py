"""``pyjsua demo``: two accounts on this machine, a call between them, and proof that it worked."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..pjsua import pj_version
from .conversation import Conversation
from .quality import HEAD
from .screen import Screen
from .steps import Abandoned, Step, Steps, describe

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Starts a SIP registrar and proxy on 127.0.0.1, registers alice and bob with it, calls bob from alice, plays
a signal each way and compares it with what was recorded at the other end, sends DTMF each way, hangs up and
unregisters. Then shows every SIP message as a ladder, and the figures of the call. It takes about ten seconds
and needs neither a network nor a sound device."""

EPILOG = """\
Exit status: 0 if every step was verified, 1 if one was not, 2 for wrong usage, 130 when interrupted."""


def add_parser(commands: Commands) -> None:
    parser = commands.add_parser(
        "demo",
        help="register, call, talk and verify, on this machine",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument(
        "--json", action="store_true", help="print the facts as one JSON object, and nothing else"
    )
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help="keep in DIR what was sent and heard (WAV), the ladder (text, Mermaid, JSON) and report.json",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        help="tracebacks, and PJSIP's log and all SIP messages, on standard error",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.debug:
        logging.basicConfig(
            level=logging.DEBUG, stream=sys.stderr, format="%(relativeCreated)7.0f %(name)s %(message)s"
        )
        logging.getLogger("asyncio").setLevel(logging.INFO)
    if arguments.keep is not None:
        try:
            arguments.keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(f"pyjsua demo: --keep: {describe(error)}", file=sys.stderr)
            return 2
    screen = None if arguments.json else Screen()
    with tempfile.TemporaryDirectory(prefix="pyjsua-demo-") as folder:
        return Demo(screen, Path(folder) if arguments.keep is None else arguments.keep, arguments).run()


class Demo:
    """One run of the demo; `screen` is None where nothing is to be shown."""

    def __init__(self, screen: Screen | None, folder: Path, arguments: argparse.Namespace) -> None:
        self.screen = screen
        self.arguments = arguments
        self.folder = folder
        self.steps = Steps(screen)
        self.conversation = Conversation(self.steps, folder)

    def run(self) -> int:
        if self.screen:
            self.screen.title(f"pyjsua {__version__} with PJSIP {pj_version()}: a call on this machine")
        began = time.monotonic()
        try:
            asyncio.run(self.conversation.run())
        except Abandoned:
            pass
        except KeyboardInterrupt:
            if self.arguments.json:
                self._report(time.monotonic() - began)
            raise
        except Exception as error:
            # Between two steps, or while everything was being closed: it still has to be told.
            last = self.steps.done[-1].name if self.steps.done else "the start"
            self.steps.add(Step(f"After: {last}"), error)
        self._report(time.monotonic() - began)
        return 1 if self.steps.failed else 0

    def _report(self, seconds: float) -> None:
        report = self._facts(seconds)
        if self.arguments.keep is not None:
            self._keep(report)
        if self.arguments.debug:
            for step in self.steps.failed:
                print(f"{step.name}:\n{step.trace}", file=sys.stderr)
        if self.screen is None:
            print(json.dumps(report, indent=2))
        else:
            self._show(self.screen, seconds)

    def _facts(self, seconds: float) -> dict[str, Any]:
        return {
            "ok": not self.steps.failed,
            "failed": [{"step": step.name, "reason": step.error} for step in self.steps.failed],
            "seconds": round(seconds, 3),
            "versions": {"pyjsua": __version__, "pjsip": pj_version(), "python": platform.python_version()},
            "steps": [step.to_dict() for step in self.steps.done],
            **self.conversation.facts(),
            "kept": None if self.arguments.keep is None else str(self.arguments.keep),
        }

    def _keep(self, report: dict[str, Any]) -> None:
        ladder = self.conversation.ladder()
        for name, text in {
            "ladder.txt": f"{ladder.text()}\n",
            "ladder.mmd": ladder.mermaid(),
            "ladder.json": f"{json.dumps(ladder.to_dict(), indent=2)}\n",
            "report.json": f"{json.dumps(report, indent=2)}\n",
        }.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def _show(self, screen: Screen, seconds: float) -> None:
        screen.title("SIP messages")
        screen.line(self.conversation.ladder().text())
        if self.conversation.quality:
            screen.title("Call quality")
            screen.table(HEAD, [found.row(user) for user, found in self.conversation.quality.items()])
        screen.line()
        if self.arguments.keep is not None:
            screen.line(f"Recordings, ladder and report.json are in {self.arguments.keep}")
        if not self.steps.failed:
            screen.line(f"All {len(self.steps.done)} steps were verified, in {seconds:.1f} s.")
        for step in self.steps.failed:
            screen.line(f"FAILED: {step.name}: {step.error}")
        if self.steps.failed and not self.arguments.debug:
            screen.line("`pyjsua demo --debug` tells more.")
