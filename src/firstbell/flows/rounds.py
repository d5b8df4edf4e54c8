"""A day of the courier: which schools wait, in which order the vans drive, and the runs made of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from math import inf
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from firstbell.courier.actions import PlannedRun, PlannedStop, plan_runs
from firstbell.courier.models import Run
from firstbell.courier.queries import state_of
from firstbell.courier.rules import Asked, Waiting
from firstbell.directory.models import Site
from firstbell.directory.queries import school_time, sites_of, with_calendar
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.planning.fleet import solve
from firstbell.planning.roads import SPEED, STAY, by_road
from firstbell.planning.vans import Fleet, Problem, Visit
from firstbell.repairs.queries import to_carry


@dataclass(frozen=True)
class Wish:
    """One school on offer for a day: its request if it has one, what waits there, what is to be brought."""

    site: Site
    request: Asked | None
    boxed: Waiting | None
    to_bring: int

    @property
    def count(self) -> int:
        """Devices that wait in its boxes."""
        return self.boxed.count if self.boxed else 0


@dataclass(frozen=True)
class Day:
    """What a day is planned with. ``hours``: schools are visited only while they are open."""

    depot: Site
    day: date
    vans: int = 1
    capacity: int = 40
    starts: time = time(8, 30)
    hours: bool = False

    def moment(self, seconds: float) -> datetime:
        """Return a moment of this day at the depot; seconds from midnight."""
        minutes, second = divmod(round(seconds), 60)
        hour, minute = divmod(minutes, 60)
        local = datetime.combine(self.day, time(min(hour, 23), minute, second), ZoneInfo(self.depot.timezone))
        return local.astimezone(UTC)


@dataclass(frozen=True)
class Proposal:
    """The runs as they were worked out, the wishes that no van can take, and by what: names of sites without a map."""

    runs: tuple[PlannedRun, ...]
    left: tuple[int, ...] = ()
    unmapped: tuple[Site, ...] = field(default=())
    method: str = ""


def depots(*, by: Actor) -> list[Site]:
    """Return the depots that runs start from, where this actor may plan."""
    rows = Site.objects.filter(kind=Site.Kind.DEPOT, closed_on__isnull=True).order_by("pk")
    return list(rows) if by.may(Permission.TRANSPORT) else []


def wishes(day: date, *, by: Actor, at: datetime) -> list[Wish]:
    """Return the schools that want a visit by this day or get something brought, and are on no run yet."""
    reach = with_calendar(sites_of(by, Permission.TRANSPORT).filter(kind=Site.Kind.SCHOOL)).order_by("name", "pk")
    sites = list(reach)
    state = state_of([site.pk for site in sites], at)
    home = {"shipment", "packing"}
    bring: dict[int, int] = {}
    for load in to_carry(sites_of(by, Permission.TRANSPORT).filter(kind=Site.Kind.SCHOOL), by=by):
        if load.what in home:
            bring[load.site_id] = bring.get(load.site_id, 0) + load.count
    found = [Wish(site, state.asked.get(site.pk), state.boxed.get(site.pk), bring.get(site.pk, 0)) for site in sites]
    return [wish for wish in found if wish.site.pk not in state.coming and _wants(wish, day)]


def _wants(wish: Wish, day: date) -> bool:
    wanted = wish.request is not None and wish.request.wanted_on <= day
    return (wanted or wish.to_bring > 0) and school_time(wish.site).is_school_day(day)


def propose(day: Day, chosen: Sequence[Wish]) -> Proposal:
    """Work out the driving order of some wishes: by coordinates where they are known, the others by name at the end."""
    mapped = [wish for wish in chosen if _point(wish.site) and _point(day.depot)]
    blind = [wish for wish in chosen if wish not in mapped]
    problem = _problem(day, mapped)
    rounds, method = solve(problem)
    routes = [[mapped[stop - 1] for stop in route] for route in rounds.routes]
    left = [mapped[stop - 1] for stop in rounds.left] + _append(day, routes, blind)
    return Proposal(
        runs=tuple(_run(day, route, blind) for route in routes if route),
        left=tuple(wish.site.pk for wish in left),
        unmapped=tuple([day.depot] if not _point(day.depot) else [wish.site for wish in blind]),
        method=method if mapped else "",
    )


def _point(site: Site) -> tuple[float, float] | None:
    if site.latitude is None or site.longitude is None:
        return None
    return float(site.latitude), float(site.longitude)


def _problem(day: Day, wishes: Sequence[Wish]) -> Problem:
    sites = [day.depot, *(wish.site for wish in wishes)] if wishes else []
    points = [point for point in map(_point, sites) if point]
    visits = [Visit(), *(_visit(day, wish) for wish in wishes)]
    starts = day.starts.hour * 3600 + day.starts.minute * 60
    fleet = Fleet(day.vans, day.capacity, starts=starts, speed=SPEED)
    return Problem(by_road(points) if points else [[0.0]], visits, fleet)


def _visit(day: Day, wish: Wish) -> Visit:
    """Return what a stop takes. More than a van carries is fetched as far as it fits: the rest stays in the request."""
    opens, closes = _hours(day, wish.site) if day.hours else (0.0, inf)
    collect, bring = min(wish.count, day.capacity), min(wish.to_bring, day.capacity)
    return Visit(collect, bring, opens, closes, STAY, weight=1 + wish.count + wish.to_bring)


def _hours(day: Day, site: Site) -> tuple[float, float]:
    span = school_time(site).span_of(day.day)
    if span is None:
        return 0.0, 0.0
    midnight = datetime.combine(day.day, time(), ZoneInfo(day.depot.timezone))
    return (span[0] - midnight).total_seconds(), (span[1] - midnight).total_seconds()


def _append(day: Day, routes: list[list[Wish]], blind: Sequence[Wish]) -> list[Wish]:
    """Put schools that are on no map at the end of the first van with room, by name; return those that find none."""
    left = []
    for wish in blind:
        routes += [[]] if len(routes) < day.vans else []
        place = next((route for route in routes if _room(day, [*route, wish])), None)
        if place is None:
            left.append(wish)
        else:
            place.append(wish)
    return left


def _room(day: Day, route: Sequence[Wish]) -> bool:
    visits = [_visit(day, wish) for wish in route]
    fleet = Fleet(day.vans, day.capacity)
    return Problem([[0.0]] * (len(visits) + 1), [Visit(), *visits], fleet).fits(range(1, len(visits) + 1))


def _run(day: Day, route: Sequence[Wish], blind: Collection[Wish]) -> PlannedRun:
    """Return one van's stops with what is expected there, and when it arrives as long as its way is on the map."""
    known = [wish for wish in route if wish not in blind]
    problem = _problem(day, known)
    order = range(1, len(known) + 1)
    moments = problem.arrivals(order) or []
    times = {wish.site.pk: day.moment(moment) for wish, moment in zip(known, moments, strict=False)}
    stops = tuple(PlannedStop(wish.site.pk, wish.count, wish.to_bring, times.get(wish.site.pk)) for wish in route)
    return PlannedRun(stops, round(problem.length(order)), by_name=len(known) < len(route))


