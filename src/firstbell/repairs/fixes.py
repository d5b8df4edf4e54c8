"""The usual fixes of a bench, as data: fault, part, its price in cents and the minutes it takes, in two languages."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

TABLE = Path(__file__).parent / "content" / "fixes.json"
FALLBACK = "en"


@dataclass(frozen=True)
class Fix:
    """One usual fix. ``cents`` is the list price of its part (source: operations 2.5), ``minutes`` its bench time."""

    code: str
    icon: str
    part: str
    cents: int
    minutes: int
    labels: dict[str, str]
    faults: dict[str, str]

    @property
    def label(self) -> str:
        """Return what was done, in the reader's language."""
        return self.labels.get((get_language() or FALLBACK).split("-")[0], self.labels[FALLBACK])

    @property
    def fault(self) -> str:
        """Return what was wrong, in the reader's language."""
        return self.faults.get((get_language() or FALLBACK).split("-")[0], self.faults[FALLBACK])


@cache
def fixes() -> tuple[Fix, ...]:
    """Return the usual fixes, most frequent first."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["fixes"]
    return tuple(
        Fix(row["code"], row["icon"], row["part"], row["cents"], row["minutes"], row["label"], row["fault"])
        for row in rows
    )


def fix(code: str) -> Fix | None:
    """Return one fix, or None when the code is none of the table's."""
    return next((row for row in fixes() if row.code == code), None)


LIKELY = {
    "cracked": ("screen", "hinge"),
    "dead": ("battery", "port", "board"),
    "input": ("keyboard", "trackpad"),
    "unsafe": ("battery", "liquid"),
    "slow": ("software",),
    "internet": ("software",),
    "signin": ("software",),
}
"""Which fixes a reported symptom usually ends with, likeliest first."""


def fixes_for(symptom: str) -> list[Fix]:
    """Return the usual fixes with those that the reported symptom usually ends with in front."""
    likely = LIKELY.get(symptom, ())
    return sorted(fixes(), key=lambda row: likely.index(row.code) if row.code in likely else len(likely))
