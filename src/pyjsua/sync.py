"""The objects for scripts and REPLs without asyncio: every method blocks until it is done::

    from pyjsua.sync import Endpoint

    with Endpoint() as endpoint:
        account = endpoint.register("sip:1001@example.com", password="secret")
        call = account.call("sip:1002@example.com", timeout=30)
        call.audio.write(pcm)
        call.hangup()

Names, arguments, results and errors are those of the asyncio objects, which live in one loop in a thread of
its own; the classes here are made by looking at theirs. Any thread may use any of them.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import importlib
import inspect
import threading
import types
from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum
from typing import Any

import pyjsua

from .message import Message
from .sync_loop import SyncLoop

__all__ = ["Blocking"]

TAKEN = frozenset({"__bool__", "__contains__", "__enter__", "__exit__", "__getitem__", "__iter__", "__len__"})
"""What a class may have that is no name, and is blocking here."""

END = object()

_loop = SyncLoop()
_faces: dict[type[Any], type[Any]] = {}
_making = threading.RLock()


class _Face(type):
    """Makes the object itself in the loop, and what stands for it here."""

    _of: type[Any]

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if cls is Blocking:
            raise TypeError("Blocking stands for an object of another class; make one of that")
        arguments, options = _unwrap(arguments), _unwrap(options)
        return _loop.run(lambda: _stand_in(cls, cls._of(*arguments, **options)))


class Blocking(metaclass=_Face):
    """Stands for an object that lives in the loop.

    A method that is a coroutine there blocks here, and Ctrl-C cancels it. ``async with`` is ``with``,
    ``async for`` is ``for``, a future or what can be awaited has `result`. Attributes are read and set in
    the loop. What a method returns is the same object each time, and what was given away here is taken back
    there. A function given as an argument is called in the loop, and must not wait for it: `RuntimeError`;
    one that might be a coroutine there, a handler of calls, is called in a thread of its own each time.

    To a type checker it is `Any`: nothing is known of it before it has been looked at.
    """

    __slots__ = ("__weakref__", "_object")
    _of = object
    _object: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return _loop.run(lambda: _wrap(getattr(self._object, name)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        value = _unwrap(value)
        _loop.run(lambda: setattr(self._object, name, value))

    def __dir__(self) -> list[str]:
        found = _loop.run(lambda: dir(self._object))
        return sorted({*object.__dir__(self), *(name for name in found if not name.startswith("_"))})

    def __repr__(self) -> str:
        try:
            text: str = _loop.run(lambda: repr(self._object))
        except (RuntimeError, AttributeError):
            # At the end of the interpreter, or before it was made.
            return object.__repr__(self)
        return text.replace("<", "<sync ", 1)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is neither copied nor pickled")

    def __del__(self) -> None:
        # What it stands for belongs to the loop, to the end.
        kept = [getattr(self, "_object", None)]
        _loop.call_soon(kept.clear)


def _blocking(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        return _call(getattr(self._object, name), arguments, options)

    return method


def _call(function: Callable[..., Any], arguments: Any, options: Any) -> Any:
    arguments, options = _with_threads(function, arguments, options)
    arguments, options = _unwrap(arguments), _unwrap(options)
    if inspect.iscoroutinefunction(function):
        return _loop.run(lambda: _later(function, *arguments, **options))
    return _loop.run(lambda: _wrap(function(*arguments, **options)))


FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)


def _with_threads(function: Callable[..., Any], arguments: Any, options: Any) -> tuple[Any, Any]:
    """The arguments, and functions among them that may wait as such that do it in a thread."""
    if not any(isinstance(value, FUNCTIONS) for value in (*arguments, *options.values())):
        return arguments, options
    signature = inspect.signature(function)
    bound = signature.bind(*arguments, **options)
    for name, value in bound.arguments.items():
        if isinstance(value, FUNCTIONS) and "Awaitable[" in str(signature.parameters[name].annotation):
            bound.arguments[name] = _InThread(value)
    return bound.args, bound.kwargs


class _InThread:
    """A function that waits, as the coroutine function the loop wants."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    async def __call__(self, *arguments: Any) -> Any:
        here = _wrap(arguments)
        return _unwrap(await _loop.in_thread(lambda: self._function(*here)))


