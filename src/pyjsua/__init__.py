"""SIP accounts, calls and audio from Python, on PJSIP."""

from __future__ import annotations

import logging

logging.getLogger("pyjsua").addHandler(logging.NullHandler())
