"""The endpoint: PJSIP in this process, as an asyncio object."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from . import _core, library
from .account import Account
from .call import Call
from .call_requests import hold_requests
from .config import AccConfig, Config, IpChangeParam, MediaConfig, TransportConfig
from .credentials import credential
from .delivery import TellsOfEvents, checked_seconds
from .endpoint_events import EndpointEvents
from .endpoint_media import EndpointMedia
from .endpoint_transports import EndpointTransports
from .enums import Ipv6Use, RedirectOp
from .errors import ForkedError, InvalidState, RegistrationTimeout, StaleError
from .ids import TransportId
from .info import Limits
from .ip_change import IpChange, IpChanges
from .overload import Drain, LetsIn
from .player import Player
from .sharing import Membership, house
from .sip_messages import SipMessages
from .sound_device import SoundDevice
from .tone import ToneGenerator
from .uri import address_of

if TYPE_CHECKING:
    from .config.account_options import AccountOptions, RegisterOptions

__all__ = ["Endpoint"]

REGISTER_GRACE = 1.0
"""Seconds a cancelled `Endpoint.register` waits for the answer, to take back what it asked for."""

MAX_CALLS = 32
"""Calls at a time unless somebody says otherwise: each wants a few file descriptors."""


class Endpoint(EndpointEvents, EndpointMedia, EndpointTransports, LetsIn, TellsOfEvents):
    """PJSIP, started by ``async with Endpoint() as endpoint:`` and destroyed at its end.

    There is one PJSIP in a process, and all `Endpoint` objects share it: in one loop, or in loops of
    different threads. The first starts it, the last to close destroys it; each has accounts and calls of
    its own. Events are delivered in the loop that opened it, and its methods belong to that loop. Ports,
    the sound device and codec priorities are everybody's. One that is to have it alone says ``share=False``:
    it does not open while another runs, and no other opens beside it.

    `transports` names the SIP transports to make: ``"udp"``, ``"tcp"``, ``"tls"``, and the
    same with a 6 for IPv6. `port` is theirs, 0 for any free one; `bound_addr` the address
    SIP and media bind to, every interface when empty. `max_calls`, 32 unless `ua_config` or
    this says otherwise, raises `ValueError` above what the build (`limits`) and the process's file
    descriptors can hold. While `max_pending` calls wait for an answer of ours, new ones are refused with
    503 and Retry-After before they cost anything; 0 is no limit. Where both name something they must agree.
    `transport_config` has what else is to be said of the transports: ``public_addr``, QoS, and the
    ``tls_setting`` of TLS, without which a server's certificate has to be one the system trusts, as for
    Python's `ssl`, and TLS to be 1.2 or 1.3. `rtp_cfg` is that of its accounts, unless they say otherwise:
    the range of ports, and the address, of their media.
    With `watchdog` the log is told of events that wait for longer than so many seconds (`set_watchdog`).

    Whoever comes second uses what transports there are, if any `port` will do and it has no
    `transport_config`, and has others made, which go with it; `max_calls` above what the first chose,
    another `max_pending`, `user_agent`, `ua_config` or `media_config`, raise `InvalidState` that names it.
    """

    def __init__(
        self,
        *,
        transports: Sequence[str] = ("udp", "tcp"),
        port: int = 0,
        bound_addr: str = "",
        max_calls: int | None = None,
        max_pending: int = 0,
        user_agent: str | None = None,
        ua_config: Config | None = None,
        media_config: MediaConfig | None = None,
        transport_config: TransportConfig | None = None,
        rtp_cfg: TransportConfig | None = None,
        share: bool = True,
        watchdog: float | None = None,
    ) -> None:
        self._set_transports(transports, port, bound_addr, transport_config, rtp_cfg)
        if not isinstance(ua_config, Config | None):
            raise TypeError(f"ua_config: Config expected, not {type(ua_config).__name__}")
        if ua_config is not None and any(getattr(ua_config.cb, name) for name in ua_config.cb.__slots__):
            raise ValueError("ua_config.cb: handlers belong to the low-level door; an Endpoint has none")
        untouched = Config()
        for name, value in (("max_calls", max_calls), ("user_agent", user_agent)):
            given = getattr(ua_config or untouched, name)
            if value is not None and given not in (value, getattr(untouched, name)):
                raise ValueError(f"{name}: {value!r}, but ua_config has {given!r}")
        self._watchdog_seconds = None if watchdog is None else checked_seconds(watchdog, "watchdog")
        self.share = share
        """Whether others may run beside it."""
        self.sound = SoundDevice()
        """Slot 0, the null device until it is opened."""
        self._ua_config = ua_config
        self._max_calls = max_calls
        self._max_pending = max_pending
        self._drain = Drain(self)
        self._user_agent = user_agent
        self._media_config = media_config
        self._accounts: dict[int, Account] = {}
        self._calls: dict[int, Call] = {}
        self._ending: dict[str, list[Call]] = {}
        self._ip_changes = IpChanges()
        self._member: Membership | None = None
        self._opening: asyncio.Future[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop
        self._epoch = -1

    # -- life

    @property
    def running(self) -> bool:
        return self._member is not None

    async def open(self) -> Self:
        """Starts PJSIP, or joins who runs it; open already, it does nothing. One that is being opened or
        closed is waited for.

        Raises `InvalidState` where a script runs it, somebody wants it alone, or others run it with settings
        that are not these; and where it is open in another loop.
        """
        loop = asyncio.get_running_loop()
        while (busy := self._busy()) is not None:
            if self._loop is not loop:
                raise InvalidState("the Endpoint is being opened or closed in another loop")
            await asyncio.wait([busy])
        if self.running:
            if self._loop is not loop:
                raise InvalidState("the Endpoint is open in another loop")
            return self
        self._loop = loop
        self._opening = loop.create_future()
        try:
            await self._open(loop)
        finally:
            opening, self._opening = self._opening, None
            opening.set_result(None)
        return self

    def _busy(self) -> asyncio.Future[None] | None:
        """What ends when its life goes on, None where nothing is under way."""
        if self._closing is not None and not self._closing.done():
            return self._closing
        return self._opening

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        start = _Start(self)
        # Bare futures: a task would be cancelled with all others when the loop is about to end.
        try:
            starting: asyncio.Future[Membership] = loop.run_in_executor(None, start)
            starting.add_done_callback(_heed)
            member = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread cannot be stopped half way: what it starts is taken down again.
            await asyncio.shield(loop.run_in_executor(None, start.undo))
            raise
        self._member = member
        member.hub.start()
        self._watch(member.hub)

    def _start(self) -> None:
        library.create()
        self._epoch = _core.epoch()
        self._transports = {}
        try:
            library.init(self._config(), None, self._media_config)
            _core.set_max_pending(self._max_pending)
            library.dispatcher.listen(self._handlers())
            SipMessages._set_wanted()
            self._make_transports()
            _core.start()
        except BaseException:
            self._stop(0.0)
            raise

    def _stop(self, timeout: float) -> None:
        # Where another has been created meanwhile, ours has gone already.
        if _core.epoch() == self._epoch:
            library.destroy(0, timeout)
        self._transports = {}

    def _settings(self) -> dict[str, Any]:
        """What the first has to say for all."""
        return {
            name: getattr(self, f"_{name}")
            for name in ("max_pending", "user_agent", "ua_config", "media_config")
        }

    def _join(self, settings: Mapping[str, Any], transports: Mapping[tuple[str, str], TransportId]) -> None:
        """Has a part in what others run, with these settings, and these transports by address and name."""
        self._epoch = _core.epoch()
        # A new one each time: who left may still be about to close those it had.
        self._transports = {}
        if self._max_calls is not None and self._max_calls > _core.call_get_max_count():
            raise InvalidState(
                f"max_calls: {self._max_calls}, but who started PJSIP chose {_core.call_get_max_count()}"
            )
        for name, ours in self._settings().items():
            chosen = settings[name]
            if ours not in (None, chosen) and not (name == "max_pending" and ours == 0):
                raise InvalidState(f"{name}: {ours!r}, but who started PJSIP chose {chosen!r}")
        self._join_transports(transports)

    def _config(self) -> Config:
        # A copy: what the caller gave stays as it was given.
        out = replace(self._ua_config) if self._ua_config else Config()
        if self._max_calls is not None:
            out.max_calls = self._max_calls
        elif out.max_calls == Config().max_calls:
            out.max_calls = MAX_CALLS
        if self._user_agent is not None:
            out.user_agent = self._user_agent
        elif not out.user_agent:
            out.user_agent = f"pyjsua/{_core.version()}"
        out.policy = replace(out.policy, reg_backoff=True)
        hold_requests(out)
        if out.policy.call_redirected is RedirectOp.STOP:
            # Each call says itself whether it is followed.
            out.policy.call_redirected = RedirectOp.PENDING
        return out

    async def close(self, timeout: float = 4.0) -> None:
        """Hangs up, unregisters, waits up to `timeout` seconds for the answers, and stops PJSIP where nobody
        else uses it.

        Any number of times, from any loop; cancelled, it goes on in the background. Raises `ForkedError` in a
        fork of the process that runs it.
        """
        loop = asyncio.get_running_loop()
        if not self.running and self._opening is None:
            return
        if _core.is_forked():
            # Neither its loop nor the threads of that are here.
            raise ForkedError("this process is a fork of the one whose Endpoint this is")
        if self._loop is not loop:
            if self._loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(self.close(timeout), self._loop)
                await asyncio.shield(asyncio.wrap_future(closing))
                return
            # Its own has ended, or stands still: nothing of it would be done there.
            self._loop, self._opening, self._closing = loop, None, None
        if self._opening is not None:
            await asyncio.wait([self._opening])
            if not self.running:
                return
        if self._closing is None or self._closing.done():
            self._closing = asyncio.ensure_future(self._close(timeout))
        await asyncio.shield(self._closing)

    async def _close(self, timeout: float) -> None:
        member = self._member
        assert member is not None
        if house.others(member):
            self._drain.end()
            await self._close_accounts(timeout)
        for account in self._accounts.values():
            account._closed = True
            for listener in list(account._listeners):
                listener.close()
        for call in self._calls.values():
            call._closing()
        try:
            await asyncio.to_thread(house.leave, member, timeout)
        finally:
            alone = not house.in_loop(self._loop)
            if alone:
                member.hub.stop()
            self._unwatch()
            self._transports = {}
            self._member = None
            with contextlib.ExitStack() as rest:
                # Last in, first out; and one that fails keeps no other from its end.
                rest.callback(SipMessages._endpoint_gone, self)
                rest.callback(self._drain.closed)
                if alone:
                    rest.callback(ToneGenerator._library_gone)
                    rest.callback(Player._library_gone)
                rest.callback(self.sound._endpoint_gone)
                rest.callback(self._calls.clear)
                rest.callback(self._ending.clear)
                rest.callback(self._ip_changes.end, InvalidState("the endpoint was closed"))
                for account in self._accounts.values():
                    rest.callback(account._gone)
                for call in self._calls.values():
                    rest.callback(call._gone)

    async def _close_accounts(self, timeout: float) -> None:
        """Leaves to others what is theirs: only what is ours is hung up and unregistered."""
        calls = self.calls
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await asyncio.gather(*(account.close(timeout) for account in self.accounts))
                for call in calls:
                    await call.wait_ended()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __del__(self) -> None:
        if getattr(self, "_member", None) is not None:
            warnings.warn(f"{self!r} was never closed", ResourceWarning, stacklevel=2, source=self)

    # -- accounts

    async def register(
        self,
        uri: str,
        password: str = "",
        *,
        username: str | None = None,
        ha1: str = "",
        realm: str = "*",
        registrar: str | None = None,
        proxy: Sequence[str] = (),
        expires: int | None = None,
        codecs: Sequence[str] | None = None,
        timeout: float = 32.0,
        **options: Unpack[RegisterOptions],
    ) -> Account:
        """Adds an account and registers it; returns once the registrar has agreed.

        `uri` is the address of record, ``"sip:1001@example.com"``. `username` for digest is the URI's user
        part unless given. `ha1` is the digest of name, realm and password in hexadecimal, in place of the
        password; for several credentials see ``cred_info``. `registrar` is the URI without its user, port
        and transport kept, unless given; `proxy` are outbound proxies, with which REGISTER is sent too.
        `codecs` are what its calls offer and accept, in this order, as for `Account.set_codecs`. Other
        fields of `AccConfig` may be given by name (`pyjsua.config.account_options` has them for wrappers of
        your own). Raises `AuthenticationFailed`, `RegistrationFailed`, `RegistrationTimeout`, `ValueError`;
        no account is left behind then. Nor is one when it is cancelled, which takes up to a second: a
        REGISTER that was sent is waited for, and taken back.
        """
        if expires is not None:
            if "reg_timeout" in options:
                raise TypeError("reg_timeout: `expires` says it already")
            options["reg_timeout"] = expires
        account = self.add_account(
            uri,
            password,
            username=username,
            ha1=ha1,
            realm=realm,
            proxy=proxy,
            codecs=codecs,
            reg_uri=registrar if registrar is not None else registrar_of(uri),
            **options,
        )
        try:
            return await account.wait_registered(timeout)
        except BaseException as error:
            await self._discard(account, isinstance(error, asyncio.CancelledError))
            raise

    async def _discard(self, account: Account, under_way: bool) -> None:
        account._closed = True
        try:
            if under_way:
                # A REGISTER that is not answered yet would leave its binding behind.
                with contextlib.suppress(RegistrationTimeout):
                    await account._outcome(REGISTER_GRACE)
        finally:
            account._gone()
            # The library was destroyed meanwhile, and the account with it.
            with contextlib.suppress(StaleError, InvalidState):
                _core.acc_del(account.id)

    def add_account(
        self,
        uri: str,
        password: str = "",
        *,
        username: str | None = None,
        ha1: str = "",
        realm: str = "*",
        proxy: Sequence[str] = (),
        codecs: Sequence[str] | None = None,
        **options: Unpack[AccountOptions],
    ) -> Account:
        """Adds an account without waiting for anything; without a `reg_uri` it never registers.

        For calls straight to an address, and for trunks. See `register` for the arguments.
        """
        self._require_running()
        user = address_of(uri).user
        if password or username or ha1:
            # RFC 3261, 22.4: the name as it is, not as a URI has to write it.
            name = username or user or ""
            options.setdefault("cred_info", [credential(name, password, ha1, realm)])
        if self.bound_addr:
            options.setdefault(
                "ipv6_media_use",
                Ipv6Use.ENABLED_USE_IPV6_ONLY if ":" in self.bound_addr else Ipv6Use.DISABLED,
            )
        if (rtp_cfg := self._rtp_cfg_of_accounts()) is not None:
            options.setdefault("rtp_cfg", rtp_cfg)
        acc_config = AccConfig(id=uri, proxy=tuple(proxy), **options)
        # Whoever is told of a call to it meanwhile waits until it is ours.
        with house.accounts:
            account = Account(self, _core.acc_add(acc_config, False, codecs), acc_config)
            self._accounts[account.id.serial] = account
        house.own(account.id.serial, self._member)
        return account

    async def handle_ip_change(
        self, *, restart_listener: bool = False, timeout: float | None = 60.0, **options: Any
    ) -> IpChange:
        """Makes good for a change of our address (`pjsua_handle_ip_change`): registers the accounts anew,
        and sends re-INVITEs in their calls or ends them, as ``AccConfig.ip_change_cfg`` says.

        Returns when all is done, with what was done. With `restart_listener` the transports are made anew,
        on every interface. `options` are further fields of `IpChangeParam`. One at a time: another waits.
        A call that PJSIP could not ask, because another re-INVITE was under way for instance, is asked again
        up to six times, with 3.1 s of pauses in all.
        Raises `TimeoutError` after `timeout` seconds, while PJSIP goes on.
        """
        self._require_running()
        param = IpChangeParam(restart_listener=restart_listener, **options)
        return await self._ip_changes.handle(param, timeout)

    @property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(account for account in self._accounts.values() if not account.closed)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Calls that have not ended."""
        return tuple(self._calls.values())

    # -- facts

    def sip_messages(self, *, received: bool = True, sent: bool = False) -> SipMessages:
        """Every SIP message that crosses the wire from now on, also those of no call: OPTIONS, NOTIFY, ..."""
        self._require_running()
        return SipMessages(self, None, received, sent)

    @property
    def limits(self) -> Limits:
        """What this build can hold."""
        return _core.limits()

    def _require_running(self) -> None:
        if not self.running:
            raise InvalidState("the Endpoint is not open; use `async with Endpoint() as endpoint:`")

    def __repr__(self) -> str:
        return f"<Endpoint {'running' if self.running else 'closed'}, {len(self._accounts)} accounts>"


def _heed(starting: asyncio.Future[Membership]) -> None:
    # An open that was cancelled has no use for the reason why it would have failed.
    if not starting.cancelled():
        starting.exception()


class _Start:
    """One start of PJSIP in a thread of its own, which can be undone from another while it goes on."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._loop = endpoint._loop
        self._done = threading.Event()
        self._member: Membership | None = None

    def __call__(self) -> Membership:
        try:
            self._member = house.join(self._endpoint, self._loop)
            return self._member
        finally:
            # The thread may be a while in putting this away.
            del self._endpoint
            self._done.set()

    def undo(self) -> None:
        self._done.wait()
        if self._member is not None:
            house.leave(self._member, 0.0)


def registrar_of(uri: str) -> str:
    """Where an address of record is registered unless somebody says otherwise."""
    address = address_of(uri)
    transport = tuple((name, value) for name, value in address.params if name.lower() == "transport")
    return str(replace(address.aor, user=None, params=transport))
