"""Repairs away from their school of which nothing was heard for too long (S67). School and depot see the same list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import SILENT_DAYS
from firstbell.devices.models import Custody
from firstbell.directory.queries import school_time
from firstbell.ledger.queries import last_heard
from firstbell.repairs.clocks import days_late, due_after_days
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import away_from_school
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.depot.due import Signal
from firstbell.web.desk.words import Whereabouts, where_is
from firstbell.web.middleware import FirstbellRequest

MOST = 500
"""How many repairs away from school are looked at, longest open first; the page says when there are more."""


@dataclass(frozen=True)
class Line:
    """One silent repair: where it was last, and since when nothing was heard."""

    order: WorkOrder
    where: Whereabouts
    symptom: str
    heard: datetime
    signal: Signal


def silent(request: FirstbellRequest) -> HttpResponse:
    """Show which devices nobody has said anything about for too many school days."""
    here = Custody.objects.filter(until__isnull=True).select_related(
        "site", "person", "place__site", "shipment__to_site"
    )
    rows = away_from_school(by=request.actor).select_related("device__model", "site__calendar")
    rows = rows.prefetch_related(
        "site__calendar__periods",
        "site__calendar__holidays",
        Prefetch("device__custodies", queryset=here, to_attr="open_custodies"),
    )
    orders = list(rows[: MOST + 1])
    lines = _lines(request, orders[:MOST])
    return render(request, "depot/silent.html", {"lines": lines, "more": len(orders) > MOST} | _said(lines))


def _said(lines: list[Line]) -> dict[str, Any]:
    return {"count": len(lines)}


def _lines(request: FirstbellRequest, orders: list[WorkOrder]) -> list[Line]:
    heard = last_heard("device", [order.device_id for order in orders])
    answers = plan([SILENT_DAYS.key])
    found = [_line(request, order, heard[order.device_id].at, answers) for order in orders if order.device_id in heard]
    return sorted((line for line in found if line), key=lambda line: line.heard)


def _line(request: FirstbellRequest, order: WorkOrder, heard: datetime, answers: Plan) -> Line | None:
    school = school_time(order.site)
    due = due_after_days(school, heard, answers.says(SILENT_DAYS, order.site_id))
    if due is None or request.at < due:
        return None
    days = days_late(school, heard, request.at)
    words = ngettext("no news for %(n)d school day", "no news for %(n)d school days", days) % {"n": days}
    custodies: list[Custody] = getattr(order.device, "open_custodies", [])
    where = where_is(custodies[0] if custodies else None, request.actor)
    return Line(order, where, said_symptom(order.symptom), heard, Signal("late", words))
