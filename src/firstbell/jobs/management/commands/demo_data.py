"""`firstbell demo_data`: load the made-up district. `firstbell demo` calls it; the second time it does nothing."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from firstbell.demo.cast import PASSWORD
from firstbell.demo.loader import already_there, complete, load
from firstbell.demo.packages import Size


class Command(BaseCommand):
    """Load the demo district."""

    help = "Load a made-up district that has lived through some weeks. Does nothing where there is a district already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for its size."""
        parser.add_argument("--size", choices=[size.value for size in Size], default=Size.XS.value)
        parser.add_argument("--weeks", type=int, default=6, help="weeks it has lived through until now")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same district")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load it, unless there is a district."""
        if settings.SAFE:
            raise CommandError("This installation is for real people. The demo runs with FIRSTBELL_MODE=demo.")
        if already_there():
            self.stdout.write(
                "There is a district already; nothing was loaded."
                if complete()
                else "An earlier load was broken off. Remove the data folder (`var/`) and load again."
            )
            return
        begun = monotonic()
        password = PASSWORD if settings.MODE in {"demo", "test"} else None
        size = Size(options["size"])
        made = load(size, weeks=options["weeks"], seed=options["seed"], password=password, say=self._say)
        self.stdout.write(f"Loaded {made.schools} schools and {made.deeds:,} deeds in {monotonic() - begun:.0f} s.")
        if options["verbosity"] > 1:
            for code, count in sorted(made.refusals.items()):
                self.stdout.write(f"  refused, as in life: {code} {count}")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line} ...")
        self.stdout.flush()
