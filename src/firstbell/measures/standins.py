"""Who answered while a school's lead was away: the deputy, as the plan wants it, or somebody else (S3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from firstbell.directory.models import RoleHeld
from firstbell.kernel.roles import Role
from firstbell.tickets.models import Ticket

DAYS = 90


@dataclass(frozen=True)
class StoodIn:
    """Tickets opened on days of absence: to whom they fell."""

    tickets: int
    deputy: int
    absent: int

    @property
    def others(self) -> int:
        """What fell to another lead or the district, or was not taken over at all."""
        return self.tickets - self.deputy - self.absent


def stood_in(site_ids: Sequence[int], at: datetime) -> StoodIn:
    """Return to whom the tickets fell that were opened at these schools while their lead was away; one query."""
    rows = Ticket.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=site_ids, opened_at__gt=at - timedelta(days=DAYS), opened_at__lte=at
    )
    told = rows.annotate(opened_day=TruncDate("opened_at")).annotate(
        lead_away=Exists(_away()),
        is_deputys=Exists(_held(deputy=True).filter(user_id=OuterRef("owner_id"))),
        is_absents=Exists(_away().filter(user_id=OuterRef("owner_id"))),
    )
    found = told.filter(lead_away=True).aggregate(
        tickets=Count("pk"),
        deputy=Count("pk", filter=Q(is_deputys=True, is_absents=False)),
        absent=Count("pk", filter=Q(is_absents=True)),
    )
    return StoodIn(**found)


def _held(*, deputy: bool) -> QuerySet[RoleHeld]:
    """The lead's or a deputy's role at the ticket's school, on the day it was opened."""
    day = OuterRef("opened_day")
    held = RoleHeld.objects.filter(role=Role.IT_LEAD, site_id=OuterRef("site_id"), deputy=deputy, since__lte=day)
    return held.filter(Q(until__isnull=True) | Q(until__gt=day))


def _away() -> QuerySet[RoleHeld]:
    day = OuterRef("opened_day")
    return _held(deputy=False).filter(user__absences__first_day__lte=day, user__absences__last_day__gte=day)
