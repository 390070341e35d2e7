"""examples/native_port, built elsewhere against the pyjsua that is installed: ports and observers in C."""

from __future__ import annotations

import asyncio
import importlib
import math
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pyjsua
from objects.phones import TIMEOUT, call_between, direct_uri, local_account, until
from peers.signals import Samples, strongest_tone, tone, write_wav
from pyjsua import AudioStream, Endpoint, NativePort, PjsuaError, StaleError, _core, pjsua as pj

MakeEndpoint = Callable[..., Endpoint]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "native_port"
ENVIRONMENT = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def installed(folder: Path, *, change: Callable[[Path], None] | None = None) -> Path:
    source = folder / "elsewhere"
    shutil.copytree(EXAMPLE, source)
    if change:
        change(source)
    site = folder / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    command += ["--target", str(site), "."]
    done = subprocess.run(command, cwd=source, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return site


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """`pyjsua_agc`, of C, and `pyjsua_tone_detector`, of Cython."""
    site = installed(tmp_path_factory.mktemp("native_port"))
    sys.path.insert(0, str(site))
    try:
        yield importlib.import_module("pyjsua_agc"), importlib.import_module("pyjsua_tone_detector")
    finally:
        sys.path.remove(str(site))


def root_mean_square(samples: Samples) -> float:
    return math.sqrt(float(np.mean(samples.astype(np.float64) ** 2)))


@pytest.mark.hears
async def test_in_a_call(modules: tuple[Any, Any], make_endpoint: MakeEndpoint, tmp_path: Path) -> None:
    agc, detector = modules
    quiet = write_wav(tmp_path / "quiet.wav", tone(440, 1.0, 8000, amplitude=0.02), 8000)
    messages = detector.MessageCounter()
    async with make_endpoint() as endpoint:
        alice, bob = local_account(endpoint, "alice"), local_account(endpoint, "bob")
        tones, others = detector.ToneDetector(440), detector.ToneDetector(1000)
        async with call_between(alice, bob, direct_uri(endpoint, "bob")) as (out, into):
            with endpoint.player(quiet, loop=True) as player, AudioStream(8000) as ear:
                gain = NativePort(agc.add(5000))
                player.connect(gain)
                gain.connect(out.audio)
                into.audio.connect(ear)
                # At the low-level door.
                for port in (tones, others):
                    assert isinstance(port.conf_port, pj.ConfPortId)
                    assert into.audio.slot is not None
                    pj.conf_connect(into.audio.slot, port.conf_port)
                async with asyncio.timeout(TIMEOUT):
                    while True:
                        heard = np.frombuffer(await ear.read(3200), np.int16)
                        level = root_mean_square(heard)
                        if 4000 < level < 6000:
                            break
                found = strongest_tone(heard, 8000)
                assert abs(found.frequency - 440) < 10, found
                await until(lambda: tones.frames > 5, "the tone was found")
                assert others.frames == 0
                gain.close()
                gain.close()
                assert gain.closed
                with pytest.raises(StaleError):
                    gain.connect(ear)
            # Those of both ends, before and after there was a call to tell of.
            total, of_calls = messages.counts
            assert total >= 6
            assert 0 < of_calls <= total
        assert messages.close()
        assert not messages.close()
        assert messages.removed == 1
        assert messages.counts[0] > total, "the BYE and its answer"
        seen = messages.counts[0]
        async with call_between(alice, bob, direct_uri(endpoint, "bob")):
            pass
        assert messages.counts[0] == seen
        assert tones.destroyed == 0
    # The library went with ports in it.
    assert (tones.destroyed, others.destroyed) == (1, 1)
    with pytest.raises(StaleError):
        NativePort(tones.conf_port)


async def test_ports_that_come_and_go(modules: tuple[Any, Any], make_endpoint: MakeEndpoint) -> None:
    _, detector = modules
    with pytest.raises(RuntimeError, match="port_add: -3"):
        detector.ToneDetector(440)  # no library yet
    async with make_endpoint() as endpoint:
        with endpoint.tone_generator() as tones:
            tones.play([pyjsua.ToneDesc(freq1=440, on_msec=1000)], loop=True)
            for _ in range(50):
                port = detector.ToneDetector(440)
                with NativePort(port.conf_port) as native:
                    tones.connect(native)
        port = detector.ToneDetector(440)
        with pytest.raises(TypeError, match="conf_port"):
            NativePort(5)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="conf_port"):
            _core.native_port_destroy(pj.ConfPortId(0))
        stream = AudioStream(8000)
        with stream:
            # Another kind of port of ours is not for this to end.
            _core.native_port_destroy(stream.port.conf_port)
            assert not stream.gone
            assert not stream.port.gone
        # All at once, from several threads: once.
        destroy = _core.native_port_destroy
        threads = [threading.Thread(target=destroy, args=(port.conf_port,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        await until(lambda: port.destroyed == 1, "the bridge is done with it")
        with pytest.raises(PjsuaError):
            pj.conf_connect(port.conf_port, port.conf_port)


def test_observers_that_come_and_go(modules: tuple[Any, Any]) -> None:
    _, detector = modules
    counters = [detector.MessageCounter() for _ in range(16)]
    with pytest.raises(RuntimeError, match="observer_add: -2"):
        detector.MessageCounter()
    assert all(counter.close() for counter in counters)
    again = [detector.MessageCounter() for _ in range(16)]
    assert not any(counter.close() for counter in counters), "the place is another's"
    assert all(counter.close() and counter.removed == 1 for counter in again)


def test_another_version_is_refused(tmp_path: Path) -> None:
    def other_version(source: Path) -> None:
        header = (Path(pyjsua.get_include()) / "pyjsua_api.h").read_text()
        assert "#define PYJSUA_ABI_VERSION 1\n" in header
        other = header.replace("PYJSUA_ABI_VERSION 1\n", "PYJSUA_ABI_VERSION 99\n")
        (source / "pyjsua_api.h").write_text(other)
        setup = (source / "setup.py").read_text()
        (source / "setup.py").write_text(setup.replace("[get_include()]", '["."]'))

    site = installed(tmp_path, change=other_version)
    script = f"import sys; sys.path.insert(0, {str(site)!r}); import pyjsua_agc"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ImportError: built for version 99 of pyjsua's C API" in done.stderr
