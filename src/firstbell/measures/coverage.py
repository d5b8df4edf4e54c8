"""Is every school supported? Lead, deputy, places, calendar, loaners, open questions (S1-S8, S56)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import Question
from firstbell.directory.models import Absence, BellPeriod, Place, RoleHeld, Site, User
from firstbell.directory.queries import roles_held
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission, Role
from firstbell.loans.models import PoolDevice
from firstbell.loans.readiness import PLACES, Gap, blocking, gaps
from firstbell.measures.presence import at_another_school, hours_needed, hours_present
from firstbell.measures.standins import StoodIn, stood_in
from firstbell.tickets.queries import unanswered

FULL_LEAD_FROM = 1000
"""Enrolment from which one full-time lead of its own is advised (S8; one position per 1,000, operations 2.7)."""
FULL_WEEK = 100


@dataclass(frozen=True)
class School:
    """One school as the coverage board shows it."""

    site: Site
    leads: tuple[RoleHeld, ...]
    deputies: tuple[RoleHeld, ...]
    coaches: tuple[RoleHeld, ...]
    away: frozenset[int]
    elsewhere: frozenset[int]
    places: frozenset[str]
    periods: int
    loaners: int
    undecided: tuple[Question[Any], ...]
    unowned: int
    helpers: int

    @property
    def lead_away(self) -> bool:
        """Say whether no lead is in today."""
        return bool(self.leads) and all(row.user_id in self.away for row in self.leads)

    @property
    def lead_elsewhere(self) -> bool:
        """Say whether the leads who are not away spend today at another school (S5)."""
        return bool(self.leads) and not any(self._is_here(row) for row in self.leads)

    def _is_here(self, row: RoleHeld) -> bool:
        return row.user_id not in self.away and row.pk not in self.elsewhere

    @property
    def answers_today(self) -> RoleHeld | None:
        """Whom the school's tickets fall to today: a lead, else a deputy who is in."""
        return next((row for row in (*self.leads, *self.deputies) if self._is_here(row)), None)

    @property
    def gaps(self) -> list[Gap]:
        """What keeps the school from going live."""
        return gaps(
            leads=len(self.leads),
            places=self.places,
            periods=self.periods,
            loaners=self.loaners,
            undecided=self.undecided,
        )

    @property
    def share(self) -> int:
        """Percent of a week that leads give to this school."""
        return sum(row.share for row in self.leads)

    @property
    def short_of_staff(self) -> bool:
        """Say whether a school of this size should have a full-time lead and has not (S8)."""
        return self.site.enrolment >= FULL_LEAD_FROM and self.share < FULL_WEEK

    @property
    def hours_needed(self) -> int:
        """Hours a week that a school of this size needs of a lead (S5)."""
        return hours_needed(self.site.enrolment)

    @property
    def hours_present(self) -> int:
        """Hours a week that its leads are there for it."""
        return hours_present(self.leads)


@dataclass(frozen=True)
class Shared:
    """One lead over their schools: the shares of a week (S5)."""

    user: User
    rows: tuple[RoleHeld, ...]

    @property
    def total(self) -> int:
        """Percent of a week."""
        return sum(row.share for row in self.rows)


@dataclass(frozen=True)
class Coverage:
    """The whole board."""

    schools: tuple[School, ...]
    exceptions: tuple[RoleHeld, ...]
    shared: tuple[Shared, ...]
    unsupervised: tuple[RoleHeld, ...]
    stood_in: StoodIn

    @property
    def ready(self) -> int:
        """How many schools lack nothing."""
        return sum(not school.gaps for school in self.schools)

    @property
    def live(self) -> int:
        """How many schools are live."""
        return sum(school.site.live_on is not None for school in self.schools)

    @property
    def unowned(self) -> int:
        """Open tickets that fall to nobody."""
        return sum(school.unowned for school in self.schools)


