"""Weeks of school life, up to now."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from firstbell.demo.cast import send_away
from firstbell.demo.life import rates
from firstbell.demo.life.counts import Counting
from firstbell.demo.life.depot import Depot
from firstbell.demo.life.desk import Desk
from firstbell.demo.life.engine import Engine
from firstbell.demo.life.requests import Requests
from firstbell.demo.packages import DEPOT_ID
from firstbell.demo.seasons import prepare
from firstbell.demo.settle import Settlement
from firstbell.demo.town import Issued, School, Town
from firstbell.devices.models import Assignment, Custody
from firstbell.directory.models import Person, Place, Site, User
from firstbell.directory.queries import actor_for, school_time
from firstbell.loans.models import Loan

PICKUP_DAYS = frozenset({0, 2, 4})
_STOCK_OUT_SCHOOL = 3
_ROLL_CALL = timedelta(minutes=25)


def live(
    settlement: Settlement, *, weeks: int, now: datetime, seed: int, space: UUID, say: Callable[[str], None]
) -> Engine:
    """Let the district live through so many weeks up to now, and return the engine with what it counted."""
    began = now - timedelta(weeks=weeks)
    town = _town(settlement, began, now)
    engine = Engine(town, seed, space)
    desk = Desk(engine)
    requests = Requests(engine, desk, rates.LIVELY.get(settlement.meta.size, 0.8))
    depot = Depot(engine, desk)
    for day in _days(town):
        for school in town.schools:
            if school.times.is_school_day(day):
                requests.plan_day(school, day)
        if day.weekday() in PICKUP_DAYS:
            depot.plan_round(day)
    _plan_stock_out(engine, desk)
    Counting(engine).plan()
    engine.run(_telling(say))
    prepare(town, space)
    _be_away(settlement, town, space)
    return engine


def _days(town: Town) -> Iterator[date]:
    day, last = town.began.date(), town.now.astimezone(town.depot_times.zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def know_sizes() -> None:
    """Let the planner know how large the tables have become: it learns by itself too late for a life in a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _telling(say: Callable[[str], None]) -> Callable[[datetime], None]:
    """Say when a new week begins."""
    told: set[tuple[int, int]] = set()

    def tell(moment: datetime) -> None:
        week = moment.isocalendar()[:2]
        if week not in told:
            told.add(week)
            know_sizes()
            say(f"living through the week of {moment.date() - timedelta(days=moment.weekday())}")

    return tell


def _town(settlement: Settlement, began: datetime, now: datetime) -> Town:
    depot = _fresh(settlement.sites[DEPOT_ID])
    district = settlement.district
    return Town(
        schools=list(_living(settlement, began)),
        depot=depot,
        depot_times=school_time(depot),
        office=actor_for(district.office, at=began),
        technician=actor_for(district.technician, at=began),
        checker=actor_for(district.checker, at=began),
        began=began,
        now=now,
    )


def _fresh(site: Site) -> Site:
    return Site.objects.select_related("calendar").get(pk=site.pk)


def _living(settlement: Settlement, began: datetime) -> Iterator[School]:
    """Yield schools until enough students live."""
    students = 0
    for invented in settlement.schools:
        if students and students + invented.students > rates.LIVING_STUDENTS:
            return
        students += invented.students
        site = _fresh(settlement.sites[invented.org_id])
        cast = settlement.casts[invented.org_id]
        yield School(
            number=invented.number,
            site=site,
            times=school_time(site),
            places=_places(site),
            rooms=list(site.places.filter(kind=Place.Kind.ROOM).order_by("name").values_list("pk", flat=True)),
            lead=actor_for(cast.lead, at=began),
            deputy=actor_for(cast.deputy, at=began) if cast.deputy else None,
            helpers=[actor_for(helper, at=began) for helper in cast.helpers],
            issued=_issued(site),
        )


def _places(site: Site) -> dict[str, int]:
    rows = site.places.exclude(kind=Place.Kind.ROOM).order_by("-pk").values_list("kind", "pk")
    return {str(kind): int(pk) for kind, pk in rows}


def _issued(site: Site) -> list[Issued]:
    """Return who has their own device with them, in the order of the devices."""
    held = Custody.objects.filter(site=site, kind=Custody.Kind.PERSON, until__isnull=True).values("device_id")
    owned = Assignment.objects.filter(
        device_id__in=held, until__isnull=True, device__status="in_service", person__active=True
    )
    rows = owned.order_by("device__tag").values_list("device_id", "person_id", "person__kind")
    return [Issued(device, person, kind == Person.Kind.STAFF) for device, person, kind in rows]


def _plan_stock_out(engine: Engine, desk: Desk) -> None:
    """A test week at one school: on its last day every loaner goes out, and none is back yet."""
    town = engine.town
    school = town.schools[min(len(town.schools), _STOCK_OUT_SCHOOL) - 1]
    openings = [span[0] for day in _days(town) if (span := school.times.span_of(day))]
    begun = [opening + _ROLL_CALL for opening in openings if opening + _ROLL_CALL < town.now]
    if not begun:
        return

    def lend_all(at: datetime) -> None:
        desk.hold_back(school)
        free = [row for row in school.issued if not row.staff and row.device_id not in desk.busy]
        for person in engine.random.sample(free, min(len(free), 60)):
            if desk.loaner(school) is None:
                return
            desk.lend_out(school, person, Loan.Reason.OTHER, at)

    engine.plan(begun[-1], lend_all)


def _be_away(settlement: Settlement, town: Town, space: UUID) -> None:
    """One lead is away today: the deputy answers for the school."""
    school = town.schools[min(len(town.schools), 2) - 1]
    invented = next(row for row in settlement.schools if row.number == school.number)
    lead: User = settlement.casts[invented.org_id].lead
    send_away(lead, space=space, at=town.now)
