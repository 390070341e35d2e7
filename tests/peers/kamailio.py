"""Kamailio as registrar and stateful proxy for one domain."""

from __future__ import annotations

import json
import select
import socket
import time
import uuid
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from peers.certificates import Certificate
from peers.hep import PING, HepReceiver
from peers.message import Message
from peers.missing import require
from peers.ports import bracketed, free_port
from peers.process import Peer, PeerTimeout

_TEMPLATE = Path(__file__).with_name("kamailio.cfg.in")


class Kamailio(Peer):
    """A Kamailio of its own on UDP and TCP.

    `users` maps user names to passwords (None: every user may register, nobody is challenged; the same
    with `auth=False`). REGISTER is challenged with 401, every other request out of a dialog by a user of
    this domain with 407. `domain` is served beside `host:port`; the realm is `domain` unless given.
    `routes` names the proxies of other domains, as `{"b.test": (host, port)}`. A user known but not
    registered gets 480, an unknown one 404.

    `first` is Kamailio script run on every request before anything else (fault injection: `if
    (is_method("REGISTER")) { sl_send_reply("503", "Down"); exit; }`); `modparams` is added to the modules'
    settings. `qop=False` leaves qop out of the challenge, `user_check=False` lets a user name other than
    the From's authenticate; `forbid` answers wrong credentials with 403, not with another challenge.
    With `certificate`, and the CA file that clients' are signed by, it is at `tls_port` too, and at
    `mutual_tls_port` for clients that have a certificate.
    One UDP worker keeps `messages` in the order of events; a benchmark may want more `children`.
    Expiries are in seconds; `fr_timer` and `fr_inv_timer`, Kamailio's limits for a first and for a final
    answer, in milliseconds.
    """

    name: ClassVar[str] = "kamailio"
    # Kamailio 5.6 sometimes hangs in its own shutdown, and there is nothing in memory to be saved.
    stop_timeout: ClassVar[float] = 0.5

    def __init__(
        self,
        domain: str = "a.test",
        users: Mapping[str, str] | None = None,
        port: int | None = None,
        routes: Mapping[str, tuple[str, int]] | None = None,
        *,
        host: str = "127.0.0.1",
        auth: bool = True,
        realm: str | None = None,
        algorithm: Literal["MD5", "SHA-256"] = "MD5",
        qop: bool = True,
        user_check: bool = True,
        forbid: bool = False,
        nonce_expire: int = 300,
        min_expires: int = 1,
        max_expires: int = 3600,
        max_contacts: int = 10,
        fr_timer: int = 5000,
        fr_inv_timer: int = 60000,
        children: int = 1,
        trace: bool = True,
        first: str = "",
        modparams: str = "",
        certificate: Certificate | None = None,
        clients_ca: Path | None = None,
        directory: Path | None = None,
    ) -> None:
        super().__init__(directory=directory)
        self._program = require("kamailio")
        self.host = host
        self.port = free_port(host) if port is None else port
        self.domain = domain
        self.realm = realm or domain
        self.users = dict(users or {})
        self.routes = dict(routes or {})
        self._rpc_port = free_port()
        self._certificate = certificate
        self._clients_ca = clients_ca
        self.tls_port = free_port(host) if certificate is not None else 0
        self.mutual_tls_port = free_port(host) if certificate is not None else 0
        ports = (self.port, self.tls_port, self.mutual_tls_port)
        self._hep = HepReceiver(*((self.host, one) for one in ports)) if trace else None
        if self._hep is not None:
            weakref.finalize(self, self._hep.close)
        flags = 1 if qop else 0
        self._values = {
            "domain": domain,
            "realm": self.realm,
            "algorithm": "" if algorithm == "MD5" else algorithm,
            "challenge_flags": str(flags),
            "user_check": "1" if user_check else "0",
            "nonce_expire": str(nonce_expire),
            "min_expires": str(min_expires),
            "max_expires": str(max_expires),
            "max_contacts": str(max_contacts),
            "fr_timer": str(fr_timer),
            "fr_inv_timer": str(fr_inv_timer),
            "children": str(children),
            "first": first,
            "modparams": modparams,
            "rpc_port": str(self._rpc_port),
            "trace": "1" if trace else "0",
            "hep_port": str(self._hep.port if self._hep is not None else 9),
        }
        self._defines = ["WITH_AUTH"] if auth and users is not None else []
        if forbid:
            self._defines.append("WITH_FORBID")
        if certificate is not None:
            self._defines.append("WITH_TLS")

    @property
    def address(self) -> tuple[str, int]:
        return (self.host, self.port)

    @property
    def uri(self) -> str:
        """`sip:host:port`: what a client takes as registrar or outbound proxy."""
        return f"sip:{bracketed(self.host)}:{self.port}"

    def aor(self, user: str) -> str:
        """Address of record of a user of this domain."""
        return f"sip:{user}@{self.domain}"

    def add_route(self, domain: str, address: tuple[str, int]) -> None:
        """Forward requests for `domain` to the proxy at `address`; takes effect at the next start."""
        self.routes[domain] = address

    def _prepare(self) -> None:
        where = f"{bracketed(self.host)}:{self.port}"
        entries = [("passwords", user, password) for user, password in self.users.items()]
        entries += [
            ("routes", domain, f"sip:{bracketed(host)}:{port}")
            for domain, (host, port) in self.routes.items()
        ]
        listen = [f"listen=udp:{where}", f"listen=tcp:{where}"]
        if self._certificate is not None:
            ports = (self.tls_port, self.mutual_tls_port)
            listen += [f"listen=tls:{bracketed(self.host)}:{port}" for port in ports]
            (self.directory / "tls.cfg").write_text(self._tls())
        values = {
            **self._values,
            "listen": "\n".join(listen),
            "directory": str(self.directory),
            "tables": "\n".join(
                f"\t$sht({table}=>{key}) = {_quoted(value)};" for table, key, value in entries
            )
            or "\treturn;",
        }
        text = _TEMPLATE.read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        defines = "".join(f"#!define {name}\n" for name in self._defines)
        text = text.replace("#!KAMAILIO\n", f"#!KAMAILIO\n{defines}", 1)
        (self.directory / "kamailio.cfg").write_text(text)

    def _tls(self) -> str:
        assert self._certificate is not None
        sections = ["[client:default]\nmethod = TLSv1.2+\n"]
        for section, demand in (
            ("default", "no"),
            (f"{bracketed(self.host)}:{self.tls_port}", "no"),
            (f"{bracketed(self.host)}:{self.mutual_tls_port}", "yes"),
        ):
            sections.append(
                f"[server:{section}]\nmethod = TLSv1.2+\nverify_certificate = {demand}\n"
                f"require_certificate = {demand}\ncertificate = {self._certificate.file}\n"
                f"private_key = {self._certificate.key}\n"
                + (f"ca_list = {self._clients_ca}\n" if self._clients_ca is not None else "")
            )
        return "\n".join(sections)

    def command(self) -> Sequence[str]:
        config = str(self.directory / "kamailio.cfg")
        return [
            self._program, "-DD", "-E", "-f", config, "-m", "32", "-M", "8",
            "-Y", str(self.directory), "-w", str(self.directory),
        ]  # fmt: skip

    def _wait_ready(self) -> None:
        ping(self.address, timeout=10.0, alive=self.check_running)

    @property
    def messages(self) -> list[Message]:
        """Every message received and sent since the start (or `clear`), as bytes on the wire, in time.

        A message shows up here a moment after it was on the wire: to wait for it, use `wait_for`.
        """
        return [] if self._hep is None else sorted(self._hep.messages, key=lambda message: message.time)

    def clear(self) -> None:
        """Forget the messages seen so far."""
        if self._hep is not None:
            self._hep.clear()

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = 10.0, count: int = 1) -> Message:
        """Wait until `count` messages satisfy `wanted`, and return the last of these."""
        if self._hep is None:
            raise ValueError("wait_for() needs a Kamailio with trace=True")
        return self._hep.wait_for(wanted, timeout, count)

    def rpc(self, method: str, *params: Any, timeout: float = 5.0) -> Any:
        """Call one of Kamailio's JSON-RPC commands and return its result; `RuntimeError` on its error."""
        request = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(timeout)
            client.connect(("127.0.0.1", self._rpc_port))
            client.send(json.dumps(request).encode())
            answer = json.loads(client.recv(65535))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def contacts(self, user: str) -> list[str]:
        """Contact URIs registered for `user` now."""
        try:
            record = self.rpc("ul.lookup", "location", user)
        except RuntimeError:
            return []
        return [contact["Contact"]["Address"] for contact in record["Contacts"]]

    def report(self) -> str:
        lines = [f"{m.time:.6f} {m.direction:8} {m.transport} {m.start_line}" for m in self.messages[-100:]]
        return "\n".join([super().report(), "--- messages", *lines])


