"""Compares pjsua.h with what `pyjsua.pjsua` shows: functions, fields of structs, constants, callbacks.

The headers are read by `c_headers`, Python's side by looking at the module that is installed. What is
left out on purpose stands in docs/not_bound.toml with its reason; everything else that Python does not
show is missing.

    python tools/c_coverage.py             the table by area
    python tools/c_coverage.py missing     every name that is missing
    python tools/c_coverage.py dead        entries of docs/not_bound.toml that are no longer true
    python tools/c_coverage.py all         every name, its state and where it is
"""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from c_headers import PJSUA_H, CType, Enum, Headers, Struct, constant_values, pjsua_headers

import pyjsua.pjsua
from pyjsua.struct import Struct as Value

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "pyjsua"
NOT_BOUND = ROOT / "docs" / "not_bound.toml"

KINDS = ("functions", "fields", "constants", "callbacks")
BOUND, LEFT_OUT, MISSING = "bound", "not bound", "missing"

# How many values an enumeration has, or what keeps its size: no values of their own.
SENTINEL = re.compile(r"(_MAX|_MAX_COUNT|_COUNT|_LAST|_NUM|_DUMMY|_FORCE_32BIT)$", re.I)

# PJSIP's own scratch space says so by its name; the links of a list are the list's.
PRIVATE = re.compile(r"_$|^reserved$|^prev$|^next$")


@dataclass(frozen=True)
class Item:
    """One name of C."""

    kind: str
    name: str
    area: str
    state: str
    where: str
    """Where Python has it, or why it has not."""


@dataclass(frozen=True)
class Reason:
    """An entry of docs/not_bound.toml."""

    names: tuple[str, ...]
    reason: str
    instead: str


@dataclass
class Decisions:
    """docs/not_bound.toml."""

    not_bound: list[Reason]
    elsewhere: dict[str, list[str]]
    plain: dict[str, str]
    ceiling: dict[str, int]

    @classmethod
    def read(cls, file: Path = NOT_BOUND) -> Decisions:
        data = tomllib.loads(file.read_text())
        not_bound = [
            Reason(tuple(each["names"]), each["reason"], each["instead"]) for each in data["not_bound"]
        ]
        elsewhere = {
            name: [places] if isinstance(places, str) else places
            for name, places in data["elsewhere"].items()
        }
        return cls(not_bound, elsewhere, data["plain"], data["ceiling"])

    @functools.cached_property
    def patterns(self) -> list[tuple[str, Reason]]:
        return [(name, entry) for entry in self.not_bound for name in entry.names]

    def why_not(self, name: str) -> Reason | None:
        """The entry for a name, or for the struct it is a field of."""
        for pattern, entry in self.patterns:
            if matches(name, pattern):
                return entry
        return None


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern stands for a name, or for the struct it is a field of."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


# -- Python's side


def public_name(name: str) -> str:
    """The naming rule for functions and callbacks."""
    return name.removeprefix("pjsua_")


def class_name(name: str) -> str:
    """The naming rule for structs and enumerations."""
    name = re.sub(r"^(pjsua|pjsip|pjmedia|pjrpid|pj)_", "", name).removesuffix("_e").removesuffix("_t")
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def constant_name(name: str) -> str:
    """The naming rule for constants."""
    return re.sub(r"^(PJSUA|PJSIP|PJMEDIA|PJRPID|PJ)_", "", name)


def resolve(dotted: str) -> Any:
    """`Class.attribute` or `name` in pyjsua.pjsua, None if it is not there."""
    first, _, attribute = dotted.partition(".")
    found = getattr(pyjsua.pjsua, first, None)
    if not attribute or found is None:
        return found
    if is_dataclass(found) and attribute in {each.name for each in fields(found)}:
        return attribute
    return getattr(found, attribute, None)


def named_in(documentation: str | None) -> set[str]:
    """C names in the first paragraph of a docstring."""
    first = (documentation or "").split("\n\n")[0]
    return set(re.findall(r"`((?:pjsua|pjsip|pjmedia|pjrpid|pj)_[\w.]+)`", first))


