"""The courier's runs: the list by day, and the driver's page with the next stop on top."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.accessories.queries import boxes_at
from firstbell.courier import actions
from firstbell.courier.models import Run, Stop
from firstbell.courier.queries import run_of_driver, runs, unplanned
from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import PICKUP_BOX_DEVICES
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.flows.transport import WHY_NOT_EMPTIED, fail_visit
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.repairs.queries import Load, to_carry
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.depot.words import Boxes, boxes_of, hour, miles, to_do
from firstbell.web.desk.words import local_day, said_day, site_time
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

S = Run.Status
SHOWN = 60
"""Runs on the list: some weeks of a few vans."""


@dataclass(frozen=True)
class Row:
    """One run of the list."""

    run: Run
    day: str
    stops: list[Stop]
    settled: int
    collected: int
    miles: str


@dataclass(frozen=True)
class Leg:
    """One stop of the driver's page: what is to be done there, and what was."""

    stop: Stop
    arrives: str
    why: str
    boxes: list[Load] = field(default_factory=list)
    shipments: list[Load] = field(default_factory=list)
    to_pack: int = 0
    reusable: Boxes | None = None

    @property
    def fetch(self) -> int:
        """Devices that wait there now."""
        return sum(load.count for load in self.boxes)

    @property
    def to_do(self) -> str:
        """What is to be done there, in words."""
        return to_do(self.fetch, self.bring + self.to_pack)

    @property
    def bring(self) -> int:
        """Devices on their way there now."""
        return sum(load.count for load in self.shipments)


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the runs, the latest day first."""
    rows = [_row(run, request.at) for run in runs(by=request.actor)[:SHOWN]]
    context = {
        "rows": rows,
        "mine": run_of_driver(by=request.actor),
        "wanted": _wanted(request),
    }
    return render(request, "depot/runs.html", context)


def _wanted(request: FirstbellRequest) -> int:
    """Return how many schools asked for a visit by today and are on no run yet."""
    site = Site.objects.filter(kind=Site.Kind.DEPOT, closed_on__isnull=True).order_by("pk").first()
    return unplanned(local_day(request.at, site), by=request.actor).count() if site else 0


def _row(run: Run, at: datetime) -> Row:
    stops = list(run.stops.all())
    return Row(
        run=run,
        day=said_day(run.day, local_day(at, run.depot)),
        stops=stops,
        settled=sum(bool(stop.outcome) for stop in stops),
        collected=sum(stop.collected for stop in stops),
        miles=miles(run.metres),
    )


def run_page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show one run to its driver."""
    return _show(request, run_in_reach(request.actor, code))


def run_in_reach(by: Actor, code: str) -> Run:
    """Return a run with its stops."""
    return one(runs(by=by), code=code.upper())  # type: ignore[arg-type]  # a scoped queryset, joined


def _show(request: FirstbellRequest, run: Run, refusal: Refused | None = None) -> HttpResponse:
    legs = legs_of(run, by=request.actor)
    ahead = [leg for leg in legs if not leg.stop.outcome]
    context: dict[str, Any] = {
        "run": run,
        "day": said_day(run.day, local_day(request.at, run.depot)),
        "miles": miles(run.metres),
        "legs": legs,
        "next": ahead[0] if ahead and run.status == S.DRIVING else None,
        "ahead": len(ahead),
        "to_pack": sum(leg.to_pack for leg in legs),
        "packed": sum(leg.bring for leg in legs),
        "empties": sum(leg.reusable.lacking for leg in ahead if leg.reusable),
        "aboard": sum(leg.stop.collected for leg in legs) + sum(leg.bring for leg in ahead),
        "reasons": [{"value": key, "label": words} for key, words in WHY_NOT_EMPTIED.items()],
        "refusal": told(refusal),
        "op": new_operation(),
        "other_op": new_operation(),
    }
    return render(request, "depot/driver.html", context, status=status_of(refusal))


def legs_of(run: Run, *, by: Actor) -> list[Leg]:
    """Return the stops of a run with what lies there and travels there now; three queries besides the stops."""
    stops = list(run.stops.all())
    sites = sites_of(by, Permission.TRANSPORT).filter(pk__in=[stop.site_id for stop in stops])
    loads, empties = to_carry(sites, by=by), boxes_at([stop.site_id for stop in stops])
    answers = plan([PICKUP_BOX_DEVICES.key])
    return [_leg(stop, loads, empties.get(stop.site_id), run, answers) for stop in stops]


def _leg(stop: Stop, everything: list[Load], empties: int | None, run: Run, answers: Plan) -> Leg:
    loads = [load for load in everything if load.site_id == stop.site_id]
    fetch = sum(load.count for load in loads if load.what == "box")
    return Leg(
        stop=stop,
        arrives=hour(stop.arrives_at, run.depot),
        why=str(WHY_NOT_EMPTIED.get(stop.reason, "")),
        boxes=[load for load in loads if load.what == "box"],
        shipments=[load for load in loads if load.what == "shipment"],
        to_pack=sum(load.count for load in loads if load.what == "packing"),
        reusable=boxes_of(fetch, empties, answers.says(PICKUP_BOX_DEVICES, stop.site_id)),
    )


