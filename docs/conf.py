"""Sphinx: `make docs`, warnings are errors."""

from __future__ import annotations

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


def setup(app: Sphinx) -> None:
    app.connect("env-check-consistency", every_public_name_is_here)
