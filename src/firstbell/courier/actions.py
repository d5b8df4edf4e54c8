"""The verbs of the courier: ask and withdraw, plan, start, leave a stop, end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from firstbell.courier import events, rules
from firstbell.courier.models import PickupRequest, Run, Stop
from firstbell.courier.queries import next_stops, open_requests, stop_under_way, waiting
from firstbell.directory.models import Site
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code, Fact
from firstbell.ledger.writing import Subject

E = PickupRequest.End
MOST_VANS, MOST_DEVICES = 20, 1000


@dataclass(frozen=True)
class PlannedStop:
    """One stop as it was worked out: what is expected there, and when the van is."""

    site_id: int
    expected: int = 0
    to_bring: int = 0
    arrives_at: datetime | None = None


@dataclass(frozen=True)
class PlannedRun:
    """One van's stops in driving order. Length in metres; ``by_name`` where coordinates were missing."""

    stops: tuple[PlannedStop, ...]
    metres: int = 0
    by_name: bool = False


# --- Requests -----------------------------------------------------------------------------------------------------


def ask(*, site: Site, reason: PickupRequest.Reason, wanted_on: date, by: Actor, at: datetime, op: Op) -> PickupRequest:
    """Open the request of a locked site that has none open."""
    request = PickupRequest.objects.create(
        site=site, reason=reason, wanted_on=wanted_on, asked_at=at, asked_by_id=by.user_id
    )
    fact = events.PickupAsked(request.pk, site.pk, Code(reason.value), wanted_on)
    record(fact, about=[request, site], by=by, at=at, op=op)
    return request


@verb
def ask_by_hand(*, site_id: int, wanted_on: date, by: Actor, at: datetime, op: Op) -> PickupRequest:
    """Ask for the courier without waiting for the rule: the school's own people, or the district's technicians."""
    if not by.may(Permission.TRANSPORT, site_id):
        by.require(Permission.SHIP, site_id)
    site = lock_site(site_id)
    rules.check_not_asked(open_requests([site.pk]).get(site.pk))
    return ask(site=site, reason=PickupRequest.Reason.HAND, wanted_on=wanted_on, by=by, at=at, op=op)


def lock_site(site_id: int) -> Site:
    """Return an open school, locked so that two requests of it wait for each other."""
    rows = Site.objects.select_for_update(of=("self",), no_key=True)
    site = rows.filter(pk=site_id, kind=Site.Kind.SCHOOL, closed_on__isnull=True).first()
    if site is None:
        raise Missing("Site")
    return site


@verb
def withdraw_request(*, request_id: int, by: Actor, at: datetime, op: Op) -> PickupRequest:
    """Take a request back. The rule asks again only when something new has come into the box."""
    request = load(PickupRequest, request_id, by=by)
    rules.check_open(request)
    if request.pk in {stop.request_id for stop in next_stops([request.site_id]).values()}:
        raise Refused("on_a_run", _("The courier is on the way or has planned the visit. Call the depot."))
    return end_request(request=request, end=E.WITHDRAWN, by=by, at=at, op=op)


@verb
def let_lapse(*, request_id: int, by: Actor, at: datetime, op: Op) -> PickupRequest:
    """End a request of the rule where nothing waits any more and no van is planned."""
    request = load(PickupRequest, request_id, by=by)
    rules.check_open(request)
    if waiting([request.site_id]) or next_stops([request.site_id]):
        raise Refused("still_wanted", _("Something waits there, or a van is planned."))
    return end_request(request=request, end=E.EMPTY, by=by, at=at, op=op)


def end_request(*, request: PickupRequest, end: PickupRequest.End, by: Actor, at: datetime, op: Op) -> PickupRequest:
    """End a locked open request."""
    request.ended_at, request.end = max(at, request.asked_at), end
    request.save(update_fields=["ended_at", "end"])
    fact = events.PickupEnded(request.pk, request.site_id, Code(end.value))
    record(fact, about=[request, *linked(request, "site")], by=by, at=at, op=op)
    return request