def coverage(by: Actor, answers: Plan, at: datetime) -> Coverage:
    """Return the coverage of the schools whose roles the actor may see; six queries whatever their number."""
    held = roles_held(by=by, at=at)
    schools = list(_schools(by, at))
    away, elsewhere = _away(at), at_another_school(held, at)
    places = _places([site.pk for site in schools])
    by_site: dict[int | None, list[RoleHeld]] = defaultdict(list)
    for row in held:
        by_site[row.site_id].append(row)
    return Coverage(
        schools=tuple(_school(site, by_site[site.pk], away, elsewhere, places[site.pk], answers) for site in schools),
        exceptions=tuple(row for row in held if row.exception_reason),
        shared=_shared(held),
        unsupervised=tuple(row for row in held if row.role == Role.STUDENT_TECH and not _supervised(row, held)),
        stood_in=stood_in([site.pk for site in schools], at),
    )


def _schools(by: Actor, at: datetime) -> Any:
    """The schools, each with its number of bell periods, loaners, and open tickets that fall to nobody."""
    sites = by.sites(Permission.SEE_ROLES)
    rows = Site.objects.filter(kind=Site.Kind.SCHOOL, closed_on__isnull=True)
    rows = rows if sites is None else rows.filter(pk__in=sites)
    pool = PoolDevice.objects.everyone(reason="subquery of schools in reach").filter(until__isnull=True)
    counted = rows.annotate(
        periods=_number(BellPeriod.objects.filter(calendar_id=OuterRef("calendar_id"))),
        loaners=_number(pool.filter(site_id=OuterRef("pk"))),
        unowned=_number(unanswered(at=at).filter(site_id=OuterRef("pk"))),
    )
    return counted.order_by("name", "pk")


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(same=Value(1)).values("same").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _away(at: datetime) -> frozenset[int]:
    rows = Absence.objects.filter(first_day__lte=at.date(), last_day__gte=at.date())
    return frozenset(rows.values_list("user_id", flat=True))


def _places(ids: list[int]) -> dict[int, frozenset[str]]:
    rows = Place.objects.filter(site_id__in=ids, kind__in=PLACES, closed_at__isnull=True)
    found: dict[int, set[str]] = defaultdict(set)
    for site_id, kind in rows.order_by().values_list("site_id", "kind").distinct():
        found[site_id].add(kind)
    return defaultdict(frozenset, {pk: frozenset(kinds) for pk, kinds in found.items()})


def _school(
    site: Site,
    held: list[RoleHeld],
    away: frozenset[int],
    elsewhere: frozenset[int],
    places: frozenset[str],
    answers: Plan,
) -> School:
    leads = [row for row in held if row.role == Role.IT_LEAD and row.user.is_active]
    return School(
        site=site,
        leads=tuple(row for row in leads if not row.deputy),
        deputies=tuple(row for row in leads if row.deputy),
        coaches=tuple(row for row in held if row.role == Role.COACH),
        away=away,
        elsewhere=elsewhere,
        places=places,
        periods=getattr(site, "periods", 0),
        loaners=getattr(site, "loaners", 0),
        undecided=blocking(answers, site.pk),
        unowned=getattr(site, "unowned", 0),
        helpers=sum(row.role == Role.STUDENT_TECH for row in held),
    )


def _shared(held: list[RoleHeld]) -> tuple[Shared, ...]:
    leads: dict[int, list[RoleHeld]] = defaultdict(list)
    for row in held:
        if row.role == Role.IT_LEAD and not row.deputy:
            leads[row.user_id].append(row)
    found = [Shared(rows[0].user, tuple(rows)) for rows in leads.values()]
    return tuple(one for one in found if len(one.rows) > 1 or one.total < FULL_WEEK)


def _supervised(helper: RoleHeld, held: list[RoleHeld]) -> bool:
    """The supervisor is in office as an IT lead of the same school (S7)."""
    return any(
        row.role == Role.IT_LEAD and row.site_id == helper.site_id and row.user_id == helper.supervisor_id
        for row in held
        if row.user.is_active
    )
