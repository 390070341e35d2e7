"""docs/callbacks.md against the pinned header and the module: each callback, and what the page says it is."""

from __future__ import annotations

import re
from pathlib import Path

from pyjsua import events, pjsua as pj

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "third_party" / "pjproject" / "source" / "pjsip" / "include" / "pjsua-lib" / "pjsua.h"


def in_header() -> set[str]:
    text = HEADER.read_text()
    text = text[text.index("typedef struct pjsua_callback") : text.index("} pjsua_callback;")]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return set(re.findall(r"\b(on_\w+)\s*(?:\)|;)", text))


def on_page() -> dict[str, str]:
    lines = (ROOT / "docs" / "callbacks.md").read_text().splitlines()
    return {cells[1].strip(" `"): cells[2].strip() for line in lines if len(cells := line.split("|")) == 6}


def test_the_page_has_every_callback() -> None:
    page = on_page()
    page.pop("callback")
    page.pop("---", None)
    assert len(in_header()) >= 58
    assert set(page) == in_header()


def test_the_page_says_what_the_module_is() -> None:
    handlers, hooks = set(pj.Callbacks.__slots__), set(pj.Hooks.__slots__)
    policies = {f"on_{name}" for name in pj.Policy.__slots__}
    wrong = []
    for name, what in on_page().items():
        if not name.startswith("on_"):
            continue
        cls = getattr(events, "".join(part.capitalize() for part in name.split("_")), None)
        older = cls is not None and issubclass(cls, events.OlderEvent)
        said = {
            "bound": not what.startswith("not bound"),
            "event": what.startswith("event"),
            "older": what.startswith("older"),
            "policy": "policy" in what,
            "hook": "hook" in what,
        }
        found = {
            "bound": name in handlers,
            "event": cls is not None and not older,
            "older": older,
            "policy": name in policies,
            "hook": name in hooks,
        }
        if said != found:
            wrong.append((name, said, found))
    assert wrong == []
    assert hooks - on_page().keys() == {"timeout"}
    assert policies - on_page().keys() == {
        "on_held_requests",
        "on_later_ms",
        "on_null_dev_on_error",
        "on_reg_backoff",
    }


def test_functions_the_page_names_exist() -> None:
    for name in re.findall(r"`((?:call|auth)_\w+)`", (ROOT / "docs" / "callbacks.md").read_text()):
        assert callable(getattr(pj, name)), name
