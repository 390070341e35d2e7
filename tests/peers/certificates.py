"""A certificate authority of a test's own, made by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from peers.missing import require


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a certificate and its key."""

    file: Path
    key: Path


class Authority:
    """Signs certificates; everything stands in `directory`, valid for two days from now."""

    def __init__(self, directory: Path, name: str = "Test CA") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._own = self._files("ca")
        self._openssl(self._own, name, "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign")

    @property
    def file(self) -> Path:
        """Its own certificate, for who trusts it."""
        return self._own.file

    def issue(self, name: str, *alternatives: str) -> Certificate:
        """A certificate for `name` and `alternatives`, which are such as `IP:127.0.0.1` and `DNS:a.test`."""
        made = self._files(name)
        names = [f"subjectAltName={','.join(alternatives)}"] if alternatives else []
        self._openssl(
            made,
            name,
            "basicConstraints=CA:FALSE",
            *names,
            by=("-CA", self._own.file, "-CAkey", self._own.key),
        )
        return made

    def _files(self, name: str) -> Certificate:
        return Certificate(self._directory / f"{name}.crt", self._directory / f"{name}.key")

    def _openssl(
        self, made: Certificate, name: str, *extensions: str, by: tuple[str | Path, ...] = ()
    ) -> None:
        new = ["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        files = ("-out", made.file, "-keyout", made.key)
        command = [require("openssl"), *new, "-subj", f"/CN={name}", *files, *by]
        for extension in extensions:
            command += ["-addext", extension]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
