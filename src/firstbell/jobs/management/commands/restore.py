"""`firstbell restore PATH`: a backup into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from firstbell.jobs.backup.archive import BackupTrouble, reading
from firstbell.jobs.backup.read import restore_backup


class Command(BaseCommand):
    """Restore a backup."""

    help = "Read a backup into an empty database, then compare every row. --check only looks whether the file is whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask where from."""
        parser.add_argument("path", type=Path, help="a file written by `firstbell backup`")
        parser.add_argument("--check", action="store_true", help="only check the file; touch no database")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore the file, or say why not."""
        path: Path = options["path"]
        say = self.stdout.write if options["verbosity"] > 1 else lambda _line: None
        try:
            if options["check"]:
                self._check(path)
                return
            made = restore_backup(connection, Path(settings.MEDIA_ROOT), path, say=say)
        except (BackupTrouble, OSError) as error:
            raise CommandError(f"Not restored. {error}") from error
        self.stdout.write(
            f"Restored the state of {made.made_at}: {made.rows:,} rows in {len(made.tables)} tables and"
            f" {len(made.uploads):,} uploads. Every row is the same as in the backup."
        )
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write(
                "The backup is from an earlier version. Run `firstbell migrate`, then `firstbell verify`."
            )

    def _check(self, path: Path) -> None:
        with reading(path) as reader:
            made = reader.manifest
        self.stdout.write(
            f"{path} is whole: {made.rows:,} rows and {len(made.uploads):,} uploads of {made.made_at}, version"
            f" {made.version}."
        )
