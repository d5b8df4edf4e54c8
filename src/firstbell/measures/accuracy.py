"""How right the inventory is: of what certified counts expected, the share that was found where expected."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count as Number
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from firstbell.counts.models import Count
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission

SPAN = timedelta(days=730)
"""Counted at least every two years (2 CFR 200.313(d)): older ones say nothing of today."""
MARK = 98
"""Percent that the drawing marks: journey D's share of what is found."""


@dataclass(frozen=True)
class Month:
    """The counts certified in one month."""

    first: date
    counts: int
    expected: int
    in_place: int

    @property
    def percent(self) -> float:
        """The share found where expected."""
        return 100 * self.in_place / self.expected


def accuracy(by: Actor, site_id: int | None, at: datetime) -> list[Month]:
    """Return the months with certified counts in reach, of one school or of all, oldest first; in one query."""
    rows = Count.objects.visible_to(by, Permission.SEE_MEASURES).filter(
        status=Count.Status.CERTIFIED, rehearsal=False, certified_at__gte=at - SPAN
    )
    rows = rows.filter(site_id=site_id) if site_id else rows
    months = rows.annotate(month=TruncMonth("certified_at")).order_by("month").values_list("month")
    told = months.annotate(Number("pk"), Sum("expected"), Sum("in_place"))
    return [Month(month.date(), counts, expected, found) for month, counts, expected, found in told]
