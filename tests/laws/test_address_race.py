"""Media that begins anew while RTCP comes in: an address that is cleared may be compared."""

from __future__ import annotations

import subprocess
from pathlib import Path

from c_headers import build_directories, compile_command

from misuse.sanitized import BUILD as SANITIZED

SOURCE = Path(__file__).with_name("address_race.c")
PJLIB = Path("pjproject", "source", "pjlib", "libpjlib.a")


def test_an_address_is_cleared_while_it_is_compared(tmp_path: Path) -> None:
    program = tmp_path / "address_race"
    # The other one is linked with the sanitizer alone, and may be under way.
    pjlib = next(
        each / PJLIB for each in build_directories() if each != SANITIZED and (each / PJLIB).exists()
    )
    libraries = ["-lssl", "-lcrypto", "-lm"]
    command = [*compile_command(), "-O2", "-pthread", "-o", str(program), str(SOURCE), str(pjlib), *libraries]
    subprocess.run(command, check=True)
    done = subprocess.run([program], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done
    # It is no race unless there was an address, and now and then none.
    assert 0 < int(done.stdout) < 5_000_000
