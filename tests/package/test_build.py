"""What a build says of itself, beside what PJSIP says once it runs."""

from __future__ import annotations

import importlib.metadata
import json

import pyjsua
from pjsua.phone import Phone
from pyjsua import pjsua as pj


def test_codecs() -> None:
    """Named without PJSIP running, as it names them itself."""
    with Phone():
        names = {codec.codec_id.partition("/")[0] for codec in pj.enum_codecs()}
    assert pyjsua.build_info()["codecs"] == sorted(names)


def test_the_licence_is_that_of_what_is_installed() -> None:
    """A repaired wheel carries libraries under others: bcg729, for one, is under version 3 of the GPL."""
    licence = pyjsua.build_info()["licence"]
    assert licence == importlib.metadata.metadata("pyjsua")["License-Expression"]
    assert licence.startswith("GPL-2.0-or-later")
    files = importlib.metadata.files("pyjsua") or []
    assert ("GPL-3.0-or-later" in licence) == any("bcg729" in file.name for file in files)


def test_json_can_hold_it() -> None:
    found = pyjsua.build_info()
    assert json.loads(json.dumps(found)) == found
    assert found["versions"]["pjsip"] == "2.17"
    assert found["versions"]["openssl"].startswith("OpenSSL 3.")
    assert {"UDP", "TCP", "TLS"} <= set(found["transports"])
    assert found["limits"]["max_calls"] == pj.limits().max_calls
