"""A database of its own, copied from the migrated test database: for tests that kill processes or drop a guard.

Other processes reach it by its address; this one by ``in_use``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db import connections
from psycopg import sql

_numbers = count(1)


@dataclass(frozen=True)
class Scratch:
    """A copy of the empty, migrated test database."""

    name: str
    parameters: dict[str, Any]

    @property
    def url(self) -> str:
        """Its address for DATABASE_URL."""
        known = {key: str(value) for key, value in self.parameters.items() if value}
        who = quote(known.pop("user", ""))
        secret = known.pop("password", "")
        return f"postgresql://{who}{':' + quote(secret) if secret else ''}@/{self.name}?{urlencode(known)}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which another process of ours works on it."""
        return dict(os.environ) | {"DATABASE_URL": self.url, "FIRSTBELL_MODE": "test"}

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a plain connection that commits at once."""
        return psycopg.connect(**self.parameters, dbname=self.name, autocommit=True)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make this process and its threads work on it instead of on the test database."""
        settings = connections["default"].settings_dict
        before = {key: settings[key] for key in ("NAME", "HOST", "USER")}
        connections.close_all()
        known = {key.upper(): str(self.parameters[key]) for key in ("host", "user") if key in self.parameters}
        settings |= known | {"NAME": self.name}
        try:
            yield
        finally:
            connections.close_all()
            settings |= before


@contextmanager
def scratch_database(*, template: str | None = None) -> Iterator[Scratch]:
    """Copy a database (the test database, empty of rows, by default; ``template0`` for nothing at all)."""
    connection = connections["default"]
    known = connection.get_connection_params()
    parameters = {key: known[key] for key in ("host", "port", "user", "password") if known.get(key)}
    name = f"test_firstbell_{os.getpid()}_scratch{next(_numbers)}"
    original = template or connection.settings_dict["NAME"]
    connections.close_all()
    with psycopg.connect(**parameters, dbname="postgres", autocommit=True) as session:
        names = {"name": sql.Identifier(name), "original": sql.Identifier(original)}
        # A browser story on this worker may have left a session behind; a database in use cannot be copied.
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [original])
        session.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {original}").format(**names))
        try:
            yield Scratch(name, parameters)
        finally:
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**names))


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scratch]:
    """A migrated database without rows that belongs to one test."""
    with django_db_blocker.unblock(), scratch_database() as made:
        yield made


@pytest.fixture
def nothing(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scratch]:
    """A database without any table that belongs to one test."""
    with django_db_blocker.unblock(), scratch_database(template="template0") as made:
        yield made