# --- Runs ---------------------------------------------------------------------------------------------------------


@verb
def plan_runs(
    *, depot_id: int, day: date, capacity: int, planned: tuple[PlannedRun, ...], by: Actor, at: datetime, op: Op
) -> Run:
    """Plan the runs of a day: one row a van, its stops in driving order, each with the open request of its site."""
    by.require(Permission.TRANSPORT)
    depot = _depot(depot_id)
    sites = [stop.site_id for run in planned for stop in run.stops]
    _check_plan(sites, capacity, len(planned), by)
    asked = open_requests(sites)
    taken = Run.objects.visible_to(by).filter(depot=depot, day=day).exclude(status=Run.Status.CANCELLED)
    van = taken.aggregate(last=Max("van"))["last"] or 0
    made = [
        _make_run(depot, day, van + number, capacity, run, asked, by=by, at=at, op=op)
        for number, run in enumerate(planned, start=1)
    ]
    return made[0]


def _depot(depot_id: int) -> Site:
    """Return the depot, locked: two plans of a day don't give one van two runs."""
    rows = Site.objects.select_for_update(of=("self",), no_key=True)
    depot = rows.filter(pk=depot_id, kind=Site.Kind.DEPOT, closed_on__isnull=True).first()
    if depot is None:
        raise Missing("Site")
    return depot


def _check_plan(sites: Sequence[int], capacity: int, vans: int, by: Actor) -> None:
    if not sites:
        raise Refused("no_stops", _("Choose at least one school to visit."))
    if not (1 <= vans <= MOST_VANS and 1 <= capacity <= MOST_DEVICES):
        raise Refused("vans_unclear", _("Give the vans and what each carries: 1 to 20 vans, 1 to 1000 devices."))
    known = Site.objects.filter(pk__in=sites, kind=Site.Kind.SCHOOL, closed_on__isnull=True).count()
    if known != len(sites) or not all(by.may(Permission.TRANSPORT, site_id) for site_id in sites):
        raise Missing("Site")
    if next_stops(sites):
        raise Refused("planned_already", _("One of these schools is on a run already. Look at the runs again."))


def _make_run(
    depot: Site,
    day: date,
    van: int,
    capacity: int,
    planned: PlannedRun,
    asked: dict[int, PickupRequest],
    *,
    by: Actor,
    at: datetime,
    op: Op,
) -> Run:
    run = Run.objects.create(
        depot=depot,
        day=day,
        van=van,
        capacity=capacity,
        metres=planned.metres,
        by_name=planned.by_name,
        planned_at=at,
        planned_by_id=by.user_id,
    )
    Stop.objects.bulk_create(
        Stop(
            run=run,
            site_id=stop.site_id,
            request=asked.get(stop.site_id),
            position=position,
            expected=stop.expected,
            to_bring=stop.to_bring,
            arrives_at=stop.arrives_at,
        )
        for position, stop in enumerate(planned.stops, start=1)
    )
    fact = events.RunPlanned(run.pk, depot.pk, day, van, len(planned.stops), planned.metres)
    record(fact, about=[run, depot], by=by, at=at, op=op)
    return run


@verb
def start_run(*, run_id: int, by: Actor, at: datetime, op: Op) -> Run:
    """Leave with a van: whoever starts a run is its driver."""
    run = load(Run, run_id, by=by)
    rules.check_planned(run)
    run.status, run.driver_id, run.started_at = Run.Status.DRIVING, by.user_id, at
    run.save(update_fields=["status", "driver", "started_at"])
    record(events.RunStarted(run.pk, by.user_id), about=[run], by=by, at=at, op=op)
    return run


@verb
def call_off(*, run_id: int, by: Actor, at: datetime, op: Op) -> Run:
    """Call a planned run off: the requests of its sites stand, and can be planned anew."""
    run = load(Run, run_id, by=by)
    rules.check_planned(run)
    run.status, run.ended_at = Run.Status.CANCELLED, at
    run.save(update_fields=["status", "ended_at"])
    record(events.RunCancelled(run.pk), about=[run], by=by, at=at, op=op)
    return run


