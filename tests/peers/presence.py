"""What makes a Kamailio a presence server too: its modules, their tables, and what it does with PUBLISH."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peers.ports import free_port

_TABLES = Path("/usr/share/kamailio/dbtext/kamailio")

_MODULES = """
loadmodule "db_text.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
loadmodule "presence_mwi.so"
loadmodule "presence_dialoginfo.so"
modparam("presence", "db_url", "text://@tables@")
modparam("presence_xml", "db_url", "text://@tables@")
modparam("presence", "server_address", "sip:127.0.0.1:@port@")
modparam("presence_xml", "force_active", 1)
modparam("presence", "max_expires", 3600)
"""

_ROUTE = """
	if (is_method("PUBLISH|SUBSCRIBE") && $si == "127.0.0.1") {
		if ($hdr(X-Trusted) == $null) route(CHALLENGE);
		if (!t_newtran()) exit;
		if (is_method("PUBLISH")) handle_publish();
		else handle_subscribe();
		t_release();
		exit;
	}
"""


def presence(directory: Path, users: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of a `Kamailio` with these users that serves presence, calls and waiting messages.

    Its tables go into `directory`. Who sends a header X-Trusted is not challenged.
    """
    tables = directory / "tables"
    shutil.copytree(_TABLES, tables)
    port = free_port()
    modparams = _MODULES.replace("@tables@", str(tables)).replace("@port@", str(port))
    return {"users": users, "port": port, "first": _ROUTE, "modparams": modparams}
