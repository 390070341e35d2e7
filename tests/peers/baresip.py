"""baresip as a user agent that is driven over its TCP control interface (module ctrl_tcp)."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from peers.missing import require
from peers.ports import bracketed, free_port
from peers.process import Peer, PeerDied, PeerTimeout
from peers.signals import Samples, read_wav, write_wav

_MODULES = Path("/usr/lib/baresip/modules")

_REGISTERED = re.compile(
    r"^SIP/2\.0 (?!1\d\d|401|407)\d{3} [^\n]*\n(?:[^\r\n]+\r?\n)*?CSeq: \d+ REGISTER", re.MULTILINE
)


class CommandFailed(RuntimeError):
    """baresip refused a command; the message is its answer."""


class Baresip(Peer):
    """A baresip with one account, `aor` (`sip:1001@a.test`), through the proxy or registrar at `proxy`.

    It registers for `expires` seconds (0: not at all) with `password`; without a password it answers no
    challenge. `start` waits for the answer to its REGISTER unless `wait_registered` is off; with a wrong
    password there is none, since it answers 401 after 401. `answer` is `"manual"`, `"auto"` or `"early"`.
    It sends `source` (mono samples at 8 kHz), or a 440 Hz tone, in G.711, and writes down what it sends and
    hears: see `heard`.
    """

    name: ClassVar[str] = "baresip"
    # It unregisters on its way out, and goes on trying when nobody answers.
    stop_timeout: ClassVar[float] = 2.0

    def __init__(
        self,
        aor: str = "sip:baresip@127.0.0.1",
        proxy: tuple[str, int] | None = None,
        *,
        password: str | None = None,
        username: str | None = None,
        host: str = "127.0.0.1",
        port: int | None = None,
        transport: str = "udp",
        expires: int | None = None,
        answer: str = "manual",
        source: Samples | None = None,
        codecs: str = "PCMU,PCMA",
        wait_registered: bool = True,
        account_parameters: str = "",
        config: str = "",
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self._program = require("baresip")
        self.aor = aor
        self.host = host
        self.port = free_port(host) if port is None else port
        self._control_port = free_port()
        self._media_port = free_port(host, count=20, even=True)
        self._proxy = proxy
        self._password = password
        self._username = username
        self._transport = transport
        self._expires = expires if expires is not None else (3600 if proxy is not None else 0)
        self._answer = answer
        self._source = source
        self._codecs = codecs
        self._wait_registered = wait_registered
        self._account_parameters = account_parameters
        self._config = config
        self._control: socket.socket | None = None
        self._events: list[dict[str, Any]] = []
        self._answers: dict[str, dict[str, Any]] = {}
        self._serial = 0
        self._changed = threading.Condition()
        self._closed = True

    @property
    def address(self) -> tuple[str, int]:
        return (self.host, self.port)

    @property
    def uri(self) -> str:
        """URI that reaches it directly."""
        match = re.match(r"sips?:([^@]+)@", self.aor)
        suffix = ";transport=tcp" if self._transport == "tcp" else ""
        return f"sip:{match[1] if match else 'baresip'}@{bracketed(self.host)}:{self.port}{suffix}"

    @property
    def version(self) -> tuple[int, ...]:
        """Once it was started."""
        match = re.search(r"baresip v([\d.]+)", self.output)
        if match is None:
            raise PeerDied(f"{self.name} does not say which version it is\n{self.report()}")
        return tuple(map(int, match[1].split(".")))

    def hears(self, digits: str) -> str:
        """Those it tells of, of digits that follow each other as telephone events.

        1.1.0 looks at an event only where the packet before it had another payload type.
        """
        return digits[:1] if (1, 1) <= self.version < (2,) else digits

    def _prepare(self) -> None:
        source = None
        if self._source is not None:
            source = write_wav(self.directory / "source.wav", self._source, 8000)
        driver = f"aufile,{source}" if source is not None else "ausine,440"
        (self.directory / "recordings").mkdir(exist_ok=True)
        modules = ["account", "menu", "ctrl_tcp", "uuid", "g711", "aubridge", "sndfile"]
        modules.append("aufile" if source is not None else "ausine")
        rate, channels = (8000, 1) if source is not None else (48000, 2)
        lines = [
            f"sip_listen {bracketed(self.host)}:{self.port}",
            # Where there is nothing but loopback it would find no address of its own.
            f"net_interface {self.host}",
            "poll_method epoll",
            "call_local_timeout 120",
            "call_max_calls 16",
            f"audio_source {driver}",
            "audio_player aubridge,player",
            "audio_alert aubridge,alert",
            f"ausrc_srate {rate}",
            f"ausrc_channels {channels}",
            "auplay_srate 8000",
            "auplay_channels 1",
            "audio_level no",
            f"rtp_ports {self._media_port}-{self._media_port + 19}",
            "rtcp_mux no",
            "rtp_timeout 0",
            f"ctrl_tcp_listen 127.0.0.1:{self._control_port}",
            f"snd_path {self.directory / 'recordings'}",
            f"module_path {_MODULES}",
            *(
                f"module{'_app' if name in ('account', 'menu', 'ctrl_tcp') else ''} {name}.so"
                for name in modules
            ),
            self._config,
        ]
        (self.directory / "config").write_text("\n".join(lines) + "\n")
        (self.directory / "accounts").write_text(self._account() + "\n")
        (self.directory / "contacts").write_text("")
        (self.directory / "uuid").write_text("00000000-0000-4000-8000-000000000001")

    def _account(self) -> str:
        uri = self.aor + (f";transport={self._transport}" if self._transport != "udp" else "")
        parameters = [f"regint={self._expires}", f"answermode={self._answer}", f"audio_codecs={self._codecs}"]
        if self._password is not None:
            parameters.append(f'auth_pass="{self._password}"')
        else:
            # Without one baresip asks on the terminal.
            parameters.append("auth_pass=")
        if self._username is not None:
            parameters.append(f"auth_user={self._username}")
        if self._proxy is not None:
            outbound = f"sip:{bracketed(self._proxy[0])}:{self._proxy[1]};transport={self._transport}"
            parameters.append(f'outbound="{outbound}"')
        return f"<{uri}>;" + ";".join(parameters) + self._account_parameters

    def command(self) -> Sequence[str]:
        return [self._program, "-f", str(self.directory), "-p", str(self.directory), "-s"]

    def _wait_ready(self) -> None:
        def connected() -> bool:
            try:
                self._control = socket.create_connection(("127.0.0.1", self._control_port), timeout=1)
            except OSError:
                return False
            return True

        self.wait_until(connected, "control port answers")
        assert self._control is not None
        self._control.settimeout(None)
        self._closed = False
        threading.Thread(target=self._read, args=(self._control,), name="baresip-events", daemon=True).start()
        if self._expires and self._wait_registered:
            # Its event may have come before this connection stood; the SIP trace in the output has it.
            self.wait_until(
                lambda: _REGISTERED.search(self.output) is not None, "registration answered", timeout=20
            )

    def _read(self, control: socket.socket) -> None:
        buffer = b""
        try:
            while part := control.recv(65536):
                buffer += part
                while match := re.match(rb"(\d+):", buffer):
                    end = match.end() + int(match[1])
                    if len(buffer) <= end:
                        break
                    self._take(json.loads(buffer[match.end() : end].decode(errors="replace")))
                    buffer = buffer[end + 1 :]
        except OSError:
            pass
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._changed:
            if message.get("event"):
                message["received"] = time.time()
                self._events.append(message)
            else:
                self._answers[str(message.get("token"))] = message
            self._changed.notify_all()

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event so far, as baresip's JSON: `type`, `class`, `peeruri`, `param`, ..."""
        with self._changed:
            return list(self._events)

    def events_of(self, *types: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("type") in types]

    def wait_event(self, kind: str, timeout: float = 10.0, count: int = 1, param: str = "") -> dict[str, Any]:
        """Wait for the `count`th event of that type (whose `param` holds `param`), and return it.

        Types: REGISTER_OK, REGISTER_FAIL, UNREGISTERING, CALL_INCOMING, CALL_RINGING, CALL_PROGRESS,
        CALL_ESTABLISHED, CALL_CLOSED, CALL_DTMF_START, CALL_DTMF_END, CALL_RTCP, ...
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [
                    e for e in self._events if e.get("type") == kind and param in str(e.get("param", ""))
                ]
                if len(found) >= count:
                    return found[count - 1]
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    kinds = [event.get("type") for event in self._events]
                    raise PeerTimeout(
                        f"no {kind} #{count} within {timeout:g} s; events: {kinds}\n{self.report()}"
                    )
                self._changed.wait(left)

    def do(self, command: str, params: str = "", timeout: float = 5.0) -> str:
        """Run one of baresip's commands (`dial`, `accept`, `sndcode`...); `CommandFailed` if refused."""
        if self._control is None:
            raise CommandFailed("baresip was not started")
        with self._changed:
            self._serial += 1
            token = str(self._serial)
        text = json.dumps({"command": command, "params": params, "token": token}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))
        deadline = time.monotonic() + timeout
        with self._changed:
            while token not in self._answers:
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    raise PeerTimeout(f"{command!r} was not answered within {timeout:g} s\n{self.report()}")
                self._changed.wait(left)
            answer = self._answers.pop(token)
        if not answer.get("ok"):
            raise CommandFailed(f"{command} {params}: {answer.get('data')}")
        return str(answer.get("data", ""))

    def dial(self, uri: str) -> None:
        """Call; the outcome comes as events."""
        self.do("dial", uri)

    def answer(self) -> None:
        self.do("accept")

    def hangup(self) -> None:
        self.do("hangup")

    def dtmf(self, digits: str) -> None:
        """Send digits as RFC 4733 events in the current call."""
        for digit in digits:
            self.do("sndcode", digit)

    def wait_heard(self, seconds: float, timeout: float = 10.0) -> None:
        """Wait until the recording of the call going on is `seconds` long: time as the audio counts it."""
        wanted = round(seconds * 8000) * 2
        self.wait_until(
            lambda: any(file.stat().st_size >= wanted for file in self._files("dec")[-1:]),
            f"{seconds:g} s heard",
            timeout,
        )

    def heard(self) -> tuple[Samples, int]:
        """Samples and rate of what it heard in its last call; complete after the call, or after `stop`."""
        return self._recording("dec")

    def said(self) -> tuple[Samples, int]:
        """Samples and rate of what it sent in its last call."""
        return self._recording("enc")

    def _recording(self, suffix: str) -> tuple[Samples, int]:
        files = self._files(suffix)
        if not files:
            raise FileNotFoundError(f"no recording {suffix!r}\n{self.report()}")
        return read_wav(files[-1])

    def _files(self, suffix: str) -> list[Path]:
        # The names carry the second of the start and the direction.
        return sorted((self.directory / "recordings").glob(f"*-{suffix}.wav"))

    def report(self) -> str:
        lines = [json.dumps(event) for event in self.events[-50:]]
        return "\n".join([super().report(), "--- events", *lines])

    def stop(self, timeout: float | None = None) -> None:
        super().stop(timeout)
        if self._control is not None:
            self._control.close()
            self._control = None
