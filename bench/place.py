"""Where it is measured: a database of its own for each size, kept between runs, on a server of its own or yours."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstbell.settings")
os.environ.setdefault("FIRSTBELL_MODE", "test")
os.environ.setdefault("FIRSTBELL_DATA_DIR", str(ROOT / "var" / "bench"))

import django  # noqa: E402 -- settings read the variables above

django.setup()

import psycopg  # noqa: E402 -- the same
from django.core.management import call_command  # noqa: E402 -- the same
from django.db import connection, connections  # noqa: E402 -- the same
from psycopg import sql  # noqa: E402 -- the same

from bench.generate import VERSION, generate  # noqa: E402 -- the same

KEPT = 100_000
"""Devices from which on a database is kept for the next run; a smaller one is made anew."""


@dataclass(frozen=True)
class Place:
    """One database with so many devices."""

    devices: int
    events: int
    name: str
    made_in: float

    @property
    def url(self) -> str:
        """Its address for other processes."""
        known = {key: str(value) for key, value in _server().items() if key != "user"}
        return f"postgresql://{quote(str(_server().get('user', '')))}@/{self.name}?{urlencode(known)}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which another process works on it."""
        return dict(os.environ) | {"DATABASE_URL": self.url}


def _server() -> dict[str, object]:
    known = connection.get_connection_params()
    return {key: known[key] for key in ("host", "port", "user", "password") if known.get(key)}


def _run(statement: str, name: str) -> None:
    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as session:  # type: ignore[arg-type]
        session.execute(sql.SQL(statement).format(sql.Identifier(name)))


def ready(devices: int, events: int) -> Place:
    """Return a database of this size, made unless an earlier run of the same version left one; work on it.

    One that was kept is brought to the tables of today, as a district's would be.
    """
    name = f"bench_firstbell_{devices}_{events}"
    connection.close()
    started = time.perf_counter()
    kept = devices >= KEPT and _usable(name)
    if not kept:
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        _run("CREATE DATABASE {}", name)
    _point_to(name)
    call_command("migrate", verbosity=0)
    if not kept:
        generate(devices, events, say=lambda line: print(line, file=sys.stderr))
        connection.close()
        _run(f"COMMENT ON DATABASE {{}} IS '{VERSION}'", name)
        _point_to(name)
    return Place(devices, events, name, time.perf_counter() - started)


def _point_to(name: str) -> None:
    connections["default"].settings_dict["NAME"] = name
    connections.close_all()


def _usable(name: str) -> bool:
    """Say whether a database was made by this version of the generator."""
    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as session:  # type: ignore[arg-type]
        found = session.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    return bool(found and found[0] and found[0].split()[0] == str(VERSION))
