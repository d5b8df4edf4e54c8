"""`firstbell plan vectors FILE`: the planner's own answers to reference cases."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from firstbell.planning.vectors import WrongCase, answer


class Command(BaseCommand):
    """Ask the planner."""

    help = "Compute reference cases: the file's structure comes back as JSON with the planner's answers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the file."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="vectors")
        words = verbs.add_parser("vectors", help=self.help)
        words.add_argument(
            "--simulate",
            type=int,
            default=0,
            metavar="RUNS",
            help="live through cases so many times too, and add means with their 99 %% confidence interval",
        )
        words.add_argument("file", type=Path, help="cases as JSON; answers that stand in it are ignored")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the answers, or one sentence about what is wrong (exit code 2)."""
        try:
            found = answer(_read(options["file"]), runs=_runs(options["simulate"]))
        except WrongCase as wrong:
            raise CommandError(str(wrong), returncode=2) from wrong
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))


def _runs(runs: int) -> int:
    if runs < 0 or runs == 1:
        raise WrongCase("An interval needs two runs at least: --simulate 8, for example.")
    return runs


def _read(path: Path) -> object:
    if not path.is_file():
        raise WrongCase(f"{path} is not there.")
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except ValueError as error:
        raise WrongCase(f"{path} is not JSON: {error}.") from error


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")
