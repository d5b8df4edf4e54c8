"""The schools whose figures somebody may see, with their school time, and the periods figures are told for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Q

from firstbell.directory.models import Site
from firstbell.directory.queries import school_times, with_calendar
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.kernel.schooltime import SchoolTime

WEEK = timedelta(days=7)
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Reach:
    """Open schools in reach, by name. What a figure is counted over is decided here and nowhere else.

    ``benches`` are the depots, for whose days every reader counts alike: one definition, the same figures.
    """

    schools: tuple[Site, ...]
    benches: tuple[Site, ...] = ()

    @cached_property
    def ids(self) -> list[int]:
        """Their ids."""
        return [school.pk for school in self.schools]

    @cached_property
    def times(self) -> dict[int, SchoolTime]:
        """School time by school and depot."""
        return school_times((*self.schools, *self.benches))

    @cached_property
    def learners(self) -> dict[int, int]:
        """Enrolment by school; 0 where nobody has entered it."""
        return {school.pk: school.enrolment for school in self.schools}

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the district's weeks begin."""
        return ZoneInfo(self.schools[0].timezone) if self.schools else UTC_ZONE

    def only(self, site_id: int) -> "Reach":
        """One of the schools, or none."""
        return Reach(tuple(school for school in self.schools if school.pk == site_id), self.benches)

    def weeks(self, number: int, at: datetime) -> list[tuple[datetime, datetime]]:
        """Return the last calendar weeks, Monday to Monday in the district's zone, the running one last."""
        today = at.astimezone(self.zone).date()
        monday = today - timedelta(days=today.weekday())
        days = [monday - WEEK * ago for ago in reversed(range(number))]
        return [(self._midnight(day), self._midnight(day + WEEK)) for day in days]

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


def reach_of(by: Actor, permission: Permission = Permission.SEE_MEASURES) -> Reach:
    """Return the open schools whose figures the actor may see, with their calendars, in three queries."""
    sites = by.sites(permission)
    schools = Q(kind=Site.Kind.SCHOOL) if sites is None else Q(kind=Site.Kind.SCHOOL, pk__in=sites)
    rows = with_calendar(Site.objects.filter(schools | Q(kind=Site.Kind.DEPOT), closed_on__isnull=True))
    found = list(rows.order_by("name", "pk"))
    return Reach(
        schools=tuple(site for site in found if site.kind == Site.Kind.SCHOOL),
        benches=tuple(site for site in found if site.kind == Site.Kind.DEPOT),
    )
