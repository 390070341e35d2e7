"""PJSIP and Python use TLS at the same time: one OpenSSL, or two where the wheel brought its own."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from pathlib import Path

import pyjsua
from peers.certificates import Authority

PROGRAM = Path(__file__).with_name("two_openssls.py")


def test_a_call_by_tls_while_python_serves_and_fetches(tmp_path: Path) -> None:
    Authority(tmp_path).issue("phone", "IP:127.0.0.1")
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-X", "dev", PROGRAM, tmp_path],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["fetched"] >= 20
    assert found["transport"].startswith(("ECDHE-", "TLS_"))
    assert found["srtp"] == "AES_256_CM_HMAC_SHA1_80"
    assert found["python"] == ssl.OPENSSL_VERSION
    own = (Path(pyjsua.__file__).parents[1] / "pyjsua.libs").is_dir()
    if own:
        assert any("pyjsua.libs" in path for path in found["libcrypto"])
        assert any("pyjsua.libs" in path for path in found["libssl"])
        assert len(found["libcrypto"]) == len(found["libssl"]) == 2