class Shown:
    """What can be seen from Python."""

    def __init__(self) -> None:
        self.classes: dict[str, list[type]] = {}
        for cls in vars(pyjsua.pjsua).values():
            if isinstance(cls, type) and issubclass(cls, Value) and is_dataclass(cls):
                for name in {getattr(cls, "c_struct", ""), *named_in(cls.__doc__)}:
                    self.classes.setdefault(name, []).append(cls)
        self.constants = dict(public_constants())

    def classes_of(self, struct: str) -> list[type]:
        found = self.classes.get(struct, [])
        by_rule = getattr(pyjsua.pjsua, class_name(struct), None)
        if not found and is_dataclass(by_rule) and isinstance(by_rule, type):
            return [by_rule]
        return found


def paths_of(cls: Any) -> dict[str, str]:
    """Paths in C's struct that a class reaches, and the attribute that shows each."""
    hints = typing.get_type_hints(cls, include_extras=True, localns=vars(pyjsua.pjsua))
    out = {count: f"len({name})" for name, count in getattr(cls, "c_counts", {}).items()}
    for each in fields(cls):
        path = each.name
        for word in getattr(hints.get(each.name), "__metadata__", ()):
            if isinstance(word, str):
                path = word
        out[path] = each.name
    return out


def public_constants() -> Iterator[tuple[str, str]]:
    """Each `NAME = c("PJ_NAME")` whose name is public: C's name, and Python's."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    yield from constant_line(item, f"{node.name}.")
            else:
                yield from constant_line(node, "")


def constant_line(node: ast.stmt, prefix: str) -> Iterator[tuple[str, str]]:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    value = getattr(node, "value", None)
    if not isinstance(target, ast.Name) or not isinstance(value, ast.Call) or len(value.args) != 1:
        return
    function = ast.unparse(value.func)
    if function in ("c", "constant", "_core.constant") and isinstance(value.args[0], ast.Constant):
        name = prefix + target.id
        if resolve(name) is not None:
            yield str(value.args[0].value), name


# -- the comparison


class Coverage:
    """Every name of C and what became of it."""

    def __init__(self, headers: Headers | None = None, decisions: Decisions | None = None) -> None:
        self.headers = headers or pjsua_headers()
        self.decisions = decisions or Decisions.read()
        self.shown = Shown()
        self.items: list[Item] = []
        self.opened: set[str] = set()
        self._functions()
        self._callbacks()
        structs = list(self._reached_structs())
        for struct in structs:
            self._struct(struct)
        # Structs whose fields were counted where they are held.
        inside = tuple(f"{name}." for name in self.opened if not self.shown.classes_of(name))
        self.items = [each for each in self.items if not each.name.startswith(inside)]
        self._constants(structs)

    def _add(self, kind: str, name: str, area: str, where: str | None) -> None:
        entry = self.decisions.why_not(name)
        places = self.decisions.elsewhere.get(name)
        if where is None and places and all(resolve(place) is not None for place in places):
            where = ", ".join(places)
        if where is not None:
            self.items.append(Item(kind, name, area, BOUND, where))
        elif entry is not None:
            self.items.append(Item(kind, name, area, LEFT_OUT, entry.reason))
        else:
            self.items.append(Item(kind, name, area, MISSING, ""))

    def _functions(self) -> None:
        for each in self.headers.functions.values():
            if each.header == PJSUA_H:
                found = getattr(pyjsua.pjsua, public_name(each.name), None)
                bound = callable(found) and not isinstance(found, type)
                area = self.headers.area(each.header, each.line)
                self._add("functions", each.name, area, public_name(each.name) if bound else None)

    def _callbacks(self) -> None:
        holders = [getattr(pyjsua.pjsua, name, None) for name in ("Callbacks", "Policy", "Hooks")]
        attributes = [{each.name for each in fields(cls)} if cls else set() for cls in holders]
        for name in self.headers.structs["pjsua_callback"].fields:
            event = class_name(name)
            where = None
            if name in attributes[0] and isinstance(getattr(pyjsua.pjsua, event, None), type):
                where = f"cb.{name}, {event}"
            elif name in attributes[1] | attributes[2]:
                where = f"policy or hooks: {name}"
            self._add("callbacks", f"pjsua_callback.{name}", "Callbacks", where)

    def _reached_structs(self) -> Iterator[Struct]:
        """pjsua.h's structs, what they and its functions refer to, and what those hold by value."""
        own = [each for each in self.headers.structs.values() if each.header == PJSUA_H]
        queue = [each.name for each in own if "." not in each.name and each.name != "pjsua_callback"]
        for function in self.headers.functions.values():
            if function.header == PJSUA_H:
                queue += names_behind(function.type)
        for callback in self.headers.structs["pjsua_callback"].fields.values():
            queue += names_behind(callback)
        for each in own:
            for shape in each.fields.values():
                queue += names_behind(shape)
        seen: set[str] = set()
        while queue:
            name = queue.pop(0)
            struct = self.headers.structs.get(name)
            if struct is None or name in seen or name in self.decisions.plain or "." in name:
                continue
            if name == "pjsua_callback":
                continue
            seen.add(name)
            if struct.header != PJSUA_H and self.decisions.why_not(name):
                continue
            yield struct
            queue += self._held(struct)

    def _held(self, struct: Struct) -> Iterator[str]:
        """Structs inside a struct, by value, but for those in members that are left out."""
        for name, shape in struct.fields.items():
            for value in shape.values():
                if value.kind in ("struct", "union") and not self.decisions.why_not(f"{struct.name}.{name}"):
                    if "." in value.name:
                        yield from self._held(self.headers.structs[value.name])
                    else:
                        yield value.name

    def _struct(self, struct: Struct) -> None:
        area = self.headers.area(struct.header, struct.line)
        reached: dict[str, str] = {}
        for cls in self.shown.classes_of(struct.name):
            for path, attribute in paths_of(cls).items():
                reached.setdefault(path, f"{cls.__name__}.{attribute}")
                if getattr(cls, "c_struct", "") != struct.name:
                    # Laid over a struct of ours that holds this one, or its fields.
                    reached.setdefault(attribute, f"{cls.__name__}.{attribute}")
        for path in self._leaves(struct, "", reached):
            self._add("fields", f"{struct.name}.{path}", area, reached.get(path))

    def _leaves(self, struct: Struct, prefix: str, reached: dict[str, str]) -> Iterator[str]:
        """Fields, and those of anonymous members; of a named struct only if one of its own is reached."""
        for name, shape in struct.fields.items():
            path = prefix + name
            if PRIVATE.search(name):
                continue
            inner = self.headers.structs.get(shape.name)
            opened = "." in shape.name or any(each.startswith(f"{path}.") for each in reached)
            if inner is not None and opened and path not in reached:
                self.opened |= {inner.name} if "." not in inner.name else set()
                yield from self._leaves(inner, f"{path}." if name else prefix, reached)
            else:
                yield path
                if inner is not None and "." in inner.name and self.shown.classes_of(inner.name):
                    self._struct(inner)

    def _constants(self, structs: list[Struct]) -> None:
        enums = [each for each in self.headers.enums if each.header == PJSUA_H]
        used: set[str] = set()
        for function in self.headers.functions.values():
            if function.header == PJSUA_H:
                used |= enums_in(function.type)
        for callback in self.headers.structs["pjsua_callback"].fields.values():
            used |= enums_in(callback)
        for struct in structs:
            used |= self._enums_of(struct)
        enums += [e for e in self.headers.enums if e.name in used and e not in enums]
        wanted = [name for each in enums for name in each.constants]
        values = constant_values(wanted, self.headers.source)
        for each in enums:
            area = self.headers.area(each.header, each.line)
            for name in values_of(each):
                place = self.shown.constants.get(name) or constant_name(name)
                found = resolve(place) == values[name]
                self._add("constants", name, area, place if found else None)

    def _enums_of(self, struct: Struct) -> set[str]:
        out: set[str] = set()
        for name, shape in struct.fields.items():
            if self.decisions.why_not(f"{struct.name}.{name}"):
                continue
            out |= enums_in(shape)
            if "." in shape.name and shape.name in self.headers.structs:
                out |= self._enums_of(self.headers.structs[shape.name])
        return out

    # -- what is said of it

    def of(self, kind: str, state: str) -> list[Item]:
        return [each for each in self.items if each.kind == kind and each.state == state]

    def missing(self) -> list[str]:
        return [each.name for each in self.items if each.state == MISSING]

    def left_out(self) -> dict[str, int]:
        return {kind: len(self.of(kind, LEFT_OUT)) for kind in KINDS}

    def rows(self) -> Iterator[tuple[str, str, int, int, int]]:
        """Area, kind, bound, left out, missing."""
        for kind in KINDS:
            for area in dict.fromkeys(each.area for each in self.items if each.kind == kind):
                here = [each.state for each in self.items if each.kind == kind and each.area == area]
                yield area, kind, here.count(BOUND), here.count(LEFT_OUT), here.count(MISSING)

    def table(self) -> str:
        """The table by area, in Markdown."""
        out = ["| | area | bound | not bound | missing |", "|---|---|---:|---:|---:|"]
        for kind in KINDS:
            rows = [(area, counts) for area, of, *counts in self.rows() if of == kind]
            out += [f"| {kind} | {area} | {a} | {b} | {c} |" for area, (a, b, c) in rows]
            a, b, c = (len(self.of(kind, state)) for state in (BOUND, LEFT_OUT, MISSING))
            out.append(f"| **{kind}** | **all** | **{a}** | **{b}** | **{c}** |")
        return "\n".join(out)