@verb
def plan_day(*, day: Day, routes: tuple[tuple[int, ...], ...], by: Actor, at: datetime, op: Op) -> Run:
    """Make the runs of a day as they were shown: ids of schools in driving order, one row a van."""
    if day.day < at.astimezone(ZoneInfo(day.depot.timezone)).date():
        raise Refused("day_over", _("This day is over. Choose today or a day to come."))
    offered = {wish.site.pk: wish for wish in wishes(day.day, by=by, at=at)}
    wanted = [pk for route in routes for pk in route]
    if len(set(wanted)) != len(wanted):
        raise Refused("visited_twice", _("A school stands on the plan twice. Work it out again."))
    if not set(wanted) <= offered.keys():
        raise _gone(set(wanted) - offered.keys(), by)
    kept = [[offered[pk] for pk in route] for route in routes if route]
    if any(not _room(day, route) for route in kept):
        raise Refused("too_full", _("More waits by now than a van carries. Work it out again."))
    blind = [wish for route in kept for wish in route if not (_point(wish.site) and _point(day.depot))]
    planned = tuple(_run(day, route, blind) for route in kept)
    return plan_runs(depot_id=day.depot.pk, day=day.day, capacity=day.capacity, planned=planned, by=by, at=at, op=op)


def _gone(ids: Collection[int], by: Actor) -> Exception:
    known = sites_of(by, Permission.TRANSPORT).filter(pk__in=ids, kind=Site.Kind.SCHOOL).count()
    if known < len(ids):
        return Missing("Site")
    return Refused("not_wanted", _("One of these schools is on a run already, or wants no visit any more. Look again."))
