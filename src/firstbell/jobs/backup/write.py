"""Database and uploads into one file, while people work: one snapshot, no lock that anybody waits for."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from firstbell import __version__
from firstbell.jobs.backup.archive import CHUNK, Manifest, Table, Upload, Writer, writing
from firstbell.jobs.backup.tables import ONE_FORM, Columns, Tables
from firstbell.transfers.files import FOLDER

Say = Callable[[str], object]


def write_backup(connection: BaseDatabaseWrapper, media: Path, path: Path, *, at: datetime, say: Say) -> Manifest:
    """Write everything into a new file at ``path``; raises BackupTrouble when it cannot."""
    with writing(path) as writer, transaction.atomic(using=connection.alias):
        tables = Tables(connection)
        tables.ask("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables.ask(ONE_FORM)
        found = tables.all()
        _keep_form(tables, found)
        written = [_write_table(tables, table, writer, say) for table in found]
        manifest = Manifest(
            version=__version__,
            made_at=at.isoformat(),
            migrations=sorted(MigrationRecorder(connection).applied_migrations()),
            tables=written,
            sequences=tables.sequences(),
            uploads=[_write_upload(file, media, writer) for file in _files(media)],
        )
        writer.finish(manifest)
    return manifest


def _keep_form(tables: Tables, found: list[Columns]) -> None:
    """Let no upgrade change a table's form while it is copied; readers and writers go on."""
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in found)
    if found:
        tables.ask(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))


def _write_table(tables: Tables, table: Columns, writer: Writer, say: Say) -> Table:
    made = writer.add(f"tables/{table.name}.copy", tables.rows(table))
    say(f"{made.rows:>12,}  {table.name}")
    return Table(table.name, list(table.columns), made.rows, made.sha256)


def _files(media: Path) -> list[Path]:
    """Return the uploads; files in transit are kept for hours only and in no backup."""
    found = media.rglob("*") if media.exists() else ()
    return sorted(file for file in found if file.is_file() and file.relative_to(media).parts[0] != FOLDER)


def _write_upload(file: Path, media: Path, writer: Writer) -> Upload:
    path = file.relative_to(media).as_posix()
    made = writer.add(f"uploads/{path}", _content(file))
    return Upload(path, file.stat().st_size, made.sha256)


def _content(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        yield from iter(lambda: content.read(CHUNK), b"")
