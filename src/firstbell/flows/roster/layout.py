"""Reads a package once, by the row, into the staging tables. Memory does not grow with the number of rows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from firstbell.connectors.roster import Mode, Package
from firstbell.flows.roster import compare, tables
from firstbell.flows.roster.rooms import Rooms
from firstbell.flows.roster.sites import Sites
from firstbell.flows.roster.stream import Stream

Progress = Callable[[str, int], None]
"""Called with the table's name and the number of its rows read so far."""

LOCK = 0x52_4F_53_54_45_52
"""One roster at a time: the next import waits until this one is applied or dropped."""
MEMORY = "SET LOCAL work_mem = '96MB'"
"""For hash joins of a million people; given back with the transaction."""


@dataclass(frozen=True)
class Roster:
    """A package laid out on this connection. ``digest`` is the SHA-256 of the file, in hex."""

    digest: str
    modes: Mapping[str, str]

    def bulk(self, table: str) -> bool:
        """Say whether the package is the whole truth about a table: what it does not list has gone."""
        return self.modes.get(table) == Mode.BULK


def _silent(_table: str, _rows: int) -> None:
    pass


@contextmanager
def lay_out(
    package: Package,
    *,
    digest: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = _silent,
) -> Iterator[Roster]:
    """Lay a package out and compare it; the block is one transaction, in which the roster may be applied.

    ``mapping`` says which site an organisation is: its id in the package to a site's code, or to school, office, depot
    or none. Raises PackageRefused when the package can't be taken.
    """
    roster = Roster(digest, {table: mode.value for table, mode in package.modes.items()})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(MEMORY)
            cursor.execute(tables.DROP)
            cursor.execute(tables.CREATE)
        sites = Sites.read(package.orgs(), mapping or {})
        rooms = Rooms.read()
        Stream(package, sites, rooms, at.date(), progress).write()
        sites.write()
        rooms.write()
        with connection.cursor() as cursor:
            cursor.execute(tables.ANALYZE)
        compare.plan(roster.bulk)
        yield roster
