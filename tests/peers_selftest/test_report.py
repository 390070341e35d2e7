"""A failing test shows its peers' output; a test's leftovers are stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parent.parent


def test_failure_carries_the_peers_output(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((TESTS / "conftest.py").read_text())
    pytester.makepyfile(
        """
        from peers.process import Peer
        from peers.sipp import Sipp
        left = []

        def test_fails(sipp, kamailio):
            proxy = kamailio(users={"1001": "x"})
            sipp("uac_register", proxy.address, user="1001", password="wrong").wait()

        def test_leaves_one_running():
            left.append(Sipp("uas_answer").start())

        def test_it_was_stopped():
            assert not left[0].running and not Peer.started
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", f"pythonpath={TESTS}", "-q")
    result.assert_outcomes(failed=1, passed=2)
    result.stdout.fnmatch_lines(
        [
            "*SippFailed: uac_register*",
            "*kamailio in *",
            "*401 Unauthorized*",
            "*sipp in *",
            "*401 Unauthorized*",
        ]
    )


def test_missing_peer_fails_and_does_not_skip(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest((TESTS / "conftest.py").read_text())
    pytester.makepyfile(
        """
        import shutil

        def test_wants_sipp(sipp, monkeypatch):
            monkeypatch.setattr(shutil, "which", lambda *a, **k: None)
            sipp("uas_answer")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", f"pythonpath={TESTS}", "-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*apt-get install sip-tester*"])
