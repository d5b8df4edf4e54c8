"""Django's PostgreSQL backend that starts the embedded server before the first connection."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from firstbell.database import Server


class DatabaseWrapper(base.DatabaseWrapper):
    """Every way to a connection (also a pool's and the job worker's) asks for these parameters first."""

    def get_connection_params(self) -> dict[str, Any]:
        """Start the server, then say where it is."""
        server: Server = settings.EMBEDDED_SERVER
        server.ensure()
        return super().get_connection_params()
