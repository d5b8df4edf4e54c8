"""A device's cover in one line: which protection, until when, what is left of its year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.claims.engine import Left
from firstbell.claims.queries import Protected, protections
from firstbell.kernel.money import Money


@dataclass(frozen=True)
class CoverLine:
    """One cover of a device: its name, how long, what is left; ``kind`` is the signal of what ``warns`` of it."""

    name: str
    said: str
    kind: str = ""
    warns: str = ""
    vendor_id: int | None = None
    """Whom it is claimed from, while it is in force."""


def cover_lines(device_id: int, day: date) -> list[CoverLine]:
    """Return a device's covers on a day, those in force first; a lapsed one stays to be seen. One query."""
    return lines_of(protections([device_id])[device_id], day)


def lines_of(rows: Iterable[Protected], day: date) -> list[CoverLine]:
    """Return covers that were fetched along with something else, in the same words."""
    lines = [_line(row, day) for row in rows]
    return sorted(lines, key=lambda line: line.kind == "late")


def _line(row: Protected, day: date) -> CoverLine:
    since, last = row.held.since, row.held.until - timedelta(days=1) if row.held.until else None
    if last is not None and last < day:
        ended = _("ended {day}").format(day=date_format(last, "DATE_FORMAT"))
        return CoverLine(row.name, "", "late", ended)
    if since > day:
        begins = _("begins {day}").format(day=date_format(since, "DATE_FORMAT"))
        return CoverLine(row.name, "", "soon", begins)
    left = row.left(day)
    until = _("until {day}").format(day=date_format(last, "DATE_FORMAT")) if last else ""
    said = ", ".join(part for part in (until, left_said(left)) if part)
    warns = _("no terms yet") if left is None else _("used up this year") if 0 in {left.claims, left.cents} else ""
    return CoverLine(row.name, said, "late" if warns else "", warns, row.vendor_id)


def left_said(left: Left | None) -> str:
    """Return what a year of cover still holds, in words; nothing where there is no limit."""
    if left is None:
        return ""
    parts = []
    if left.claims is not None:
        parts.append(
            ngettext("%(n)d claim left this year", "%(n)d claims left this year", left.claims) % {"n": left.claims}
        )
    if left.cents is not None:
        parts.append(_("{amount} left this year").format(amount=Money(left.cents)))
    return ", ".join(parts)
