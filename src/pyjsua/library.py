"""The one PJSIP of this process: its life, and who consumes its events."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Final

from . import _core, config, dispatch, enums, errors, events as event_classes, hooks, ids, info, log
from .message import Message
from .struct import Struct
from .user_data import UserData

__all__ = ["create", "destroy", "destroy2", "dispatcher", "events", "get_state", "init"]

INVALID_ID: Final[int] = _core.constant("PJSUA_INVALID_ID")
"""No account, call, transport or port."""
PLAYER_NO_LOOP: Final[int] = _core.constant("PJMEDIA_FILE_NO_LOOP")
"""Option of `player_create`: play once."""
SND_DEFAULT_CAPTURE_DEV: Final[int] = _core.constant("PJMEDIA_AUD_DEFAULT_CAPTURE_DEV")
SND_DEFAULT_PLAYBACK_DEV: Final[int] = _core.constant("PJMEDIA_AUD_DEFAULT_PLAYBACK_DEV")
SND_NO_DEV: Final[int] = _core.constant("PJSUA_SND_NO_DEV")
"""For `set_snd_dev2`: no device and no clock."""
SND_NULL_DEV: Final[int] = _core.constant("PJSUA_SND_NULL_DEV")
"""For `set_snd_dev`: silence in, nothing out."""
TONEGEN_LOOP: Final[int] = _core.constant("PJMEDIA_TONEGEN_LOOP")
"""Option of `tonegen_create`, `tonegen_play` and `tonegen_play_digits`: over and over."""
TONEGEN_MAX_DIGITS: Final[int] = _core.constant("PJMEDIA_TONEGEN_MAX_DIGITS")
"""Tones that a tone generator can have before it."""
XFER_NO_REQUIRE_REPLACES: Final[int] = _core.constant("PJSUA_XFER_NO_REQUIRE_REPLACES")
"""Option of `call_xfer_replaces`: no ``Require: replaces`` in the INVITE that is asked for."""

dispatcher: Final = dispatch.Dispatcher()
hook_runner: Final = hooks.Runner()
_life = threading.RLock()


def _struct_classes() -> dict[str, type[Struct]]:
    return {
        name: cls
        for module in (config, info, event_classes)
        for name, cls in vars(module).items()
        if isinstance(cls, type) and issubclass(cls, Struct)
    }


_core.bind(_struct_classes(), enums.enum_classes(), ids.id_classes(), Message, errors.from_status)


def get_state() -> enums.State:
    """State of the library (`pjsua_get_state`)."""
    return enums.State(_core.get_state())


def create() -> None:
    """Creates the library (`pjsua_create`).

    Raises `InvalidState` if it exists already, `ForkedError` in a fork of a process that runs it.
    """
    _watch_forks()
    with _life:
        if _core.get_state() == enums.State.NULL and not _core.is_forked():
            _core.queue_discard()
            UserData.clear_all()
            log.offer()
            dispatcher.listen({})
        _core.create()
        _at_exit()


def init(
    ua_cfg: config.Config | None = None,
    log_cfg: config.LoggingConfig | None = None,
    media_cfg: config.MediaConfig | None = None,
) -> None:
    """Initialises the library (`pjsua_init`).

    Handlers set in ``ua_cfg.cb`` run in the dispatcher thread, started here; with none
    set, the script reads `events()`. Hooks in ``ua_cfg.hooks`` run in a thread of their own.
    Slot 0 is the null device until `set_snd_dev`.
    Raises `ValueError` for more calls than the build or the process can hold, and leaves
    the library created: `init` may be called again.
    """
    with _life:
        if isinstance(ua_cfg, config.Config):
            _check_descriptors(ua_cfg.max_calls)
        handlers = _handlers(ua_cfg)
        functions, timeout = _hooks(ua_cfg)
        if isinstance(ua_cfg, config.Config) and not isinstance(ua_cfg.policy, config.Policy):
            raise TypeError(f"ua_cfg.policy: Policy expected, not {type(ua_cfg.policy).__name__}")
        if _core.get_state() != enums.State.CREATED:
            # Refused, before the policy and the handlers of a library that runs are touched.
            _core.init(ua_cfg, log_cfg, media_cfg, log.pjsip_level())
        _core.set_policy(ua_cfg.policy if isinstance(ua_cfg, config.Config) else None)
        # PJSIP is told what is listened to, and asks for decisions, from its first moment on.
        if handlers:
            dispatcher.listen(handlers)
        else:
            dispatcher.want_all(incoming=False)
        try:
            hook_runner.open(functions, timeout)
            _core.init(ua_cfg, log_cfg, media_cfg, log.pjsip_level())
        except BaseException:
            if _core.get_state() == enums.State.CREATED:
                hook_runner.close()
                dispatcher.listen({})
            raise
        if handlers:
            dispatcher.start()


def _hooks(ua_cfg: config.Config | None) -> tuple[dict[str, hooks.Hook], float]:
    if not isinstance(ua_cfg, config.Config):
        return {}, 0.0
    if not isinstance(ua_cfg.hooks, config.Hooks):
        raise TypeError(f"ua_cfg.hooks: Hooks expected, not {type(ua_cfg.hooks).__name__}")
    return hooks.chosen(ua_cfg.hooks), ua_cfg.hooks.timeout


def _handlers(ua_cfg: config.Config | None) -> dict[type[event_classes.Event], dispatch.Handler]:
    if not isinstance(ua_cfg, config.Config):
        return {}
    found: dict[type[event_classes.Event], dispatch.Handler] = {}
    for name in ua_cfg.cb.__slots__:
        handler = getattr(ua_cfg.cb, name)
        if handler is None:
            continue
        if not callable(handler):
            raise TypeError(f"ua_cfg.cb.{name}: a callable expected, not {type(handler).__name__}")
        found[getattr(event_classes, "".join(part.capitalize() for part in name.split("_")))] = handler
    return found


def _check_descriptors(max_calls: int) -> None:
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _core.descriptors_wanted(max_calls)
    if soft != resource.RLIM_INFINITY and wanted > soft:
        raise ValueError(
            f"ua_cfg.max_calls: {max_calls} calls want {wanted} file descriptors,"
            f" this process may have {soft} (ulimit -n, or resource.setrlimit)"
        )


def events(timeout: float | None = None) -> Iterator[event_classes.Event]:
    """The script's own event loop: events as they come.

    Ends after `timeout` seconds without an event (None waits for ever), and when the
    library is destroyed. Incoming calls are answered 480 until this was called once.
    Raises `RuntimeError` when handlers are set or another thread is reading, `ForkedError`
    in a fork of the process that runs the library.
    """
    if _core.is_forked():
        status = _core.constant("PYJ_EFORKED")
        raise errors.from_status(status, _core.strerror(status), "events", "")
    if dispatcher.handlers:
        raise RuntimeError("events() and handlers exclude each other: there are handlers")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, (int, float))):
        raise TypeError(f"timeout: seconds expected, not {type(timeout).__name__}")
    if timeout is not None and not timeout >= 0:
        raise ValueError(f"timeout: {timeout} is not a number of seconds")
    dispatcher.want_all(incoming=True)
    return dispatcher.read(timeout)


def destroy(flags: int = 0, timeout: float = 4.0) -> None:
    """Hangs up, unregisters, waits up to `timeout` seconds for the answers, and destroys (`pjsua_destroy`).

    Any thread, a handler's too, any number of times; a second one waits for the first.
    Every event that came before is delivered before this returns.
    """
    _core.destroy(flags, timeout)
    if _core.get_state() == enums.State.NULL:
        hook_runner.close()
        dispatcher.stop()
        UserData.clear_all()


def destroy2(flags: int) -> None:
    """`destroy` with C's flags only (`pjsua_destroy2`): a `DestroyFlag`, or several.

    PJSUA_DESTROY_NO_TX_MSG says goodbye to nobody: calls and registrations are left as they are at the far
    end. PJSUA_DESTROY_NO_RX_MSG says it and waits for no answer. PJSUA_DESTROY_NO_NETWORK is both.
    """
    waits = not isinstance(flags, int) or not flags & _core.constant("PJSUA_DESTROY_NO_RX_MSG")
    destroy(flags, 4.0 if waits else 0.0)


_watching_forks = False


def _watch_forks() -> None:
    global _watching_forks
    # Windows has no fork.
    if not _watching_forks and hasattr(os, "register_at_fork"):
        _watching_forks = True
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    """Has a lock of its own: the parent's may be held by a thread that is not here to let go of it."""
    global _life
    _life = threading.RLock()


_exit_pid: int | None = None


def _at_exit() -> None:
    """Arranges for a silent end with live calls, once per process."""
    global _exit_pid
    if _exit_pid != os.getpid():
        _exit_pid = os.getpid()
        atexit.register(_exit)


def _exit() -> None:
    if _exit_pid == os.getpid() and not _core.is_forked():
        with contextlib.suppress(errors.PjsuaError):
            _core.destroy(0, 1.0)
        # A handler that never returns does not keep the process: its thread is a daemon.
        dispatcher.stop(timeout=1.0)
        dispatcher.flush_logs()
