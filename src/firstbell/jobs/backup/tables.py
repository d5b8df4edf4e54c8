"""What stands in a database: tables, keys, sequences; and how rows get out and in at full speed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from firstbell.jobs.backup.archive import gathered

IN_TRANSIT = frozenset({"transfers_upload", "transfers_download"})
LEFT_OUT = IN_TRANSIT | {"django_migrations", "django_session", "cache", "tickets_tally"}
"""The state of the schema is in the manifest; sessions would let strangers in; a cache and a tally fill again;
files in transit are gone by then."""
MACHINERY = frozenset({"django_content_type", "auth_permission"})
"""Rows that a fresh database may hold already. Those of procrastinate, too."""

ONE_FORM = (
    "SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';"
    " SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL row_security = off;"
)
"""Settings under which the same row is always the same text."""

_TABLES = """
SELECT c.relname,
       array_agg(a.attname ORDER BY a.attnum),
       (SELECT array_agg(k.attname ORDER BY array_position(i.indkey::smallint[], k.attnum))
          FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
 GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_TEXTUAL = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attcollation <> 0"
_SEQUENCES = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' ORDER BY c.relname
"""
_FOREIGN_KEYS = """
SELECT r.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
 WHERE k.contype = 'f' AND r.relnamespace = 'public'::regnamespace ORDER BY k.conname
"""
_INDEXES = """
SELECT x.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid
 WHERE r.relnamespace = 'public'::regnamespace AND i.indpred IS NULL AND i.indexprs IS NULL
   AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY x.relname
"""
"""Partial indexes stay: few rows go into them, and a condition can come back from its text in another form."""


@dataclass(frozen=True)
class Columns:
    """One table as it stands: its columns, and its key, by which rows are ordered."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Tables:
    """The tables of one database, seen through one connection and its transaction."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Look through this connection."""
        self.connection = connection

    def ask(self, query: Any, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def all(self) -> list[Columns]:
        """Return the tables that belong into a backup, by name."""
        return [table for table in self._present() if table.name not in LEFT_OUT]

    def _present(self) -> list[Columns]:
        return [Columns(name, tuple(columns), tuple(key or columns)) for name, columns, key in self.ask(_TABLES)]

    def rows(self, table: Columns) -> Iterator[bytes]:
        """Yield a table's rows in COPY's text format, in the order of their key, gathered into chunks."""
        textual = {name for (name,) in self.ask(_TEXTUAL, f'public."{table.name}"')}
        order = [
            sql.SQL("{} COLLATE {}").format(sql.Identifier(name), sql.Identifier("C"))
            if name in textual
            else sql.Identifier(name)
            for name in table.key
        ]
        statement = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT").format(
            columns=_names(table.columns), table=sql.Identifier(table.name), order=sql.SQL(", ").join(order)
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield from gathered(copy)

    def sequences(self) -> dict[str, tuple[int, bool]]:
        """Return every sequence with its last value and whether that was given out."""
        names = [name for (name,) in self.ask(_SEQUENCES)]
        read = sql.SQL("SELECT last_value, is_called FROM {}")
        return {name: self.ask(read.format(sql.Identifier(name)))[0] for name in names}

    def filled(self) -> list[str]:
        """Return the tables that hold rows a restore would have to respect."""
        ours = [t.name for t in self.all() if t.name not in MACHINERY and not t.name.startswith("procrastinate_")]
        look = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})")
        return [name for name in ours if self.ask(look.format(sql.Identifier(name)))[0][0]]

    @contextmanager
    def laid_open(self) -> Iterator[None]:
        """Empty all tables, with triggers off, foreign keys and indexes away; all are back in force on leaving.

        Belongs inside a transaction, so that a failure leaves nothing changed.
        """
        names = [sql.Identifier(table.name) for table in self.all()]
        self._switch_triggers(names, sql.SQL("DISABLE"))
        if names:
            passing = [sql.Identifier(table.name) for table in self._present() if table.name in IN_TRANSIT]
            self.ask(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names + passing)))
        keys, indexes = self.ask(_FOREIGN_KEYS), self.ask(_INDEXES)
        for table, name, _definition in keys:
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            self.ask(drop.format(sql.Identifier(table), sql.Identifier(name)))
        for name, _definition in indexes:
            self.ask(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield
        self.ask(sql.SQL("SET LOCAL maintenance_work_mem = '256MB'"))
        for _name, definition in indexes:
            self.ask(sql.SQL(definition))
        for table, name, definition in keys:
            add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
            self.ask(add.format(sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)))
        self._switch_triggers(names, sql.SQL("ENABLE"))

    def _switch_triggers(self, names: list[sql.Identifier], how: sql.SQL) -> None:
        for name in names:
            self.ask(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(name, how))

    @contextmanager
    def loading(self, name: str, columns: list[str]) -> Iterator[Any]:
        """Give something to write a table's rows to, in COPY's text format."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _names(columns))
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy

    def set_sequence(self, name: str, last: int, *, called: bool) -> None:
        """Set a sequence so that the next value is one nobody has."""
        self.ask(sql.SQL("SELECT setval({}::regclass, %s, %s)").format(sql.Literal(f'public."{name}"')), last, called)


def _names(columns: tuple[str, ...] | list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