async def _later(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    return _wrap(await function(*arguments, **options))


async def _aclose(iterator: AsyncIterator[Any]) -> None:
    if (close := getattr(iterator, "aclose", None)) is not None:
        await close()


def _advance(iterator: AsyncIterator[Any]) -> Any:
    value = _loop.run(lambda: _next(iterator))
    if value is END:
        raise StopIteration
    return value


async def _next(iterator: AsyncIterator[Any]) -> Any:
    # A coroutine cannot raise StopIteration.
    try:
        return _wrap(await anext(iterator))
    except StopAsyncIteration:
        return END


class _Iteration(Iterator[Any]):
    """An async iterator that is no object of ours, an async generator above all; closed when dropped."""

    def __init__(self, iterator: AsyncIterator[Any]) -> None:
        self._iterator = iterator

    def __next__(self) -> Any:
        return _advance(self._iterator)

    def close(self) -> None:
        """Ends it. Any number of times."""
        _loop.run(lambda: _aclose(self._iterator))

    def __del__(self) -> None:
        iterator = self._iterator
        _loop.begin(lambda: _aclose(iterator))


def _enter(self: Any) -> Any:
    return _loop.run(lambda: _later(self._object.__aenter__))


def _exit(self: Any, *error: Any) -> Any:
    return _loop.run(lambda: _later(self._object.__aexit__, *error))


def _iterate(self: Any) -> Any:
    def begin() -> Any:
        iterator = self._object.__aiter__()
        return self if iterator is self._object else _wrap(iterator)

    return _loop.run(begin)


def _step(self: Any) -> Any:
    return _advance(self._object)


def _result(self: Any, timeout: float | None = None) -> Any:
    """Waits for its end and returns what awaiting it gives; `TimeoutError` after `timeout` seconds."""
    return _loop.run(lambda: _awaited(self._object), timeout)


async def _awaited(value: Any) -> Any:
    return _wrap(await value)


PROTOCOL = {
    "__aenter__": ("__enter__", _enter),
    "__aexit__": ("__exit__", _exit),
    "__aiter__": ("__iter__", _iterate),
    "__anext__": ("__next__", _step),
    "__await__": ("result", _result),
}


def _face(kind: type[Any]) -> type[Any]:
    """The class that stands for another."""
    with _making:
        if kind not in _faces:
            _faces[kind] = _make_face(kind)
        return _faces[kind]


def _make_face(kind: type[Any]) -> type[Any]:
    namespace: dict[str, Any] = {"__slots__": (), "__doc__": kind.__doc__, "__module__": __name__}
    namespace["_of"] = kind
    for name, value in vars(kind).items():
        if name in PROTOCOL:
            other, function = PROTOCOL[name]
            if not hasattr(kind, other):
                namespace[other] = function
        elif name.startswith("_") and name not in TAKEN:
            continue
        elif inspect.isfunction(value):
            namespace[name] = _blocking(name, value)
        else:
            namespace[name] = _attribute(name, value.__doc__ if isinstance(value, property) else "")
    bases = tuple(_face(base) for base in kind.__bases__ if _is_ours(base)) or (Blocking,)
    face = _Face(kind.__name__, bases, namespace)
    # Of the class: what its metaclass takes says nothing.
    type.__setattr__(face, "__signature__", inspect.signature(kind))
    return face


def _attribute(name: str, doc: str | None) -> property:
    def read(self: Any) -> Any:
        return _loop.run(lambda: _wrap(getattr(self._object, name)))

    return property(read, None, None, doc)


def _is_ours(kind: type[Any]) -> bool:
    return kind.__module__.startswith("pyjsua.") and kind.__module__ != "pyjsua._core"


def _lives(kind: type[Any]) -> bool:
    """Whether objects of this class belong to the loop: they are themselves, not what they are equal to."""
    return (
        _is_ours(kind)
        and getattr(kind, "__eq__") is object.__eq__  # noqa: B009 - as a value: mypy sees two kinds of method
        and not issubclass(kind, BaseException | Enum | Message | Blocking | _Iteration)
    )


def _stand_in(face: type[Any], value: Any) -> Any:
    """In the loop: what stands for an object, the same as long as anybody has it."""
    found = _loop.stand_ins.get(id(value))
    if found is None:
        found = object.__new__(face)
        object.__setattr__(found, "_object", value)
        _loop.stand_ins[id(value)] = found
    return found


def _wrap(value: Any) -> Any:
    """In the loop: what a value is outside of it."""
    kind: type[Any] = type(value)
    if _lives(kind):
        return _stand_in(_face(kind), value)
    if _loop.is_future(value):
        return _loop.outside(value, _wrap)
    if isinstance(value, types.FunctionType | types.MethodType):
        return functools.wraps(value)(lambda *arguments, **options: _call(value, arguments, options))
    if isinstance(value, AsyncIterator):
        return _Iteration(value)
    if isinstance(value, types.GeneratorType):
        return iter([_wrap(each) for each in value])
    return _mapped(value, _wrap)


def _unwrap(value: Any) -> Any:
    """What an argument is in the loop."""
    if isinstance(value, Blocking):
        return value._object
    if isinstance(value, FUNCTIONS):
        return lambda *arguments, **options: _unwrap(value(*_wrap(arguments), **_wrap(options)))
    return _mapped(value, _unwrap)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A collection or a value with what is in it changed; itself where nothing is."""
    kind: type[Any] = type(value)
    if kind in (tuple, list, set, frozenset):
        several = [change(each) for each in value]
        # A mutable one is a copy: the loop may go on with its own.
        same = kind is tuple and all(new is old for new, old in zip(several, value, strict=True))
        return value if same else kind(several)
    if kind is dict:
        return {key: change(each) for key, each in value.items()}
    if dataclasses.is_dataclass(kind) and _is_ours(kind):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        changed = {name: new for name, old in fields.items() if (new := change(old)) is not old}
        if changed:
            value = copy.copy(value)
            for name, new in changed.items():
                object.__setattr__(value, name, new)
    return value


def _names() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in pyjsua._MODULES:
        there = importlib.import_module(f"pyjsua.{module}")
        found.update({name: getattr(there, name) for name in there.__all__})
    return {name: kind for name, kind in found.items() if inspect.isclass(kind) and _lives(kind)}


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and (kind := getattr(pyjsua, name, None)) is not None:
        if inspect.isclass(kind) and _lives(kind):
            return _face(kind)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; the one of pyjsua will do")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_names()})
