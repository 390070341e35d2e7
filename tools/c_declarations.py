"""Turns what we say about C into C that checks it.

Cython believes a .pxd, and emits only what is used: a wrong declaration sleeps until somebody calls it. Here
Cython's own parser reads include/*.pxd, and every struct field, function, constant, typedef and variable
becomes an assertion the compiler judges against the pinned headers. The classes of config/, info/ and
events/ are held to their structs the same way: an annotation that does not fit the C type of its field is
an error.

    python tools/c_declarations.py         compiles both, prints what is wrong
    python tools/c_declarations.py show    the C
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generate_tables
from c_headers import ROOT, Headers, compile_command
from Cython.Compiler import Errors, Main, Options

INCLUDE = ROOT / "include"
PACKAGE = ROOT / "src" / "pyjsua"
STRUCTS_C = ROOT / "src" / "native" / "structs.c"
EXTERN = re.compile(r'^cdef extern from "([^"]+)"', re.M)
COUNT = "unsigned"

# SIP's status codes are numbers to everybody, and servers send others than PJSIP names.
NUMBERS = {"pjsip_status_code"}


def source_of(pxds: list[Path]) -> str:
    """Includes every header the declarations are said to stand in."""
    headers = dict.fromkeys(name for pxd in pxds for name in EXTERN.findall(pxd.read_text()))
    return "".join(f"#include {name}\n" if name[0] == "<" else f'#include "{name}"\n' for name in headers)


def names_in(headers: Headers) -> set[str]:
    """Types that C has a name for."""
    tags = {f"{kind}{name}" for name in headers.tags for kind in ("struct ", "union ")}
    return set(headers.typedefs) | tags | {f"enum {each.name}" for each in headers.enums}


# -- include/*.pxd


class Declarations:
    """Assertions about everything the .pxd files declare."""

    def __init__(self, folder: Path = INCLUDE, known: set[str] | None = None) -> None:
        self.pxds = sorted(folder.glob("*.pxd"))
        self.source = source_of(self.pxds)
        self.known = known or names_in(Headers(self.source))
        options = Main.CompilationOptions(
            Options.default_options, include_path=[str(folder)], language_level=3
        )
        Errors.init_thread()
        self.context = Main.Context.from_options(options)
        self.checked = dict.fromkeys(("types", "fields", "functions", "constants", "variables"), 0)

    def lines(self) -> Iterator[str]:
        yield "#include <Python.h>"
        yield self.source
        yield "#define SAME(a, b, what) _Static_assert(__builtin_types_compatible_p(a, b), what)"
        entries = [entry for pxd in self.pxds for entry in self._entries(pxd)]
        used = {name for entry in entries for name in self._member_types(entry)}
        for number, entry in enumerate(entries):
            yield from self._entry(entry, number, used)

    def _entries(self, pxd: Path) -> list[Any]:
        """What this file itself declares, in its order."""
        scope = self.context.find_module(pxd.stem, pos=None, need_pxd=1)
        own = [
            entry
            for entry in scope.entries.values()
            if entry.pos and Path(entry.pos[0].get_filenametable_entry()).name == pxd.name
        ]
        return sorted(own, key=lambda entry: tuple(entry.pos[1:]))

    @staticmethod
    def _is_record(type_: Any) -> bool:
        return bool(type_.is_struct_or_union and not getattr(type_, "is_cpp_class", False))

    def _member_types(self, entry: Any) -> set[str]:
        if not entry.is_type or not self._is_record(entry.type) or entry.type.scope is None:
            return set()
        return {field.type.declaration_code("").strip() for field in entry.type.scope.var_entries}

    def _entry(self, entry: Any, number: int, used: set[str]) -> Iterator[str]:
        where = f"{Path(entry.pos[0].get_filenametable_entry()).name}:{entry.pos[1]}: {entry.name}"
        if entry.is_type:
            yield from self._type(entry, where, used)
        elif entry.is_cfunction:
            self.checked["functions"] += 1
            pointer = entry.type.declaration_code("(*)")
            yield f"#ifndef {entry.cname}"
            yield f'SAME(__typeof__(&{entry.cname}), __typeof__({pointer}), "{where} is another function");'
            yield "#endif"
        elif entry.is_const:
            self.checked["constants"] += 1
            yield f"static const long long constant_{number} = (long long)({entry.cname}); /* {where} */"
        elif entry.is_variable and entry.cname and not entry.type.is_pyobject:
            self.checked["variables"] += 1
            yield f'SAME(__typeof__({entry.cname}), {entry.type.declaration_code("")}, "{where}");'

    def _type(self, entry: Any, where: str, used: set[str]) -> Iterator[str]:
        name = entry.type.declaration_code("").strip()
        self.checked["types"] += 1
        if self._is_record(entry.type):
            if name in self.known:
                yield f"typedef {name} *type_{self.checked['types']};"
                yield from self._fields(entry.type, f"(({name} *)0)->", where)
            elif name not in used:
                yield f'_Static_assert(0, "{where}: C has no type of this name");'
        elif entry.type.is_typedef:
            base = entry.type.typedef_base_type.declaration_code("")
            yield f'SAME({name}, {base}, "{where} is not {base}");'
        elif name in self.known:
            yield f"typedef {name} type_{self.checked['types']};"
        else:
            yield f'_Static_assert(0, "{where}: C has no type of this name");'

    def _fields(self, record: Any, path: str, where: str) -> Iterator[str]:
        """Each field against its C type; a type that C leaves nameless is gone into."""
        for field in record.scope.var_entries if record.scope else ():
            name = field.type.declaration_code("").strip()
            at = f"{path}{field.cname}"
            if self._is_record(field.type) and name not in self.known:
                yield from self._fields(field.type, f"{at}.", f"{where}.{field.name}")
                continue
            self.checked["fields"] += 1
            # An array may be declared as the pointer it is in every expression.
            c_type = f"__typeof__(1 ? {at} : {at})" if field.type.is_ptr else f"__typeof__({at})"
            yield f'SAME({c_type}, __typeof__({name}), "{where}.{field.name} is not {name}");'


# -- the classes that are laid over a struct


class Tables:
    """Assertions about the classes of config/, info/ and events/."""

    def __init__(self, package: Path = PACKAGE) -> None:
        # What structs.c sees, which is where the tables are compiled; not the tables themselves.
        includes = re.findall(r"^#include .+", STRUCTS_C.read_text(), re.M)
        self.source = "\n".join(line for line in includes if "tables.inc" not in line)
        self.classes = generate_tables.read_classes(package)
        self.structs = {entry.name: entry.c_struct for entry in self.classes}
        self.enums = dict(enum_classes(package))
        self.constants = generate_tables.Tables(package).constants
        self.checked = 0

    def lines(self) -> Iterator[str]:
        yield self.source
        yield "#define FITS(expr, type) __builtin_types_compatible_p(__typeof__(expr), type)"
        for entry in self.classes:
            for name, annotation in entry.fields:
                line = self._field(entry, name, ast.unparse(annotation))
                if line is not None:
                    self.checked += 1
                    yield line
        for number, name in enumerate(self.constants):
            yield f"static const long constant_{number} = (long)({name});"

    def _field(self, entry: generate_tables.StructClass, name: str, text: str) -> str | None:
        if entry.is_event and (name, text) in generate_tables.RECORD_FIELDS:
            return None
        path = name
        if annotated := re.fullmatch(r"Annotated\[(.+), '([\w.]+)'\]", text):
            text, path = annotated.groups()
        at = f"(({entry.c_struct} *)0)->{path}"
        where = f"{entry.name}.{name}"
        array = re.fullmatch(r"(?:Sequence\[(\w+)\]|tuple\[(\w+), \.\.\.\])", text)
        if array and name in entry.counts:
            text, at = array[1] or array[2], f"{at}[0]"
            counted = f"(({entry.c_struct} *)0)->{entry.counts[name]}"
            count = f'_Static_assert(FITS({counted}, {COUNT}), "{where}: the count is no {COUNT}");\n'
            if not entry.counts[name]:
                count = ""
        else:
            count = ""
        condition = self._condition(text, at)
        if condition is None:
            return None
        return f'{count}_Static_assert({condition}, "{where}: {text} does not fit its C type");'

    def _condition(self, text: str, at: str) -> str | None:
        """What must hold of a C expression shown with this annotation."""
        integers = ["int", "unsigned", "long", "unsigned long", "unsigned char", "short", "unsigned short"]
        number = " || ".join(f"FITS({at}, {each})" for each in integers)
        if text == "MultipartPart" or text == "Sockopt":
            # A list in C, and a struct without a name, which structs.c compares member by member.
            return "1" if text == "Sockopt" else f"FITS({at}, pjsip_multipart_part)"
        if text in self.structs:
            return f"FITS({at}, {self.structs[text]})"
        if text in self.enums or text in ("int", "bool", "int | bool"):
            return number  # which to GCC an enumeration is too
        if text == "float":
            return f"FITS({at}, float) || FITS({at}, double) || FITS({at}, pj_time_val)"
        if text == "Sequence[Header]":
            return f"FITS({at}, pjsip_hdr)"
        if text == "bytes":
            return f"FITS({at}, pj_str_t) || FITS({at}, void *)"
        if text == "str":
            kinds = ("pj_str_t", "pj_sockaddr", "char *", "pjsip_media_type")
            texts = " || ".join(f"FITS({at}, {each})" for each in kinds)
            return f"{texts} || FITS({at}, const char *) || FITS({at}, char[sizeof({at})])"
        if text.endswith("Id"):
            return f"FITS({at}, int) || FITS({at}, unsigned) || FITS({at}, pyj_serial_id)"
        return None

    def wrong_enums(self, headers: Headers) -> Iterator[str]:
        """Fields of an enumeration's type that are shown as another, or as a bare number."""
        for entry in self.classes:
            for name, annotation in entry.fields:
                path, text = name, ast.unparse(annotation)
                if annotated := re.fullmatch(r"Annotated\[(.+), '([\w.]+)'\]", text):
                    text, path = annotated.groups()
                array = re.fullmatch(r"(?:Sequence\[(\w+)\]|tuple\[(\w+), \.\.\.\])", text)
                text = (array[1] or array[2]) if array else text
                c_enum = headers.enum_at(entry.c_struct, path)
                if c_enum and c_enum not in NUMBERS and c_enum not in self.enums.get(text, ()):
                    yield f"{entry.name}.{name}: {text}, but in C it is {c_enum}"


def enum_classes(package: Path) -> Iterator[tuple[str, list[str]]]:
    """Each enumeration, and the C enumerations its docstring names."""
    for file in generate_tables.find(package, generate_tables.ENUM_FILES):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef):
                text = ast.get_docstring(node) or ""
                yield node.name, re.findall(r"`((?:pjsua|pjsip|pjmedia|pjrpid|pj|pyj)_\w+)`", text)


# -- the compiler's word


def complaints(lines: Iterator[str]) -> list[str]:
    """What the compiler has against them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "check.c"
        file.write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            [*compile_command(), "-w", "-fsyntax-only", "-fmax-errors=0", str(file)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    errors = re.findall(r"(?:error|fatal error): (.+)", done.stderr)
    return [re.sub(r'^static assertion failed: "(.*)"$', r"\1", error) for error in errors]


def main(what: str = "check") -> None:
    declarations, tables = Declarations(), Tables()
    if what == "show":
        print("\n".join([*declarations.lines(), *tables.lines()]))
        return
    found = complaints(declarations.lines()) + complaints(tables.lines())
    print("\n".join(found))
    print(f"{declarations.checked}, {tables.checked} fields of classes: {len(found)} wrong")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
