"""The library in one of its states, with good arguments for every function, and put right after each case."""

from __future__ import annotations

import array
import contextlib
import math
import os
import re
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from misuse.signatures import Parameter, functions
from misuse.values import plain, without_none
from pjsua.phone import Phone, until
from pyjsua import pjsua as pj
from pyjsua.struct import Struct

RATE = 16000
TONE = 1000.0
DIGITS = {"1": (697, 1209), "2": (697, 1336)}

CREATING = re.compile(r"_(create|add|add_local|make_call|clone|new)\d?$")
ENDING = ("destroy", "delete", "del", "close", "hangup", "remove", "remove_port", "terminate")


class World:
    """`state` is one of null, created, init, running, destroyed."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.good: dict[str, Any] = {}
        self.stale: list[Any] = []
        self.phone: Phone | None = None
        self.users = 0
        _write_files()

    # -- making and ending

    def build(self) -> None:
        """From nothing; what was there is destroyed."""
        pj.destroy(timeout=0.5)
        self.good, self.stale, self.phone = {}, [], None
        if self.state in ("null", "destroyed"):
            if self.state == "destroyed":
                with Phone() as phone:
                    phone.account("a")
            return
        pj.create()
        if self.state == "created":
            return
        if self.state == "init":
            pj.init(pj.Config(max_calls=16))
            self.good["id"] = pj.transport_create(pj.TransportType.UDP, self.transport_config())
            self.good["acc_id"] = pj.acc_add(self.account_config("a"))
            self.good["filename"] = "tone.wav"
            return
        pj.destroy()
        self.phone = Phone(config=pj.Config(max_calls=400), media=pj.MediaConfig(no_vad=True))
        self.phone.answer = self._incoming
        self.phone.__enter__()
        self._make_stale()
        self._furnish()

    def _incoming(self, event: pj.OnIncomingCall) -> None:
        with contextlib.suppress(pj.PjsuaError):
            if "busy" in event.info.local_info:
                pj.call_hangup(event.call_id, 486)
            elif "ring" not in event.info.local_info:
                pj.call_answer(event.call_id, 200)

    def transport_config(self) -> pj.TransportConfig:
        return pj.TransportConfig(port=0, bound_addr="127.0.0.1")

    def account_config(self, user: str) -> pj.AccConfig:
        port = self.phone.port if self.phone else 9
        return pj.AccConfig(
            id=f"sip:{user}@127.0.0.1:{port}", rtp_cfg=self.transport_config(), unreg_timeout=10
        )

    def _make_stale(self) -> None:
        """An id of each kind whose object has gone."""
        acc = pj.acc_add(self.account_config("gone"))
        pj.acc_del(acc)
        player, recorder = pj.player_create("tone.wav"), pj.recorder_create("gone.wav")
        slot = pj.player_get_conf_port(player)
        pj.player_destroy(player)
        pj.recorder_destroy(recorder)
        transport = pj.transport_create(pj.TransportType.UDP, self.transport_config())
        pj.transport_close(transport)
        buddy = pj.buddy_add(self.struct(pj.BuddyConfig))
        pj.buddy_del(buddy)
        tones = pj.tonegen_create()
        pj.tonegen_destroy(tones)
        self.stale = [acc, player, recorder, slot, transport, buddy, tones]

    def _furnish(self) -> None:
        """Whatever of the furniture is missing: transport, accounts, player, a live and a ringing call."""
        assert self.phone is not None
        good = self.good
        transports = pj.enum_transports()
        if self.phone.transport_id not in transports:
            raise NeedsBuilding
        if good.get("spare") not in transports:
            good["spare"] = pj.transport_create(pj.TransportType.UDP, self.transport_config())
        for name in ("alice", "bob", "victim"):
            if not pj.acc_is_valid(good.get(name, -1)):
                good[name] = pj.acc_add(self.account_config(name), False)
        if not pj.buddy_is_valid(good.get("buddy", -1)):
            good["buddy"] = pj.buddy_add(self.struct(pj.BuddyConfig))
        with contextlib.suppress(KeyError, pj.PjsuaError):
            pj.tonegen_stop(good["tones"])
            pj.tonegen_set_digit_map(good["tones"], DIGITS)
            return self._furnish_calls()
        good["tones"] = pj.tonegen_create()
        self._furnish_calls()

    def _furnish_calls(self) -> None:
        """The calls, and the files they may be connected with."""
        good = self.good
        for name in ("live", "ring"):
            ends = [good.get(f"{name} {end}") for end in ("out", "in")]
            if not all(call is not None and pj.call_is_active(call) for call in ends):
                self._call(name)
        with contextlib.suppress(pj.PjsuaError):
            if "player" in good:
                pj.player_get_conf_port(good["player"])
                pj.recorder_get_conf_port(good["recorder"])
                return
        good["player"] = pj.player_create("tone.wav")
        good["recorder"] = pj.recorder_create("heard.wav")
        good["source"] = pj.player_get_conf_port(good["player"])
        good["sink"] = pj.recorder_get_conf_port(good["recorder"])

    def _call(self, user: str) -> None:
        """A pair of calls from alice to an address of our own, answered if it is not "ring"."""
        assert self.phone is not None
        for end in ("out", "in"):
            if (call := self.good.pop(f"{user} {end}", None)) is not None:
                with contextlib.suppress(pj.PjsuaError):
                    pj.call_hangup(call)
        self.users += 1
        name = f"{user}-{self.users}"
        out = pj.call_make_call(self.good["alice"], self.phone.uri(name))
        event = self.phone.wait(pj.OnIncomingCall, lambda event: f"{name}@" in event.info.local_info)
        if user == "live":
            for call in (out, event.call_id):
                self.phone.wait_state(call, pj.InvState.CONFIRMED)
                self.phone.wait_media(call)
        self.good[f"{user} out"], self.good[f"{user} in"] = out, event.call_id

    # -- good arguments

    def arguments(self, function: str) -> dict[str, Any]:
        """What the function wants at least, all of it good in this state."""
        return {
            each.name: self.argument(function, each)
            for each in functions()[function]
            if each.required or each.name in NEEDED
        }

    def argument(self, function: str, parameter: Parameter) -> Any:
        """A good value, by the argument's name or type; where neither tells, a harmless one."""
        known = self.known(function, parameter)
        return plain(parameter.type) if known is None else known

    def known(self, function: str, parameter: Parameter) -> Any:
        name, room = parameter.name, function.partition("_")[0]
        good = self.good
        port = self.phone.port if self.phone else 9
        kind, _ = without_none(parameter.type)
        by_name: dict[str, Any] = {
            "acc_id": good.get("alice" if room == "call" else "victim", good.get("acc_id", 0)),
            "call_id": good.get("ring in" if function.startswith("call_answer") else "live out", 0),
            "dest_call_id": good.get("live in", 1),
            "tid": good.get("spare", 0),
            "id": good.get(
                {"player": "player", "recorder": "recorder", "tonegen": "tones"}.get(room, "spare"),
                self._id(room),
            ),
            "source": good.get("source", 0),
            "sink": good.get("sink", 0),
            "slot": good.get("source", 0),
            "port": good.get("source", 0) if room == "conf" else 0,
            "filename": "tone.wav" if room == "player" else "made.wav",
            "type": pj.TransportType.UDP,
            "codec_id": "PCMU",
            "priority": 128,
            "digits": "1",
            "digit_map": DIGITS,
            "tones": [pj.ToneDesc(freq1=400, on_msec=50)],
            "level": 1.0,
            "code": {"held_request_respond": 603, "subscribe_respond": 403, "set_draining": 0}.get(
                function, 180
            ),
            "max_pending": 0,
            "method": "OPTIONS" if kind is str else 0,
            "cap": 10000 if room == "queue" else pj.AudDevCap.OUTPUT_VOLUME_SETTING,
            "file_names": ["tone.wav"],
            "sdp": SDP,
            "content": "hello",
            "buddy_id": good.get("buddy", 0),
            "srv_pres": 1,
            "subscription": 0,
            "subscriber": 0,
            "event": "reg",
            "accept": ["text/plain"],
            "expires": 60,
            "limit": 10,
            "timeout": 0.01,
            "msec_timeout": 0,
            "renew": False,
            "which": "BYE" if kind is str else 0,
            "headers": [("X-Why", "so")],
        }
        if isinstance(kind, type) and issubclass(kind, Struct):
            given = self.struct(kind)
            if function == "transport_lis_start":
                given.port = 9
            return given
        if function in ("pres_notify", "subscriber_notify") and name == "state":
            return 4  # active
        if kind is str and re.search(r"(^|_)(uri|url|to|dst|dest)$", name):
            return f"sip:busy@127.0.0.1:{port}"
        return by_name.get(name)

    def _id(self, room: str) -> Any:
        return self.good.get("id", 0) if room == "transport" else 0

    def struct(self, kind: type[Struct]) -> Any:
        if kind is pj.AccConfig:
            return self.account_config("made")
        if kind is pj.TransportConfig:
            return self.transport_config()
        if kind is pj.CodecParam and self.state in ("init", "running"):
            return pj.codec_get_param("PCMU")
        if kind is pj.BuddyConfig:
            return pj.BuddyConfig(uri=f"sip:friend@127.0.0.1:{self.phone.port if self.phone else 9}")
        if kind is pj.Config:
            return pj.Config(max_calls=4)
        return kind()

    def wrong_ids(self, value: Any) -> list[tuple[str, Any]]:
        """Ids of objects that have gone, of other kinds and made up, in place of `value`, a good one."""
        kind = type(value)
        others = [each for each in self.good.values() if type(each) is not kind and hasattr(each, "serial")]
        return (
            [("stale", each) for each in self.stale if type(each) is kind]
            + [(f"a {type(each).__name__}", each) for each in others if not isinstance(each, pj.ConfPortId)][
                :6
            ]
            + [
                ("a serial made up", kind(int(value), 2**63 + 5)),
                ("a serial one up", kind(int(value), value.serial + 1)),
            ]
        )

    # -- after a case

    def put_right(self, function: str, result: Any) -> str:
        """Takes away what a call made and gives back what it took; what cannot be is told."""
        for name, repair in REPAIR.items():
            if re.search(name, function):
                with contextlib.suppress(pj.PjsuaError):
                    repair()
        if hasattr(result, "close") and hasattr(result, "__next__"):
            result.close()
        ended = self._end(function, result)
        if int(pj.get_state()) != STATES[self.state]:
            self.build()
            return ""
        if self.state != "running":
            if self.state == "init":
                self._only({"acc": {self.good["acc_id"]}, "transport": {self.good["id"]}})
            return ended
        assert self.phone is not None
        if function.startswith("acc_") and not self._looks_only(function):
            with contextlib.suppress(pj.PjsuaError):
                pj.acc_del(self.good["victim"])
        return self._tidy() or ended

    @staticmethod
    def _looks_only(function: str) -> bool:
        return re.search(r"_(get|is|find|enum)_", function) is not None

    def _tidy(self) -> str:
        """Again and again until only the furniture is there: what a transfer began goes on for a while."""
        deadline = time.monotonic() + 10
        counts: dict[str, int] = {}
        while time.monotonic() < deadline:
            try:
                self._furnish()
            except NeedsBuilding:
                self.build()
            good = self.good
            assert self.phone is not None
            self._only(
                {
                    "acc": {good["alice"], good["bob"], good["victim"]},
                    "transport": {self.phone.transport_id, good["spare"]},
                    "call": {good["live out"], good["live in"], good["ring out"], good["ring in"]},
                    "buddy": {good["buddy"]},
                }
            )
            counts = {
                # Not those that hang up: one whose INVITE nobody answers keeps its slot for 32 s.
                "calls": sum(map(pj.call_is_active, pj.enum_calls())),
                "accounts": pj.acc_get_count(),
                "transports": len(pj.enum_transports()),
                "buddies": pj.get_buddy_count(),
            }
            if counts == FURNITURE:
                return ""
            time.sleep(0.002)
        return f"left over: {counts}, {FURNITURE} expected"

    def _end(self, function: str, result: Any) -> str:
        """Ends what a creating function made, by the function that ends its kind."""
        kind = type(result).__name__
        if not (CREATING.search(function) and hasattr(result, "serial")):
            return ""
        room = re.sub(r"(?<!^)([A-Z])", r"_\1", kind.removesuffix("Id")).lower()
        for verb in ENDING:
            end = getattr(pj, f"{room}_{verb}", None)
            if end is not None:
                with contextlib.suppress(pj.PjsuaError):
                    end(result)
                return ""
        return f"no function ends a {kind}"

    def _only(self, wanted: dict[str, set[Any]]) -> None:
        rooms: dict[str, tuple[Callable[[], list[Any]], Callable[[Any], Any]]] = {
            "acc": (pj.enum_accs, pj.acc_del),
            "transport": (pj.enum_transports, pj.transport_close),
            "call": (pj.enum_calls, pj.call_hangup),
            "buddy": (pj.enum_buddies, pj.buddy_del),
        }
        for room, keep in wanted.items():
            enum, end = rooms[room]
            for each in enum():
                if each not in keep:
                    with contextlib.suppress(pj.PjsuaError):
                        end(each)

    # -- at the end

    def check(self) -> str:
        """A call with sound from one end to the other, and not a port more than before it."""
        self.build() if self.state != "running" else None
        if self.state != "running":
            return ""
        assert self.phone is not None
        # One that went through bad re-INVITEs may have no audio, and so no ports, left.
        self._call("live")
        ports = pj.conf_get_active_ports()
        self._call("live")
        deadline = time.monotonic() + 10
        while pj.conf_get_active_ports() != ports:
            if time.monotonic() > deadline:
                return f"ports: {ports} before a call and its end, {pj.conf_get_active_ports()} after"
            time.sleep(0.01)
        heard = Path("check.wav")
        recorder = pj.recorder_create(heard)
        player = pj.player_create("tone.wav")
        pj.conf_connect(pj.player_get_conf_port(player), pj.call_get_conf_port(self.good["live out"]))
        pj.conf_connect(pj.call_get_conf_port(self.good["live in"]), pj.recorder_get_conf_port(recorder))
        until(lambda: heard.stat().st_size > 2 * RATE, "half a second of sound")
        pj.player_destroy(player)
        pj.recorder_destroy(recorder)
        samples = array.array("h", heard.read_bytes()[44:][: 2 * (RATE // 2)])
        share = _share_of_tone(samples[-RATE // 4 :])
        return "" if share > 0.5 else f"the tone is {share:.2f} of what the other end heard"

    def close(self) -> None:
        pj.destroy(timeout=0.5)


class NeedsBuilding(Exception):
    """Something is gone that cannot be made anew by itself."""


NEEDED = {"content"}
"""May be left out, but not alone."""

FURNITURE = {"calls": 4, "accounts": 3, "transports": 2, "buddies": 1}

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

STATES = {
    "null": int(pj.State.NULL),
    "created": int(pj.State.CREATED),
    "init": int(pj.State.INIT),
    "running": int(pj.State.RUNNING),
    "destroyed": int(pj.State.NULL),
}

REPAIR: dict[str, Callable[[], Any]] = {
    "queue_set_cap": lambda: pj.queue_set_cap(10000),
    "codec_set_priority": lambda: pj.codec_set_priority("PCMU", 128),
    "^(set_(no_)?snd|snd_set)": pj.set_null_snd_dev,
    "codec_set_param": lambda: pj.codec_set_param("PCMU", None),
}
"""What undoes the functions that change how the next call goes."""


def _share_of_tone(samples: array.array[int]) -> float:
    """How much of the power lies at the frequency of tone.wav."""
    power = sum(sample * sample for sample in samples) or 1
    step = 2 * math.pi * TONE / RATE
    real = sum(sample * math.cos(step * n) for n, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(step * n) for n, sample in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (power * len(samples))


def _write_files() -> None:
    if Path("tone.wav").exists():
        return
    with wave.open("tone.wav", "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        wave_form = (int(12000 * math.sin(2 * math.pi * TONE * n / RATE)) for n in range(RATE))
        file.writeframes(array.array("h", wave_form).tobytes())
    os.mkfifo("fifo.wav")
    Path("empty.wav").touch()
    Path("noise.wav").write_bytes(b"RIFF" + bytes(range(256)) * 10)