# --- What the driver does -----------------------------------------------------------------------------------------


@require_POST
def start(request: FirstbellRequest, code: str) -> HttpResponse:
    """Leave with the van."""
    run, act = run_in_reach(request.actor, code), act_of(request)
    refusal = attempt(lambda: actions.start_run(run_id=run.pk, **act))
    return _show(request, run, refusal) if refusal else redirect("run", run.code)


@require_POST
def leave(request: FirstbellRequest, code: str) -> HttpResponse:
    """Leave a school for the next stop."""
    run, act, site = run_in_reach(request.actor, code), act_of(request), whole(request.POST.get("site"))
    left: list[Stop] = []
    refusal = attempt(lambda: left.append(actions.leave_stop(run_id=run.pk, site_id=site or 0, **act)))
    if refusal:
        return _show(request, run, refusal)
    messages.success(request, _left_words(left[0]))
    return redirect("run", run.code)


def _left_words(stop: Stop) -> str:
    words = {"site": stop.site.name, "n": stop.collected, "m": stop.brought, "left": stop.left}
    if stop.left:
        return _("{site}: {n} fetched, {m} brought. {left} still wait there; the request stays open.").format(**words)
    return _("{site}: {n} fetched, {m} brought.").format(**words)


@require_POST
def fail(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note why a school could not be visited; its request stays open."""
    run, act, site = run_in_reach(request.actor, code), act_of(request), whole(request.POST.get("site"))
    stop = run.stops.filter(site_id=site or 0).first()
    if stop is None:
        raise Missing("Stop")
    reason = request.POST.get("reason", "")
    refusal = attempt(lambda: fail_visit(site_id=stop.site_id, reason=reason, **act))
    if refusal:
        return _show(request, run, refusal)
    said = _("{site}: {why}. The request stays open, and the school sees it too.")
    messages.success(request, said.format(site=stop.site.name, why=WHY_NOT_EMPTIED[reason]))
    return redirect("run", run.code)


@require_POST
def end(request: FirstbellRequest, code: str) -> HttpResponse:
    """Be back at the depot: what was fetched is scanned in next."""
    run, act = run_in_reach(request.actor, code), act_of(request)
    refusal = attempt(lambda: actions.end_run(run_id=run.pk, **act))
    if refusal:
        return _show(request, run, refusal)
    messages.success(request, _("The run is over. Scan in what you brought."))
    return redirect("receiving")


@require_POST
def call_off(request: FirstbellRequest, code: str) -> HttpResponse:
    """Call a planned run off."""
    run, act = run_in_reach(request.actor, code), act_of(request)
    refusal = attempt(lambda: actions.call_off(run_id=run.pk, **act))
    if refusal:
        return _show(request, run, refusal)
    messages.success(request, _("The run is called off. Its schools can be planned anew."))
    return redirect("runs")


# --- As lists -----------------------------------------------------------------------------------------------------


def _stops(asked: Asked) -> Sheet[Stop]:
    """Every stop of the runs, a row each."""
    return Sheet(STOPS, [stop for run in runs(by=asked.by) for stop in run.stops.all()])


def _legs(asked: Asked) -> Sheet[Stop]:
    return Sheet(STOPS, list(run_in_reach(asked.by, asked.about["code"]).stops.all()))


STOPS: tuple[Field[Stop], ...] = (
    Field(gettext_lazy("Day"), lambda stop: stop.run.day, Sort.DAY),
    Field(gettext_lazy("Van"), lambda stop: stop.run.van, Sort.NUMBER),
    Field(gettext_lazy("Run"), lambda stop: stop.run.code),
    Field(gettext_lazy("Stop"), lambda stop: stop.position, Sort.NUMBER),
    Field(gettext_lazy("School"), lambda stop: stop.site.name),
    Field(gettext_lazy("Expected"), lambda stop: stop.expected, Sort.NUMBER),
    Field(gettext_lazy("Fetched"), lambda stop: stop.collected, Sort.NUMBER),
    Field(gettext_lazy("Brought"), lambda stop: stop.brought, Sort.NUMBER),
    Field(gettext_lazy("Left there"), lambda stop: stop.left, Sort.NUMBER),
    Field(gettext_lazy("Outcome"), lambda stop: stop.get_outcome_display()),
    Field(gettext_lazy("Why"), lambda stop: str(WHY_NOT_EMPTIED.get(stop.reason, ""))),
    Field(gettext_lazy("Settled"), lambda stop: site_time(stop.settled_at, stop.site), Sort.MOMENT),
)
LISTING = listing("runs", gettext_lazy("Runs"), "runs", _stops)
RUN = listing("run", gettext_lazy("Run"), "run", _legs)
