"""Writes the C tables the core copies structs, enumerations and events by.

The one source is the Python side: the classes of config/, info/ and events/ and the
``c("...")`` of enums/, errors.py and library.py, read as text so that nothing has
to be built first. Run by CMake; the output is never committed.

    python tools/generate_tables.py src/pyjsua build/tables
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

STRUCT_FILES = ("config/*.py", "info/*.py", "events/*.py")
ENUM_FILES = ("enums/*.py",)
CONSTANT_FILES = (*ENUM_FILES, "errors.py", "library.py")
HEADERS = ("Sequence[Header]", "Headers")
# The largest value of a pj_bool_t C takes for more than a yes or no.
ANY_INT = 32767
# The class whose sequence is a linked list in C.
LIST_OF_PARTS = "MultipartPart"
# What an event has from its record and not from its payload.
RECORD_FIELDS = {
    ("seq", "int"): "PYJ_AS_SEQ",
    ("time", "float"): "PYJ_AS_MONOTONIC",
    ("call_id", "CallId"): "PYJ_AS_CALL",
    ("acc_id", "AccId"): "PYJ_AS_ACC",
    ("message", "Message | None"): "PYJ_AS_MESSAGE",
}


@dataclass
class StructClass:
    """A Python class laid over a C struct."""

    name: str
    is_event: bool
    c_struct: str = ""
    counts: dict[str, str] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    fields: list[tuple[str, ast.expr]] = field(default_factory=list)


def find(package: Path, patterns: Sequence[str]) -> list[Path]:
    return [file for pattern in patterns for file in sorted(package.glob(pattern))]


def read_classes(package: Path) -> list[StructClass]:
    """Every class with a `c_struct`, with what it inherits."""
    nodes = {
        node.name: node
        for file in find(package, STRUCT_FILES)
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    classes: dict[str, StructClass] = {}

    def read(name: str) -> StructClass:
        if name not in classes:
            bases = [base.id for base in nodes[name].bases if isinstance(base, ast.Name) and base.id in nodes]
            entry = StructClass(name, name == "Event" or any(read(base).is_event for base in bases))
            for base in bases:
                entry.fields += classes[base].fields
            read_body(nodes[name], entry)
            classes[name] = entry
        return classes[name]

    return [entry for name in nodes if (entry := read(name)).c_struct]


def read_body(node: ast.ClassDef, entry: StructClass) -> None:
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name = item.target.id
        if name == "c_struct":
            entry.c_struct = ast.literal_eval(item.value) if item.value else ""
        elif name == "c_counts":
            entry.counts = ast.literal_eval(item.value) if item.value else {}
        elif name == "c_pointers":
            entry.pointers = ast.literal_eval(item.value) if item.value else {}
        else:
            entry.fields.append((name, item.annotation))


class Tables:
    """The tables as they grow, and the text that comes of them."""

    def __init__(self, package: Path) -> None:
        self.classes = read_classes(package)
        self.struct_index = {entry.name: i for i, entry in enumerate(self.classes)}
        enums = "".join(file.read_text() for file in find(package, ENUM_FILES))
        text = "".join(file.read_text() for file in find(package, CONSTANT_FILES))
        self.constants = list(dict.fromkeys(re.findall(r'\b(?:c|constant)\("(\w+)"\)', text)))
        self.enums = re.findall(r"^class (\w+)\((?:OpenIntEnum|IntFlag)\)", enums, re.M)
        self.ids = re.findall(r"^class (\w+)\(SerialId\)", (package / "ids.py").read_text(), re.M)

    def kind(self, annotation: str) -> tuple[str, int] | None:
        """How a field with this annotation is shown, or None if it is Python's own."""
        if annotation in ("int", "float", "str", "Pairs"):
            return "PYJ_AS_PLAIN", -1
        if annotation == "XmlText":
            return "PYJ_AS_XML", -1
        if annotation == "object":
            return "PYJ_AS_OBJECT", -1
        if annotation == "bytes":
            return "PYJ_AS_BYTES", -1
        if annotation in ("bool", "int | bool"):
            return "PYJ_AS_BOOL", 1 if annotation == "bool" else ANY_INT
        if annotation in HEADERS:
            return "PYJ_AS_HEADERS", -1
        for names, shown in ((self.enums, "PYJ_AS_ENUM"), (self.ids, "PYJ_AS_ID")):
            if annotation in names:
                return shown, names.index(annotation)
        if annotation in self.struct_index:
            return "PYJ_AS_STRUCT", self.struct_index[annotation]
        return None

    def field(self, owner: StructClass, name: str, annotation: ast.expr) -> str | None:
        """The table's line for one field."""
        text, path = ast.unparse(annotation), name
        if owner.is_event and (name, text) in RECORD_FIELDS:
            return f'    PYJ_HEADER("{name}", {RECORD_FIELDS[name, text]})'
        annotated = re.fullmatch(r"Annotated\[(.+), '([\w.]+)'\]", text)
        if annotated:
            text, path = annotated.groups()
        capacity = owner.pointers.get(name)
        if capacity is not None and text == "bytes":
            return f'    PYJ_BLOB({owner.c_struct}, "{name}", {path}, {owner.counts[name]}, {capacity})'
        array = re.fullmatch(r"(?:Sequence\[(\w+)\]|tuple\[(\w+), \.\.\.\])", text)
        if array and text not in HEADERS:
            kind = self.kind(array[1] or array[2])
            count = owner.counts.get(name)
            if kind and array[1] == LIST_OF_PARTS:
                return f'    PYJ_FIELD({owner.c_struct}, "{name}", {path}, {kind[0]}, {kind[1]})'
            if kind is None or count is None:
                raise SystemExit(f"{owner.name}.{name}: an array wants a known type and an entry in c_counts")
            if capacity is not None:
                return (
                    f'    PYJ_POINTED({owner.c_struct}, "{name}", {path}, {count}, {capacity}, '
                    f"{kind[0]}, {kind[1]})"
                )
            if not count:
                return f'    PYJ_FIXED({owner.c_struct}, "{name}", {path}, {kind[0]}, {kind[1]})'
            return f'    PYJ_ARRAY({owner.c_struct}, "{name}", {path}, {count}, {kind[0]}, {kind[1]})'
        kind = self.kind(text)
        if kind is None:
            if owner.is_event or owner.name.endswith("Info"):
                raise SystemExit(f"{owner.name}.{name}: nothing is known of type {text}")
            return None
        return f'    PYJ_FIELD({owner.c_struct}, "{name}", {path}, {kind[0]}, {kind[1]})'

    def source(self) -> str:
        """``tables.inc``, included by structs.c."""
        out = ["/* Made by tools/generate_tables.py. */"]
        for entry in self.classes:
            lines = [
                line for name, annotation in entry.fields if (line := self.field(entry, name, annotation))
            ]
            out += [f"static const pyj_field fields_{entry.name}[] = {{", *lines, "};"]
        out.append("const pyj_struct pyj_structs[] = {")
        for entry in self.classes:
            fields = f"fields_{entry.name}"
            out.append(
                f'    {{"{entry.name}", "{entry.c_struct}", sizeof({entry.c_struct}), '
                f"PJ_ARRAY_SIZE({fields}), {fields}}},"
            )
        out.append("};")
        for variable, names in (("pyj_enum_names", self.enums), ("pyj_id_names", self.ids)):
            quoted = ", ".join(f'"{name}"' for name in names)
            out.append(f"const char *const {variable}[] = {{{quoted}, NULL}};")
        out.append("const pyj_constant pyj_constants[] = {")
        out += [f'    {{"{name}", (long){name}}},' for name in self.constants]
        out += ["};", f"const unsigned pyj_constant_count = {len(self.constants)};", ""]
        return "\n".join(out)

    def header(self) -> str:
        """``tables.h``: the index of each struct, which is the kind of an event's record."""
        out = [
            "/* Made by tools/generate_tables.py. */",
            "#ifndef PYJ_TABLES_H",
            "#define PYJ_TABLES_H",
            "enum {",
        ]
        out += [f"    PYJ_{entry.name}," for entry in self.classes]
        out += ["    PYJ_STRUCT_COUNT", "};", "#endif", ""]
        return "\n".join(out)


def main(package: Path, output: Path) -> None:
    tables = Tables(package)
    output.mkdir(parents=True, exist_ok=True)
    for name, text in (("tables.inc", tables.source()), ("tables.h", tables.header())):
        file = output / name
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