def two_kamailios(directory: Path | None = None, **settings: Any) -> tuple[Kamailio, Kamailio]:
    """Two proxies, `a.test` (users 1001, 1002) and `b.test` (2001, 2002), each with a route to the other.

    Not started. Every password is `secret-` and the user name.
    """
    pair = [
        Kamailio(
            domain,
            {user: f"secret-{user}" for user in users},
            directory=None if directory is None else directory / domain,
            **settings,
        )
        for domain, users in (("a.test", ("1001", "1002")), ("b.test", ("2001", "2002")))
    ]
    pair[0].add_route("b.test", pair[1].address)
    pair[1].add_route("a.test", pair[0].address)
    return pair[0], pair[1]


def ping(address: tuple[str, int], timeout: float, alive: Callable[[], None] = lambda: None) -> bytes:
    """Send OPTIONS over UDP until it is answered, and return the answer.

    `alive` is called between attempts and may raise.
    """
    deadline = time.monotonic() + timeout
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.connect(address)
        host, port = client.getsockname()[:2]
        here, there = f"{bracketed(host)}:{port}", f"{bracketed(address[0])}:{address[1]}"
        tag = uuid.uuid4().hex
        request = (
            f"OPTIONS sip:{there} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{tag};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:ping@{here}>;tag={tag}\r\nTo: <sip:{there}>\r\n"
            f"Call-ID: {PING}{tag}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        while True:
            alive()
            try:
                client.send(request)
                if select.select([client], [], [], 0.5)[0]:
                    return client.recv(65535)
            except ConnectionRefusedError:
                # Nobody is bound yet: the kernel said so at once.
                time.sleep(0.01)
            if time.monotonic() > deadline:
                raise PeerTimeout(f"no answer to OPTIONS from {there} within {timeout:g} s")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
