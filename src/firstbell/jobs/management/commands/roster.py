"""`firstbell roster import PATH`: people, classes and sites from a OneRoster package."""

from argparse import ArgumentParser
from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from firstbell.connectors.problems import Problem, Severity
from firstbell.connectors.roster import SENTENCES, Package, read_package
from firstbell.connectors.roster.leniency import Leniency
from firstbell.flows.roster import Changes, Roster, SiteChange, Unsettled, apply_roster, changes, lay_out, unsettled
from firstbell.jobs.progress import progress
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.clock import utc_now
from firstbell.kernel.errors import Refused

SHOWN = 50
"""Lines of a list that are printed; the rest is counted."""
_FIGURES = "{:<44} {:>9} {:>9} {:>9} {:>9}   {:>9} {:>9} {:>9}"
_HEAD = ("", "people", "added", "changed", "left", "classes +", "changed", "ended")


class Command(BaseCommand):
    """Import a roster."""

    help = "Read a OneRoster 1.1 or 1.2 zip, show what it changes, then apply all of it or nothing. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the package and how to take it."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="import")
        words = verbs.add_parser("import", help=self.help)
        words.add_argument("path", type=Path, help="the zip")
        words.add_argument("--dry-run", action="store_true", help="show what would change, change nothing")
        words.add_argument("--confirm", action="store_true", help="apply although many people would leave")
        words.add_argument("--lenient", action="store_true", help="mend common faults of exports; leave bad rows out")
        words.add_argument(
            "--site",
            action="append",
            default=[],
            metavar="ORG=SITE",
            help="which site an organisation is: a site's code, or school, office, depot, none",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the package, or say what to do instead."""
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path} is not there.")
        package = read_package(path, leniency=Leniency.LENIENT if options["lenient"] else Leniency.STRICT)
        self._tell_problems(package)
        if package.refused:
            raise CommandError(_refusal(package))
        try:
            self._import(path, package, options)
        except Refused as refusal:
            raise CommandError(_stopped(refusal)) from refusal

    def _import(self, path: Path, package: Package, options: dict[str, Any]) -> None:
        at = utc_now()
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        mapping = dict(word.partition("=")[::2] for word in options["site"])
        with (
            progress(self.stdout, package.rows) as step,
            lay_out(package, digest=digest, at=at, mapping=mapping, progress=step) as roster,
        ):
            self._apply_or_show(roster, options, at)
        if not options["dry_run"]:
            self._tell_unsettled(unsettled(by=SYSTEM))

    def _apply_or_show(self, roster: Roster, options: dict[str, Any], at: Any) -> None:
        wanted = changes(roster)
        self._tell_changes(wanted)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
            return
        apply_roster(roster=roster, confirmed=options["confirm"], by=SYSTEM, at=at, op=uuid4())
        self.stdout.write("Applied." if wanted.total else "Nothing to change: everything is as the roster says.")

    def _tell_problems(self, package: Package) -> None:
        for problem in package.problems[:SHOWN]:
            (self.stderr if problem.severity is Severity.REFUSED else self.stdout).write(_in_words(problem))
        found = sum(package.problem_counts.values())
        if found > len(package.problems[:SHOWN]):
            self.stderr.write(f"... {found} findings in all.")
        if package.dropped:
            kept_out = ", ".join(f"{count:,} {reason.value}" for reason, count in sorted(package.dropped.items()))
            self.stdout.write(f"Not kept, by rule: {kept_out}.")

    def _tell_changes(self, wanted: Changes) -> None:
        if wanted.sites:
            self.stdout.write(_FIGURES.format(*_HEAD))
        for site in wanted.sites:
            self.stdout.write(_figures(site))
        if len(wanted.sites) > 1:
            self.stdout.write(_total(wanted.sites))
        for what, count in sorted(wanted.links.items()):
            self.stdout.write(f"{what.replace('_', ' ')}: {count:,}")
        for what, count in sorted(wanted.skipped.items()):
            self.stdout.write(f"left out, {_SKIPPED[what]}: {count:,}")
        if wanted.sites_unlisted:
            names = ", ".join(wanted.sites_unlisted)
            self.stdout.write(f"No longer in the roster, kept open until you close them: {names}")

    def _tell_unsettled(self, rows: list[Unsettled]) -> None:
        if not rows:
            return
        self.stdout.write(f"{len(rows):,} devices of people who have left. Decide about each; no import does:")
        for row in rows[:SHOWN]:
            how = "theirs, and with them" if row.owned and row.held else "theirs" if row.owned else "with them"
            self.stdout.write(f"  {row.tag:<14} {row.person:<32} {row.site:<36} {how}")
        if len(rows) > SHOWN:
            self.stdout.write(f"  ... and {len(rows) - SHOWN:,} more: see People who left.")


_SKIPPED = {
    "people": "people without a role, or already gone",
    "classes": "classes without a school we know",
    "people_without_site": "site of people, since we don't know theirs",
}


def _in_words(problem: Problem) -> str:
    row = f" row {problem.row}" if problem.row else ""
    column = f" {problem.column}" if problem.column else ""
    return f"{problem.file or 'package'}{row}{column}: {problem.code}: {problem.sentence(SENTENCES)}"


def _refusal(package: Package) -> str:
    count = sum(n for (_code, severity), n in package.problem_counts.items() if severity is Severity.REFUSED)
    return (
        f"The roster is refused (faults: {count:,}); nothing was changed. Correct what is listed in the sending system "
        "and export it again. If the sender can't, try --lenient: it mends common faults and leaves bad rows out."
    )


def _stopped(refusal: Refused) -> str:
    hint = " Run it again with --confirm." if refusal.code == "roster_brake" else ""
    return f"Nothing was changed. {refusal.sentence}{hint}"


def _figures(site: SiteChange) -> str:
    name = (site.name or "(no site)") + (" (new)" if site.new else "")
    figures = (site.people, site.added, site.changed, site.left)
    return _FIGURES.format(name[:44], *figures, site.classes_added, site.classes_changed, site.classes_ended)


def _total(sites: Iterable[SiteChange]) -> str:
    rows = [(s.people, s.added, s.changed, s.left, s.classes_added, s.classes_changed, s.classes_ended) for s in sites]
    return _FIGURES.format("all", *(sum(column) for column in zip(*rows, strict=True)))
