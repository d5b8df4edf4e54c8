"""Late pick-ups and returns with their reasons: who knows writes it down, for all that came together (S52, S53)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import plan
from firstbell.directory.models import Site
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.measures.clocks import LEGS, Breach, Reading, trip_clocks
from firstbell.measures.reach import Reach, reach_of
from firstbell.measures.trips import trips
from firstbell.repairs.actions import explain_delay
from firstbell.repairs.models import Delay
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.board import words
from firstbell.web.board.delays import Notes, notes_on, why_said
from firstbell.web.board.delays import late as late_ones
from firstbell.web.desk.case_clocks import name_of_clock
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

LOOKED_BACK = timedelta(days=14)
MOST = 200
"""Rows shown at once; the download holds them all."""


@dataclass(frozen=True)
class Line:
    """One late leg: whose, which, when it was due, and what is known of why."""

    breach: Breach
    site: Site
    leg: str
    why: str
    note: str
    key: str

    @property
    def took(self) -> str:
        """How long it took so far, in school time."""
        return words.minutes(self.breach.clock.minutes)


def late(request: FirstbellRequest) -> HttpResponse:
    """Show what the courier had late in the last two weeks, or has late now; those without a reason first."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    asked = asked_by(request)
    reach = _reach(asked)
    found = _lines(asked, reach)
    context: dict[str, Any] = {
        "lines": found[:MOST],
        "more": max(0, len(found) - MOST),
        "unsaid": sum(not line.why for line in found),
        "whys": Delay.Why.choices,
        "schools": reach.schools,
        "site": whole(request.GET.get("site")),
        "several": len({line.site.pk for line in found}) > 1,
        "ticked": request.POST.getlist("leg") if refusal else [],
        "typed": request.POST if refusal else {},
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/late.html", context, status=status_of(refusal))


def _reach(asked: Asked) -> Reach:
    return reach_of(asked.by, Permission.SHIP)


def _lines(asked: Asked, reach: Reach) -> list[Line]:
    since, site = asked.at - LOOKED_BACK, whole(asked.query.get("site"))
    reach = reach.only(site) if site else reach
    reading = Reading(asked.at, plan(), reach.times)
    clocks = [(trip, clock) for trip in trips(reach, since, asked.at) for clock in trip_clocks(trip, reading)]
    legs = [
        (trip, clock)
        for trip, clock in clocks
        if clock.kind in LEGS and (clock.stopped is None or clock.stopped >= since)
    ]
    notes = notes_on(legs)
    found = late_ones(legs, notes, since, asked.at)
    sites = {school.pk: school for school in reach.schools}
    lines = [_line(row, sites[row.trip.site_id], notes) for row in found]
    return sorted(lines, key=lambda line: bool(line.why))


def _line(row: Breach, site: Site, notes: Notes) -> Line:
    written = notes.get((row.trip.order_id, row.clock.kind.value))
    return Line(
        breach=row,
        site=site,
        leg=str(name_of_clock(row.clock.kind)),
        why=why_said(row.reason),
        note=written.note if written else "",
        key=f"{row.clock.kind.value}:{row.trip.order_id}",
    )


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked, _reach(asked)))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.breach.trip.tag),
    Field(gettext_lazy("School"), lambda line: line.site.name),
    Field(gettext_lazy("Way"), lambda line: line.leg),
    Field(gettext_lazy("Was due"), lambda line: site_time(line.breach.clock.due, line.site), Sort.MOMENT),
    Field(gettext_lazy("Scanned"), lambda line: site_time(line.breach.clock.stopped, line.site), Sort.MOMENT),
    Field(gettext_lazy("Reason"), lambda line: line.why),
    Field(gettext_lazy("In words"), lambda line: line.note),
)
LISTING = listing("late", gettext_lazy("Late, and why"), "late", _sheet)


@require_POST
def explain(request: FirstbellRequest) -> HttpResponse:
    """Write down why the ticked legs were late."""
    legs = [leg for leg in map(_leg, request.POST.getlist("leg")) if leg]
    why, note = request.POST.get("why", ""), request.POST.get("note", "")
    refusal = attempt(lambda: explain_delay(legs=legs, why=why, note=note, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Written down."))
    return redirect("late")


def _leg(text: str) -> tuple[int, str] | None:
    leg, _colon, number = text.partition(":")
    order = whole(number)
    return (order, leg) if order and leg in Delay.Leg.values else None
