"""Sphinx: `make docs`, warnings are errors."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import c_coverage  # noqa: E402 (tools/ is on the path now)

import pyjsua  # noqa: E402
import pyjsua.pjsua  # noqa: E402

logger = logging.getLogger(__name__)

project = "pyjsua"
copyright = "the pyjsua authors, GPL-2.0-or-later"
release = pyjsua.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "_generated"]
html_theme = "alabaster"
autodoc_typehints = "signature"
# `type` in a signature is Python's own, and the name of an attribute of many of our classes.
suppress_warnings = ["ref.python"]
autodoc_default_options = {"undoc-members": True}
default_role = "code"

# Made of the headers and the module each time, so that they are never older than those.
c_coverage.write_pages(HERE / "_generated")

# Of the import statements.
NO_NAMES = {"annotations", "TYPE_CHECKING"}


def every_public_name_is_here(app: Sphinx, env: BuildEnvironment) -> None:
    """A name that no page documents is a warning, and warnings are errors."""
    documented = {name.rpartition(".")[2] for name in env.domains["py"].data["objects"]}
    for module in (pyjsua, pyjsua.pjsua):
        for name, value in vars(module).items():
            if name[0] != "_" and name not in documented | NO_NAMES and not inspect.ismodule(value):
                logger.warning("%s.%s is on no page of the reference", module.__name__, name)


def stub_signatures() -> dict[str, tuple[str, str]]:
    """The core's signatures with their true types, which Cython's do not say."""
    stub = ast.parse((HERE.parent / "src" / "pyjsua" / "_core.pyi").read_text())
    functions = [node for node in stub.body if isinstance(node, ast.FunctionDef) and node.returns]
    return {node.name: (f"({ast.unparse(node.args)})", ast.unparse(node.returns)) for node in functions}


def signature(
    app: Sphinx, what: str, name: str, obj: object, options: object, arguments: str, result: str
) -> tuple[str, str] | None:
    first, _, last = name.rpartition(".")
    return SIGNATURES.get(last) if what == "function" and first == "pyjsua.pjsua" else None


def bases(app: Sphinx, name: str, obj: object, options: object, found: list[type]) -> None:
    """A base that is nobody's to use stands for its own, which says what can be done with all of them."""
    for index, base in enumerate(found):
        while base.__module__.startswith("pyjsua") and not hasattr(pyjsua, base.__name__):
            base = base.__bases__[0]
        found[index] = base


SIGNATURES = stub_signatures()


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-process-bases", bases)
    app.connect("env-check-consistency", every_public_name_is_here)
