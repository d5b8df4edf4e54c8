"""`firstbell devices import FILE`: a device list into the inventory."""

import csv
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from firstbell.connectors.inventory import ALIASES, SENTENCES, DayOrder, DeviceFile, read_mapped
from firstbell.flows.inventory_import import Options, RowResult, Standing, What, check_brake, import_devices
from firstbell.jobs.progress import progress
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.clock import utc_now
from firstbell.kernel.errors import Refused
from firstbell.kernel.formulas import defuse

SHOWN = 100
"""Rows that are printed; ``--report`` writes all of them."""


class Command(BaseCommand):
    """Import a device list."""

    help = "Read a CSV or .xlsx device list and say what becomes of each row. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the list and how to take it."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="import")
        words = verbs.add_parser("import", help=self.help)
        words.add_argument("path", type=Path, help="the list")
        words.add_argument("--dry-run", action="store_true", help="say what would become of each row, change nothing")
        words.add_argument("--confirm", action="store_true", help="import although much would be refused or changed")
        words.add_argument("--report", type=Path, help="write what became of every row into this new CSV file")
        words.add_argument("--site", default="", help="the site (name or code) of rows that name none")
        words.add_argument("--day-order", choices=[order.value for order in DayOrder], help="how to take 3/4/2026")
        words.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help=f"what a column means, several at once with commas; fields: {', '.join(ALIASES)}",
        )
        words.add_argument(
            "--status",
            action="append",
            default=[],
            metavar="WORD=MEANING",
            help=f"what a status word means: {', '.join(code.value for code in Standing)}",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the list, or say what to do instead."""
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path} is not there.")
        order = DayOrder(options["day_order"]) if options["day_order"] else None
        columns = _columns(options["map"])
        file = read_mapped(path, name=path.name, columns=columns, day_order=order)
        if file.refused:
            raise CommandError(_refusal(file))
        with path.open("rb") as opened:
            digest = file_digest(opened, "sha256").hexdigest()
        taken = Options(site=options["site"], statuses=_statuses(options["status"]), columns=columns)
        try:
            self._import(file, digest, taken, options)
        except Refused as refusal:
            hint = " Run it again with --confirm." if refusal.code == "list_brake" else ""
            raise CommandError(f"Nothing was changed. {refusal.sentence}{hint}") from refusal

    def _import(self, file: DeviceFile, digest: str, taken: Options, options: dict[str, Any]) -> None:
        self.stdout.write(f"{file.rows:,} rows, {file.format}; columns: {', '.join(sorted(file.columns))}.")
        if file.day_order and not options["day_order"]:
            self.stdout.write(f"The dates of this list look like --day-order {file.day_order.value}.")
        if not options["dry_run"] and not options["confirm"]:
            dry = import_devices(file, digest=digest, options=taken, dry_run=True, by=SYSTEM, at=utc_now())
            check_brake(Counter(result.what for result in dry))
        results: list[RowResult] = []
        with progress(self.stdout, {"rows": file.rows}) as step:
            dry = options["dry_run"]
            for result in import_devices(file, digest=digest, options=taken, dry_run=dry, by=SYSTEM, at=utc_now()):
                results.append(result)
                step("rows", len(results))
        if options["report"]:
            _write_report(options["report"], results)
        self._tell(results, dry=options["dry_run"])

    def _tell(self, results: list[RowResult], *, dry: bool) -> None:
        telling = [result for result in results if result.what is What.REFUSED or result.notes]
        for result in sorted(telling, key=lambda result: result.what is not What.REFUSED)[:SHOWN]:
            for note in result.notes:
                self.stdout.write(f"row {result.row} {result.tag or '-'} {result.what}: {note.code}: {note.sentence}")
        if len(telling) > SHOWN:
            self.stdout.write(f"... {len(telling):,} rows have something to say; --report writes all of them.")
        counts = Counter(result.what for result in results)
        self.stdout.write(", ".join(f"{counts[what]:,} {what}" for what in What) + ".")
        if dry:
            self.stdout.write("Dry run: nothing was changed.")
        if results and counts[What.REFUSED] == len(results):
            raise CommandError("No row of this list can be taken; the lines above say why.")


def _columns(words: Iterable[str]) -> dict[str, str]:
    """Return field -> header from ``"Asset Tag=tag, Make=manufacturer"``."""
    pairs = [part.rpartition("=") for word in words for part in word.split(",") if part.strip()]
    columns = {field.strip(): header.strip() for header, _sign, field in pairs}
    unknown = sorted(set(columns) - set(ALIASES))
    if unknown:
        raise CommandError(f"There is no field {', '.join(unknown)}. Fields: {', '.join(ALIASES)}.")
    return columns


def _statuses(words: Iterable[str]) -> dict[str, Standing]:
    pairs = [word.partition("=")[::2] for word in words]
    try:
        return {word.strip().casefold(): Standing(meaning.strip().casefold()) for word, meaning in pairs}
    except ValueError as error:
        meanings = ", ".join(code.value for code in Standing)
        raise CommandError(f"A status means one of: {meanings}.") from error


def _refusal(file: DeviceFile) -> str:
    found = [f"{problem.file}: {problem.code}: {problem.sentence(SENTENCES)}" for problem in file.problems]
    headers = f" Its columns: {', '.join(filter(None, file.headers))}." if file.headers else ""
    return "\n".join([*found, f"Nothing was changed.{headers} Name columns with --map, such as --map 'Asset Tag=tag'."])


def _write_report(path: Path, results: Iterable[RowResult]) -> None:
    """Write all rows. A sign in front of a cell that a spreadsheet would run as a formula keeps it text."""
    with path.open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("row", "tag", "what", "code", "column", "sentence"))
        for result in results:
            for note in result.notes or (None,):
                cells = (note.code, note.column, note.sentence) if note else ("", "", "")
                rows.writerow((result.row, *map(defuse, (result.tag, result.what.value, *cells))))
