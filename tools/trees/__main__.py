"""Builds the wheel for Debian releases and uses it in bare trees of them.

    python3 tools/trees [--cache FOLDER] [--phase PHASE]... [RELEASE]...

RELEASE: what debootstrap knows; bookworm, trixie and testing unless named. As root, with debootstrap and
iproute2; a first run of a release takes some minutes without `suite`, which is run only when asked for.
apt and pip get their packages as they are set up on this machine, once: the trees stay in FOLDER. Whatever is
tested has a network of its own with nothing but loopback.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from phases import PHASES, ROOT, Release
from tree import Failed, Store


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tools/trees", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("releases", nargs="*", metavar="RELEASE", default=["bookworm", "trixie", "testing"])
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "trees", metavar="FOLDER")
    parser.add_argument("--phase", action="append", choices=list(PHASES), dest="phases")
    arguments = parser.parse_args()
    for program in ("debootstrap", "ip", "nm", "unshare"):
        if shutil.which(program) is None:
            parser.error(f"{program} is missing: apt-get install debootstrap iproute2 binutils util-linux")
    if os.geteuid() != 0:
        parser.error("only root can make trees and network namespaces")
    store = Store(arguments.cache.resolve())
    wanted = arguments.phases or [name for name in PHASES if name != "suite"]
    failures = 0
    for name in arguments.releases:
        release = Release(store, name, lambda line: print(f"    {line}", flush=True))
        # Cheap where the tree is there, and it tells the others which Python that is.
        for phase in dict.fromkeys(["base", *wanted]):
            print(f"{name}: {phase}", flush=True)
            began = time.monotonic()
            try:
                PHASES[phase](release)
            except Failed as failed:
                print(f"    FAILED {failed}", flush=True)
                failures += 1
                break
            print(f"    {time.monotonic() - began:.0f} s", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
