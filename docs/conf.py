"""Sphinx: `make docs`, warnings are errors."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import c_coverage  # noqa: E402 (tools/ is on the path now)

import pyjsua  # noqa: E402

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