def missing_list(coverage: Coverage) -> str:
    """What is missing, struct by struct, in Markdown; nothing if nothing is."""
    groups: dict[str, list[str]] = {}
    for name in coverage.missing():
        struct, _, path = name.partition(".")
        groups.setdefault(struct if path else "", []).append(path or name)
    out = ["", "Missing:", ""] if groups else []
    for struct, names in sorted(groups.items()):
        listed = ", ".join(f"`{name}`" for name in names)
        out.append(f"- of `{struct}`: {listed}" if struct else f"- {listed}")
    return "\n".join(out)


def not_bound_table(decisions: Decisions) -> str:
    """docs/not_bound.toml in Markdown."""
    out = ["| in C | why it is not here | instead |", "|---|---|---|"]
    for entry in decisions.not_bound:
        names = ", ".join(f"`{name}`" for name in entry.names)
        out.append(f"| {names} | {entry.reason} | {entry.instead} |")
    out += ["", "Shown, but elsewhere than the naming rule says:", "", "| in C | here |", "|---|---|"]
    for name, places in decisions.elsewhere.items():
        out.append(f"| `{name}` | {', '.join(f'`{place}`' for place in places)} |")
    return "\n".join(out)


def names_tables(coverage: Coverage) -> str:
    """Every name of C that is bound, with its counterpart, in Markdown."""
    out = []
    for kind in KINDS:
        out += [f"## {kind.capitalize()}", "", "| in C | here |", "|---|---|"]
        out += [f"| `{each.name}` | `{each.where}` |" for each in coverage.of(kind, BOUND)]
        out.append("")
    return "\n".join(out)


