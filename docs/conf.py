"""Sphinx: `make docs`, warnings are errors."""

from __future__ import annotations

import pyjsua

project = "pyjsua"
copyright = "the pyjsua authors, GPL-2.0-or-later"
release = pyjsua.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
autodoc_typehints = "signature"
autodoc_default_options = {"undoc-members": True}
default_role = "code"
