"""The migrated, empty database that every test process copies: made once for a state of the migrations.

Running them takes half a minute of CPU, a copy a moment. Its name holds a digest of every migration that applies, so
that a changed one makes a new one; what other states left behind is dropped.
"""

import hashlib
import inspect
import sys
from importlib.metadata import version
from typing import Any

import psycopg
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.test.utils import setup_databases
from psycopg import sql

PREFIX = "template_firstbell_"
LOCK = 5_042_114
"""Number of the lock under which one process makes it while the others wait."""


def copied_database(maintenance: dict[str, Any]) -> list[Any]:
    """Make this process's test database as a copy of the migrated one; returns what ``teardown_databases`` takes."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = _template(maintenance)
    return setup_databases(verbosity=0, interactive=False)


def _template(maintenance: dict[str, Any]) -> str:
    name = PREFIX + _digest()
    with psycopg.connect(**maintenance, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        found = session.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"]).fetchall()
        if (name,) not in found:
            _make(name, maintenance)
            for (old,) in found:
                session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
    return name


def _make(name: str, maintenance: dict[str, Any]) -> None:
    """Migrate a database under a passing name, then give it its own: a run that was killed leaves no half one."""
    [(connection, usual, _destroy)] = setup_databases(verbosity=0, interactive=False)
    passing = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = usual
    names = {"passing": sql.Identifier(passing), "name": sql.Identifier(name)}
    with psycopg.connect(**maintenance, autocommit=True) as session:
        session.execute(sql.SQL("ALTER DATABASE {passing} RENAME TO {name}").format(**names))


def _digest() -> str:
    """Return what all migrations say, in sixteen letters; those of libraries by their version too."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    told = hashlib.sha256("".join(map(version, ("django", "procrastinate"))).encode())
    for key in sorted(loader.disk_migrations):
        told.update(inspect.getsource(sys.modules[type(loader.disk_migrations[key]).__module__]).encode())
    return told.hexdigest()[:16]