@verb
def end_run(*, run_id: int, by: Actor, at: datetime, op: Op) -> Run:
    """Come back to the depot, once every stop was visited or says why not."""
    run = load(Run, run_id, by=by)
    rules.check_driving(run)
    outcomes = list(run.stops.values_list("outcome", flat=True))
    rules.check_settled(outcomes.count(Stop.Outcome.OPEN))
    run.status, run.ended_at = Run.Status.ENDED, at
    run.save(update_fields=["status", "ended_at"])
    counts = {"visited": outcomes.count(Stop.Outcome.VISITED), "failed": outcomes.count(Stop.Outcome.FAILED)}
    record(events.RunEnded(run.pk, **counts), about=[run], by=by, at=at, op=op)
    return run


# --- Stops --------------------------------------------------------------------------------------------------------


@verb
def leave_stop(*, run_id: int, site_id: int, by: Actor, at: datetime, op: Op) -> Stop:
    """Leave a site: what was collected and brought is on record by its scans; what is left stays in its request."""
    stop = _stop_of(load(Run, run_id, by=by), site_id)
    still = waiting([stop.site_id]).get(stop.site_id)
    stop.left = still.count if still else 0
    return _settle(stop, Stop.Outcome.VISITED, "", by=by, at=at, op=op)


def _stop_of(run: Run, site_id: int) -> Stop:
    rules.check_driving(run)
    stop = run.stops.filter(site_id=site_id).select_for_update(of=("self",), no_key=True).first()
    if stop is None:
        raise Missing("Stop")
    if stop.outcome:
        raise Refused("stop_settled", _("This stop is settled already."))
    return stop


def _settle(stop: Stop, outcome: Stop.Outcome, reason: str, *, by: Actor, at: datetime, op: Op) -> Stop:
    stop.outcome, stop.reason, stop.settled_at = outcome, reason, at
    stop.save(update_fields=["outcome", "reason", "left", "settled_at"])
    about: list[Model | Subject] = [stop.run, *linked(stop, "site")]
    fact: Fact = events.StopLeft(stop.run_id, stop.pk, stop.site_id, stop.collected, stop.brought, stop.left)
    if outcome == Stop.Outcome.FAILED:
        fact = events.StopFailed(stop.run_id, stop.pk, stop.site_id, Code(reason))
    record(fact, about=about, by=by, at=at, op=op)
    return stop


def _here(site_id: int, by: Actor) -> Stop | None:
    """Return the stop of the van that is at a site, for whoever may be its driver or rides along."""
    return stop_under_way(site_id) if by.may(Permission.TRANSPORT, site_id) else None


def fail_stop(*, site_id: int, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Settle the stop of the van that is at a site as in vain; the request stands. A school's own note settles none."""
    stop = _here(site_id, by)
    if stop:
        _settle(stop, Stop.Outcome.FAILED, reason, by=by, at=at, op=op)


def note_loaded(*, site_id: int, devices: int, by: Actor, at: datetime, op: Op) -> None:
    """Note that devices left a site: the van's stop counts them, and the request ends once nothing waits."""
    stop = _here(site_id, by)
    if stop:
        stop.collected += devices
        stop.save(update_fields=["collected"])
    rows = PickupRequest.objects.everyone(reason="the caller has asked for the reach")
    request = rows.filter(site_id=site_id, ended_at__isnull=True).select_for_update(of=("self",), no_key=True).first()
    if request and not waiting([site_id]):
        end_request(request=request, end=E.COLLECTED, by=by, at=at, op=op)


def note_brought(*, site_id: int, devices: int) -> None:
    """Note that devices were scanned in at a site: the stop of the van that is there counts them."""
    stop = stop_under_way(site_id)
    if stop:
        stop.brought += devices
        stop.save(update_fields=["brought"])
