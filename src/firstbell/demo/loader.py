"""Loads the demo: two invented files, imported as anybody's, then weeks of school life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from firstbell.demo.life import live
from firstbell.demo.packages import Size, write_packages
from firstbell.demo.settle import Settler
from firstbell.directory.models import Site, User
from firstbell.kernel.clock import Clock, utc_now

LAST_USER = "auditor"
_LEFT = timedelta(days=9)
_BEFORE = timedelta(days=3)
"""How long before its first lived day the district was set up."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded: sites, rows of the device list refused, deeds done, and what verbs refused, by code."""

    schools: int
    rows_refused: int
    deeds: int
    refusals: dict[str, int]


def already_there() -> bool:
    """Say whether there is a district in this database, the demo's or a real one."""
    return Site.objects.exists()


def complete() -> bool:
    """Say whether an earlier load got as far as its users."""
    return User.objects.filter(username=LAST_USER).exists()


def load(
    size: Size,
    *,
    weeks: int = 6,
    seed: int = 1,
    password: str | None = None,
    clock: Clock = utc_now,
    say: Callable[[str], None] = lambda _line: None,
) -> Loaded:
    """Load a district of this size. ``password`` is that of its users; without one nobody can sign in by it."""
    now = clock()
    began = now - timedelta(weeks=weeks)
    with TemporaryDirectory(prefix="firstbell-demo-") as folder:
        say(f"inventing a district of size {size}")
        packages = write_packages(size, Path(folder), seed)
        _commit_sooner()
        settler = Settler(packages, at=began - _BEFORE, today=now.date(), password=password, say=say)
        settlement = settler.settle()
        settler.let_leave(Path(folder), at=now - _LEFT)
    engine = live(settlement, weeks=weeks, now=now, seed=seed, space=settler.space, say=say)
    return Loaded(len(settlement.schools), settlement.refused, engine.done, dict(engine.refusals))


def _commit_sooner() -> None:
    """Don't wait for the disk after each of thousands of small commits: a demo can be loaded again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
