"""`firstbell backup PATH`: database and uploads into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from firstbell.jobs.backup.archive import BackupTrouble
from firstbell.jobs.backup.write import write_backup
from firstbell.kernel.clock import utc_now


class Command(BaseCommand):
    """Back up the installation."""

    help = "Write database and uploads into one new file. People can go on working. Keep FIRSTBELL_SECRET_KEY apart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask where to."""
        parser.add_argument("path", type=Path, help="the file to write; it must not exist yet")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file, or say why not."""
        path: Path = options["path"]
        say = self.stdout.write if options["verbosity"] > 1 else lambda _line: None
        try:
            made = write_backup(connection, Path(settings.MEDIA_ROOT), path, at=utc_now(), say=say)
        except (BackupTrouble, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        size = path.stat().st_size / 1e6
        self.stdout.write(f"{path}: {made.rows:,} rows, {len(made.uploads):,} uploads, {size:,.1f} MB.")
