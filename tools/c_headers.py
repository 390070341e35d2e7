"""Reads the pinned headers of PJSIP as the build compiled them: functions, structs, enumerations.

The compiler's own preprocessor and pycparser do the reading, with the very flags `_core` was compiled
with, which CMake leaves in the build's compile_commands.json. So what is told here is what C sees, not
what somebody copied out of a header.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pycparser import CParser, c_ast

ROOT = Path(__file__).resolve().parent.parent
PJSUA_H = "pjsua-lib/pjsua.h"

# What the compiler knows and pycparser does not; nothing of it changes a declaration of PJSIP's.
WITHOUT_EXTENSIONS = [
    "-D__attribute__(x)=", "-D__asm__(x)=", "-D__extension__=", "-D__restrict=", "-D__inline=",
    "-D__builtin_va_list=int", "-D_Noreturn=", "-D__typeof__(x)=int",
    "-D_Float32=float", "-D_Float64=double", "-D_Float128=double", "-D_Float32x=double", "-D_Float64x=double",
]  # fmt: skip


class NoBuildError(Exception):
    """There is no build to take the compiler's flags from."""


@dataclass(frozen=True)
class CType:
    """A type as far as a binding cares."""

    kind: str
    """scalar, enum, struct, union, pointer, array or function."""
    name: str
    """Of the type itself, without typedefs; empty where it has none."""
    target: CType | None = None
    """What is pointed at, an element, or what a function returns."""
    arguments: tuple[CType, ...] = ()
    """Of a function."""

    def values(self) -> Iterator[CType]:
        """Itself, or its element if it is an array."""
        yield self.target if self.kind == "array" and self.target else self


@dataclass
class Struct:
    """A struct or union. An anonymous member is a struct of its own, named `outer.member`."""

    name: str
    kind: str
    header: str
    line: int
    fields: dict[str, CType] = field(default_factory=dict)


@dataclass
class Enum:
    """An enumeration; the name is empty where C gave none."""

    name: str
    header: str
    line: int
    constants: list[str]


@dataclass
class Function:
    name: str
    header: str
    line: int
    type: CType


def build_directories() -> Iterator[Path]:
    """Where `_core` may have been built: an editable install knows, else it is below build/."""
    for finder in sys.meta_path:
        if path := getattr(finder, "path", None):
            yield Path(path)
    builds = [file.parent for file in (ROOT / "build").glob("*/compile_commands.json")]
    yield from sorted(builds, key=lambda each: (each / "compile_commands.json").stat().st_mtime, reverse=True)


@functools.cache
def build() -> tuple[Path, tuple[str, ...]]:
    """The build of this checkout, and how it compiled src/native/structs.c."""
    for folder in build_directories():
        file = folder / "compile_commands.json"
        for command in json.loads(file.read_text()) if file.is_file() else ():
            if Path(command["file"]) == ROOT / "src" / "native" / "structs.c":
                return folder, tuple(shlex.split(command["command"]))
    raise NoBuildError("no build of this checkout has a compile_commands.json: make build")


@functools.cache
def compile_command() -> tuple[str, ...]:
    """The compiler, and the definitions and include folders `_core` was compiled with."""
    words = build()[1]
    compiler = next(word for word in words if Path(word).name != "ccache")
    out = [compiler, "-std=gnu11"]
    for i, word in enumerate(words):
        if word.startswith(("-D", "-I")):
            out.append(word)
        elif word == "-isystem":
            out += [word, words[i + 1]]
    return tuple(out)


