"""A made-up district of any size, written by the database itself in a few minutes: no verb, same rows as verbs write.

Schools of 600 devices, whatever the size: 24 loaners (8 lent), 8 broken devices in all stages of their repair, 12
open tickets, 150 devices with a repair behind them. The ledger tells all of it, so that `firstbell verify` agrees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from bench import ledger, people, stock, support
from firstbell.jobs.backup.tables import Tables

VERSION = 1
SCHOOL_SIZE = 600
NATURAL = 8
"""Events a device has without filling up."""

DEVICES = """
CREATE UNLOGGED TABLE bench_device AS
SELECT *, CASE WHEN j < 24 THEN 'loaner' WHEN j BETWEEN 100 AND 107 THEN 'broken'
               WHEN j BETWEEN 108 AND 119 THEN 'asked' WHEN j BETWEEN 120 AND 269 THEN 'past' ELSE 'plain' END AS kind,
       CASE WHEN j BETWEEN 120 AND 269 THEN date_trunc('day', now()) - interval '30 days' - (i % 180) * interval '1 day'
            ELSE date_trunc('day', now()) - interval '3 days' END + (i % 21600) * interval '1 second' AS broke,
       date_trunc('day', now()) - interval '500 days' AS bought,
       date_trunc('day', now()) - interval '450 days' + (i % 43200) * interval '1 second' AS given
  FROM (SELECT i, {first} + (i - 1) % {schools} AS s, (i - 1) / {schools} AS j
          FROM generate_series(1::bigint, {devices}) AS i) AS numbered
"""


@dataclass(frozen=True)
class Rows:
    """Rows of one table: column -> SQL expression, and where they come from."""

    model: str
    values: dict[str, str]
    source: str


def steps() -> Iterator[Rows]:
    """Yield everything, in an order in which what is referred to comes first."""
    for module in (people, stock, support, ledger):
        yield from (Rows(*row) for row in module.ROWS)


def generate(devices: int, events: int, *, say: Any) -> None:
    """Fill an empty, migrated database: so many devices, with so many events each."""
    schools = max(1, devices // SCHOOL_SIZE)
    with transaction.atomic():
        tables = Tables(connection)
        tables.ask("SET LOCAL work_mem = '256MB'")
        with tables.laid_open():
            tables.ask(DEVICES.format(first=people.FIRST_SCHOOL, schools=schools, devices=devices))
            tables.ask("CREATE UNIQUE INDEX ON bench_device (i); CREATE INDEX ON bench_device (kind)")
            tables.ask("ANALYZE bench_device")
            for row in steps():
                say(f"{_insert(row, schools, max(0, events - NATURAL)):>12,}  {row.model}")
            tables.ask("DROP TABLE bench_device")
        _set_sequences(tables)
    tables.ask("ANALYZE")


def _insert(row: Rows, schools: int, filler: int) -> int:
    model = apps.get_model(row.model)
    values = _defaults(model, row.values) | row.values
    columns = ", ".join(f'"{column}"' for column in values)
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {", ".join(values.values())} FROM {row.source}'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{schools}", str(schools)).replace("{filler}", str(filler)))
        return int(cursor.rowcount)


def _defaults(model: type[models.Model], given: dict[str, str]) -> dict[str, str]:
    """What Django would write into the columns that nobody names."""
    made = {}
    for field in model._meta.concrete_fields:
        if field.column in given or field.null or field.primary_key or field.has_db_default():
            continue
        value = field.get_default()
        made[field.column] = f"{int(value)}::boolean" if isinstance(value, bool) else _quoted(value)
    return made


def _quoted(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "'[]'::jsonb" if value == [] else "'{}'::jsonb"


def _set_sequences(tables: Tables) -> None:
    for model in apps.get_models(include_auto_created=True):
        key = model._meta.pk
        if isinstance(key, models.AutoField) and model._meta.managed and model.__module__.startswith("firstbell"):
            table = model._meta.db_table
            tables.ask(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{key.column}'),"
                f" coalesce((SELECT max({key.column}) FROM {table}), 1))"
            )
