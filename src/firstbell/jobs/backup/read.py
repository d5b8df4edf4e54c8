"""A backup into an empty database: checked before, compared after, all or nothing."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from firstbell.jobs.backup.archive import BackupTrouble, Manifest, Reader, Table, Upload, reading, tally
from firstbell.jobs.backup.tables import ONE_FORM, Columns, Tables

Say = Callable[[str], object]
State = set[tuple[str, str]]


def restore_backup(connection: BaseDatabaseWrapper, media: Path, path: Path, *, say: Say) -> Manifest:
    """Restore a file into an empty database and an empty folder; raises BackupTrouble and changes nothing else."""
    with reading(path) as reader:
        say("The file is whole.")
        check_empty(connection, media)
        _build(connection, set(reader.manifest.migrations), reader.manifest.version)
        with transaction.atomic(using=connection.alias):
            tables = Tables(connection)
            tables.ask(ONE_FORM)
            _load(tables, reader, say)
            _compare(tables, reader.manifest)
            for upload in reader.manifest.uploads:
                _restore_upload(upload, media, reader)
        tables.ask("ANALYZE")
    return reader.manifest


def check_empty(connection: BaseDatabaseWrapper, media: Path) -> None:
    """Raise BackupTrouble when something lies where the backup would go."""
    filled = Tables(connection).filled()
    if filled:
        raise BackupTrouble(
            f"This database is in use: {len(filled)} tables hold rows, {filled[0]} for one. A backup goes into an empty"
            " database only. Make a new one and point DATABASE_URL to it (or FIRSTBELL_DATA_DIR to a new folder)."
        )
    if media.exists() and any(media.iterdir()):
        raise BackupTrouble(f"There are uploads in {media} already. Move them away, or set FIRSTBELL_MEDIA_DIR.")


def _build(connection: BaseDatabaseWrapper, wanted: State, version: str) -> None:
    """Bring the database to the very form the backup was made with."""
    executor = MigrationExecutor(connection)
    unknown = sorted(wanted - set(executor.loader.graph.nodes))
    if unknown:
        raise BackupTrouble(
            f"The backup was made by Firstbell {version}, which is newer than this one (it knows {unknown[0]})."
            " Install that version, then restore."
        )
    present: State = set(MigrationRecorder(connection).applied_migrations())
    if present - wanted:
        raise BackupTrouble(
            "The tables of this database are newer than the backup. Use a database without tables; afterwards"
            " `firstbell migrate` brings what was restored up to date."
        )
    executor.migrate([node for node in sorted(wanted) if _is_last(executor, node, wanted)])
    now: State = set(MigrationRecorder(connection).applied_migrations())
    if now != wanted:
        raise BackupTrouble(f"The tables could not be brought to the form of the backup: {min(now ^ wanted)}.")


def _is_last(executor: MigrationExecutor, node: tuple[str, str], wanted: State) -> bool:
    children = {child.key for child in executor.loader.graph.node_map[node].children}
    return not any(child in wanted and child[0] == node[0] for child in children)


def _load(tables: Tables, reader: Reader, say: Say) -> None:
    with tables.laid_open():
        for table in reader.manifest.tables:
            with tables.loading(table.name, table.columns) as copy:
                reader.pour(f"tables/{table.name}.copy", copy.write)
            say(f"{table.rows:>12,}  {table.name}")
        for name, (last, called) in reader.manifest.sequences.items():
            tables.set_sequence(name, last, called=called)


def _compare(tables: Tables, manifest: Manifest) -> None:
    """Read every table again, in the same transaction, and compare its rows with the backup's."""
    keys = {table.name: table.key for table in tables.all()}
    for table in manifest.tables:
        found = tally(tables.rows(Columns(table.name, tuple(table.columns), keys[table.name])))
        _check_same(table, found.rows, found.sha256)


def _check_same(table: Table, rows: int, sha256: str) -> None:
    if (rows, sha256) != (table.rows, table.sha256):
        raise BackupTrouble(
            f"{table.name} came back different: {rows:,} rows instead of {table.rows:,}, or other content. The database"
            " was left empty. Please report this."
        )


def _restore_upload(upload: Upload, media: Path, reader: Reader) -> None:
    inside = PurePosixPath(upload.path)
    if inside.is_absolute() or ".." in inside.parts:
        raise BackupTrouble(f"The backup holds a file outside its folder: {upload.path}.")
    target = media / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        found = reader.pour(f"uploads/{upload.path}", file.write)
    if found.sha256 != upload.sha256:
        raise BackupTrouble(f"Upload {upload.path} came back different.")