def functions_page(coverage: Coverage) -> str:
    """The reference of the low-level door's functions, by chapter of pjsua.h."""
    chapters: dict[str, list[str]] = {}
    for each in coverage.of("functions", BOUND):
        chapters.setdefault(each.area, []).append(public_name(each.name))
    listed = {name for names in chapters.values() for name in names}
    chapters["Of our own"] = sorted(
        name
        for name, value in vars(pyjsua.pjsua).items()
        if callable(value) and not isinstance(value, type) and name not in listed and name[0] != "_"
    )
    out = []
    for title, names in chapters.items():
        out += [f"## {title}", "", "```{eval-rst}"]
        out += [f".. autofunction:: pyjsua.pjsua.{name}" for name in names]
        out += ["```", ""]
    numbers = sorted(name for name, value in vars(pyjsua.pjsua).items() if type(value) is int)
    out += ["## Constants", "", "```{eval-rst}"]
    out += [*(f".. autodata:: pyjsua.pjsua.{name}" for name in numbers), "```"]
    return "\n".join(out)


# Modules that have a page of the reference of their own.
PAGES = ("config", "info", "events", "enums", "errors", "ids", "message", "struct")


def values_page() -> str:
    """The reference of public classes that stand in none of the modules with a page."""
    modules = {
        value.__module__: None
        for value in vars(pyjsua.pjsua).values()
        if isinstance(value, type) and value.__module__.startswith("pyjsua.")
    }
    others = [name for name in sorted(modules) if name.split(".")[1] not in PAGES]
    lines = [line for name in others for line in (f".. automodule:: {name}", "   :members:")]
    return "\n".join(["```{eval-rst}", *lines, "```", ""])


