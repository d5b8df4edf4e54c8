"""A day of the courier is planned: which schools, how many vans, in which order; looked at first, then made."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from firstbell.courier.actions import MOST_DEVICES, MOST_VANS, PlannedRun
from firstbell.decisions.queries import Plan, plan
from firstbell.directory.models import Site
from firstbell.flows.rounds import Day, Proposal, Wish, depots, plan_day, propose, wishes
from firstbell.kernel.errors import Missing, Refused
from firstbell.web.asking import act_of, clock_of, day_of, new_operation, whole
from firstbell.web.depot.due import QUESTIONS, Signal, pickup_signal
from firstbell.web.depot.words import hour, kinds_said, miles, to_do
from firstbell.web.desk.words import local_day
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


@dataclass(frozen=True)
class Offer:
    """One school on offer, as the page shows it."""

    wish: Wish
    kinds: str
    signal: Signal | None
    ticked: bool


@dataclass(frozen=True)
class Visit:
    """One stop of the proposal."""

    wish: Wish
    arrives: str
    to_do: str


@dataclass(frozen=True)
class Van:
    """One van of the proposal: its stops, how far, and the ids that the form sends."""

    number: int
    visits: list[Visit]
    miles: str
    ids: str
    to_do: str


def page(request: FirstbellRequest) -> HttpResponse:
    """Show what waits by a day, and the runs worked out for what is ticked."""
    return _show(request, request.GET)


def _show(request: FirstbellRequest, sent: QueryDict, refusal: Refused | None = None) -> HttpResponse:
    depot = _depot(request, sent)
    if depot is None:
        return render(request, "depot/day.html", {"depot": None})
    day = day_from(sent, depot, request.at)
    found = wishes(day.day, by=request.actor, at=request.at)
    chosen = _chosen(sent, found)
    context = {
        "depot": depot,
        "day": day,
        "offers": _offers(found, chosen, request.at),
        "today": local_day(request.at, depot),
        "starts": f"{day.starts:%H:%M}",
        "most_vans": MOST_VANS,
        "most_devices": MOST_DEVICES,
        "refusal": told(refusal),
        "op": new_operation(),
    } | _proposal(day, chosen)
    return render(request, "depot/day.html", context, status=status_of(refusal))


def _depot(request: FirstbellRequest, sent: QueryDict) -> Site | None:
    found = depots(by=request.actor)
    wanted = whole(sent.get("depot"))
    return next((site for site in found if site.pk == wanted), found[0] if found else None)


def day_from(sent: QueryDict, depot: Site, at: datetime) -> Day:
    """Return the day as the form says it; what is missing or makes no sense is as usual."""
    starts = clock_of(sent.get("starts")) or Day.starts
    return Day(
        depot=depot,
        day=day_of(sent.get("day")) or local_day(at, depot),
        vans=_within(sent.get("vans"), Day.vans, MOST_VANS),
        capacity=_within(sent.get("capacity"), Day.capacity, MOST_DEVICES),
        starts=time(starts.hour, starts.minute),
        hours=sent.get("hours") == "1",
    )


def _within(text: str | None, usual: int, most: int) -> int:
    return min(most, max(1, whole(text) or usual))


def _chosen(sent: QueryDict, found: list[Wish]) -> list[Wish]:
    """Return what is ticked; everything before anybody has ticked."""
    if "asked" not in sent:
        return found
    ticked = set(sent.getlist("site"))
    return [wish for wish in found if str(wish.site.pk) in ticked]


def _offers(found: list[Wish], chosen: list[Wish], at: datetime) -> list[Offer]:
    answers = plan(QUESTIONS)
    return [_offer(wish, wish in chosen, answers, at) for wish in found]


def _offer(wish: Wish, ticked: bool, answers: Plan, at: datetime) -> Offer:  # noqa: FBT001 -- a tick is a tick
    signal = pickup_signal(wish.site, wish.boxed.oldest, answers, at) if wish.boxed else None
    return Offer(wish, kinds_said(wish.boxed), signal, ticked)


def _proposal(day: Day, chosen: list[Wish]) -> dict[str, Any]:
    if not chosen:
        return {"vans": []}
    found = propose(day, chosen)
    by_id = {wish.site.pk: wish for wish in chosen}
    return {
        "vans": [_van(number, run, by_id, day) for number, run in enumerate(found.runs, start=1)],
        "left": [by_id[pk] for pk in found.left],
        "unmapped": found.unmapped,
        "depot_unmapped": day.depot in found.unmapped,
        "too_much": [wish for wish in chosen if wish.count > day.capacity and wish.site.pk not in found.left],
        "spare": max(0, day.vans - len(found.runs)),
        "method": _method(found),
        "total": miles(sum(run.metres for run in found.runs)),
    }


def _method(found: Proposal) -> str:
    return {
        "own": _("Worked out by Firstbell's own method; the extra “routing” is not installed."),
        "pyvrp": _("Worked out by pyvrp, the extra “routing”."),
    }.get(found.method, "")


def _van(number: int, run: PlannedRun, by_id: dict[int, Wish], day: Day) -> Van:
    visits = [
        Visit(by_id[stop.site_id], hour(stop.arrives_at, day.depot), to_do(stop.expected, stop.to_bring))
        for stop in run.stops
    ]
    return Van(
        number=number,
        visits=visits,
        miles=miles(run.metres),
        ids=",".join(str(stop.site_id) for stop in run.stops),
        to_do=to_do(*(sum(getattr(stop, what) for stop in run.stops) for what in ("expected", "to_bring"))),
    )


@require_POST
def make(request: FirstbellRequest) -> HttpResponse:
    """Make the runs as they were shown."""
    depot, act = _depot(request, request.POST), act_of(request)
    if depot is None:
        raise Missing("Site")
    day = day_from(request.POST, depot, request.at)
    routes = tuple(_route(text) for text in request.POST.getlist("route"))
    refusal = attempt(lambda: plan_day(day=day, routes=routes, **act))
    if refusal:
        return _show(request, request.POST, refusal)
    said = ngettext("%(n)d run is planned.", "%(n)d runs are planned.", len(routes)) % {"n": len(routes)}
    messages.success(request, said)
    return redirect("runs")


def _route(text: str) -> tuple[int, ...]:
    return tuple(pk for pk in map(whole, text.split(",")) if pk)
