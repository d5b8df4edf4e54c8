"""`firstbell verify`: replay the ledger and compare it with the tables."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from firstbell.jobs.verify import CHECKS, Check

SHOWN = 10


def said_faults(number: int) -> str:
    """Return a number of faults as it is said."""
    return "1 fault" if number == 1 else f"{number} faults"


class Command(BaseCommand):
    """Verify the installation's data. Changes nothing; works while people work."""

    help = "Replay the ledger, compare it with the tables, and check that history is protected. Changes nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run every check in one snapshot; exit 1 when something is wrong."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            faults = sum(self._run(check) for check in CHECKS)
        if faults:
            self.stdout.write(
                f"{said_faults(faults)}. Nothing was changed. What to do: docs/operate.md, “verify finds”."
            )
            sys.exit(1)
        self.stdout.write("Ledger and tables agree.")

    def _run(self, check: Check) -> int:
        number = 0
        for number, fault in enumerate(check.faults(), 1):
            if number <= SHOWN:
                self.stdout.write(f"      {fault}")
        mark = f"ILL   {said_faults(number)}: " if number else "well  "
        self.stdout.write(f"{mark}{check.says}")
        return number