def preprocess(source: str) -> str:
    done = subprocess.run(
        [*compile_command(), *WITHOUT_EXTENSIONS, "-E", "-x", "c", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def constant_values(names: Iterable[str], source: str) -> dict[str, int]:
    """What the compiler makes of each constant."""
    wanted = list(names)
    lines = "".join(f'    printf("%lld\\n", (long long)({name}));\n' for name in wanted)
    program = f"{source}\n#include <stdio.h>\nint main(void)\n{{\n{lines}    return 0;\n}}\n"
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "constants"
        command = [*compile_command(), "-w", "-x", "c", "-", "-o", str(binary)]
        subprocess.run(command, input=program, text=True, check=True)
        out = subprocess.run([str(binary)], capture_output=True, text=True, check=True).stdout
    return dict(zip(wanted, map(int, out.split()), strict=True))


class Headers:
    """Everything declared by a piece of C, pjsua.h by default."""

    def __init__(self, source: str = f"#include <{PJSUA_H}>\n") -> None:
        self.source = source
        self.typedefs: dict[str, c_ast.Node] = {}
        self.tags: dict[str, c_ast.Node] = {}
        self.structs: dict[str, Struct] = {}
        self.enums: list[Enum] = []
        self.functions: dict[str, Function] = {}
        self._anonymous: dict[int, str] = {}
        tree = CParser().parse(preprocess(source))
        for node in tree.ext:
            self._collect(node)
        for node in tree.ext:
            self._declare(node)
        self.areas = read_areas(self.path_of(PJSUA_H))

    @staticmethod
    def path_of(header: str) -> Path:
        folders = [Path(word[2:]) for word in compile_command() if word.startswith("-I")]
        return next(each / header for each in folders if (each / header).is_file())

    def enum_named(self, name: str) -> Enum | None:
        return next((each for each in self.enums if each.name == name), None)

    def enum_at(self, struct: str, path: str) -> str | None:
        """The enumeration a field, or each of its elements, is of."""
        shape = CType("struct", struct)
        for name in path.split("."):
            here = self.structs.get(shape.name)
            if here is None or name not in here.fields:
                return None
            shape = next(here.fields[name].values())
        return shape.name if shape.kind == "enum" else None

    def area(self, header: str, line: int) -> str:
        """The chapter of pjsua.h, or "other headers"."""
        if header != PJSUA_H:
            return "other headers"
        return [title for start, title in self.areas if start <= line][-1]

    def _collect(self, node: c_ast.Node) -> None:
        """Names of types, before anything is resolved: a typedef may come ahead of its struct."""
        if isinstance(node, c_ast.Typedef):
            self.typedefs[node.name] = node.type
            inner = node.type.type if isinstance(node.type, c_ast.TypeDecl) else None
            if isinstance(inner, c_ast.Struct | c_ast.Union | c_ast.Enum) and inner.name is None:
                self._anonymous[id(inner)] = node.name
        for _, child in node.children():
            if isinstance(child, c_ast.FuncDef):
                continue
            self._collect(child)
        if isinstance(node, c_ast.Struct | c_ast.Union) and node.name and node.decls:
            self.tags[node.name] = node

    def _declare(self, node: c_ast.Node) -> None:
        if isinstance(node, c_ast.FuncDef):
            node = node.decl
        self._types_in(node, "")
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl):
            header, line = where(node)
            self.functions[node.name] = Function(node.name, header, line, self.resolve(node.type))

    def _types_in(self, node: c_ast.Node, outer: str) -> None:
        """Structs and enumerations defined in a declaration."""
        if isinstance(node, c_ast.Struct | c_ast.Union) and node.decls:
            name = node.name or self._anonymous.get(id(node)) or outer
            self._anonymous[id(node)] = name
            header, line = where(node)
            kind = "struct" if isinstance(node, c_ast.Struct) else "union"
            entry = self.structs[name] = Struct(name, kind, header, line)
            for decl in node.decls:
                if isinstance(decl, c_ast.Decl):
                    self._types_in(decl, f"{name}.{decl.name or ''}")
                    entry.fields[decl.name or ""] = self.resolve(decl.type)
            return
        if isinstance(node, c_ast.Enum) and node.values:
            name = node.name or self._anonymous.get(id(node), "")
            header, line = where(node)
            constants = [each.name for each in node.values.enumerators]
            if all(each.constants != constants for each in self.enums):
                self.enums.append(Enum(name, header, line, constants))
            return
        for _, child in node.children():
            self._types_in(child, outer)

    def resolve(self, node: c_ast.Node) -> CType:
        """The type without its typedefs."""
        if isinstance(node, c_ast.TypeDecl | c_ast.Typename):
            return self.resolve(node.type)
        if isinstance(node, c_ast.IdentifierType):
            name = " ".join(node.names)
            if name in self.typedefs:
                return self.resolve(self.typedefs[name])
            return CType("scalar", name)
        if isinstance(node, c_ast.PtrDecl):
            target = self.resolve(node.type)
            return target if target.kind == "function" else CType("pointer", "", target)
        if isinstance(node, c_ast.ArrayDecl):
            return CType("array", "", self.resolve(node.type))
        if isinstance(node, c_ast.FuncDecl):
            params = node.args.params if node.args else []
            arguments = [each.type for each in params if not isinstance(each, c_ast.EllipsisParam)]
            return CType("function", "", self.resolve(node.type), tuple(map(self.resolve, arguments)))
        kind = {c_ast.Struct: "struct", c_ast.Union: "union", c_ast.Enum: "enum"}[type(node)]
        return CType(kind, node.name or self._anonymous.get(id(node), ""))


def where(node: c_ast.Node) -> tuple[str, int]:
    """Header as it is included, and line."""
    path = str(node.coord.file)
    return path.rsplit("/include/", 1)[-1], int(node.coord.line)


def read_areas(header: Path) -> list[tuple[int, str]]:
    """The chapters of pjsua.h: where each begins, and its title."""
    areas = [(0, "Basic API")]
    for number, line in enumerate(header.read_text().splitlines(), 1):
        match = re.search(r"@defgroup PJSUA_LIB_(\w+) (?:PJSUA-API )?(.+)", line)
        if match:
            areas.append((number, match[2].strip()))
    return areas


@functools.cache
def pjsua_headers() -> Headers:
    return Headers()