def write_pages(folder: Path) -> None:
    """What the documentation includes."""
    coverage = Coverage()
    folder.mkdir(exist_ok=True)
    (folder / "coverage.md").write_text(f"{coverage.table()}\n{missing_list(coverage)}\n")
    (folder / "names.md").write_text(names_tables(coverage))
    (folder / "functions.md").write_text(functions_page(coverage))
    (folder / "values.md").write_text(values_page())
    (folder / "not_bound.md").write_text(f"{not_bound_table(coverage.decisions)}\n")


def dead_entries(coverage: Coverage) -> list[str]:
    """Entries of docs/not_bound.toml that say nothing, or no longer the truth."""
    out = []
    types = set(coverage.headers.structs) | {each.name for each in coverage.headers.enums}
    for pattern, _ in coverage.decisions.patterns:
        met = [each for each in coverage.items if matches(each.name, pattern)]
        out += [f"{each.name} is bound: {each.where}" for each in met if each.state == BOUND]
        if not met and not any(matches(name, pattern) for name in types):
            out.append(f"{pattern} is nothing in C")
    found = {each.name: each for each in coverage.items}
    for name, places in coverage.decisions.elsewhere.items():
        if name not in found:
            out.append(f"{name} is nothing in C")
        elif found[name].where != ", ".join(places):
            out.append(f"{name} is not at {', '.join(places)} but {found[name].where or 'missing'}")
    return out


def names_behind(shape: CType) -> list[str]:
    """Structs that a type is or points at, those of a function's arguments included."""
    if shape.kind == "function":
        return [name for each in (*shape.arguments, shape.target) if each for name in names_behind(each)]
    if shape.kind in ("pointer", "array") and shape.target:
        return names_behind(shape.target)
    return [shape.name] if shape.kind in ("struct", "union") else []


def enums_in(shape: CType) -> set[str]:
    """Enumerations that a type is or points at."""
    if shape.kind == "function":
        return {name for each in (*shape.arguments, shape.target) if each for name in enums_in(each)}
    if shape.kind in ("pointer", "array") and shape.target:
        return enums_in(shape.target)
    return {shape.name} if shape.kind == "enum" else set()


def values_of(enum: Enum) -> list[str]:
    """The constants but for a sentinel at the end."""
    names = list(enum.constants)
    while len(names) > 1 and SENTINEL.search(names[-1]):
        names.pop()
    return [name for name in names if not PRIVATE.search(name)]


def main(what: str = "table") -> None:
    coverage = Coverage()
    if what == "dead":
        print("\n".join(dead_entries(coverage)))
    elif what == "missing":
        print("\n".join(coverage.missing()))
    elif what == "all":
        for each in coverage.items:
            print(f"{each.kind:10} {each.state:10} {each.name:60} {each.where}")
    else:
        print(coverage.table())


if __name__ == "__main__":
    main(*sys.argv[1:])
