"""Repairs away from their school of which nothing was heard for too long (S67). School and depot see the same list."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy, ngettext

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import SILENT_DAYS
from firstbell.devices.models import Custody
from firstbell.directory.queries import school_time
from firstbell.kernel.actor import Actor
from firstbell.ledger.queries import last_heard
from firstbell.repairs.clocks import days_late, due_after_days
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import away_from_school
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.depot.due import Signal
from firstbell.web.desk.words import Whereabouts, site_time, where_is
from firstbell.web.lists import Asked, Field, Sheet, Sort, asked_by, listing
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
    orders = list(_away(request.actor)[: MOST + 1])
    lines = _lines(asked_by(request), orders[:MOST])
    return render(request, "depot/silent.html", {"lines": lines, "more": len(orders) > MOST, "count": len(lines)})


def _away(by: Actor) -> QuerySet[WorkOrder]:
    here = Custody.objects.filter(until__isnull=True).select_related(
        "site", "person", "place__site", "shipment__to_site"
    )
    rows = away_from_school(by=by).select_related("device__model", "site__calendar")
    return rows.prefetch_related(
        "site__calendar__periods",
        "site__calendar__holidays",
        Prefetch("device__custodies", queryset=here, to_attr="open_custodies"),
    )


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked, list(_away(asked.by))))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.order.device.tag),
    Field(gettext_lazy("Model"), lambda line: str(line.order.device.model)),
    Field(gettext_lazy("What is wrong"), lambda line: line.symptom),
    Field(gettext_lazy("Where"), lambda line: line.where.where),
    Field(gettext_lazy("School"), lambda line: line.order.site.name),
    Field(gettext_lazy("Last news"), lambda line: site_time(line.heard, line.order.site), Sort.MOMENT),
    Field(gettext_lazy("Silent"), lambda line: line.signal.words),
)
LISTING = listing("silent", gettext_lazy("Without news"), "silent", _sheet)


def _lines(asked: Asked, orders: list[WorkOrder]) -> list[Line]:
    heard = last_heard("device", [order.device_id for order in orders])
    answers = plan([SILENT_DAYS.key])
    found = [_line(asked, order, heard[order.device_id].at, answers) for order in orders if order.device_id in heard]
    return sorted((line for line in found if line), key=lambda line: line.heard)


def _line(asked: Asked, order: WorkOrder, heard: datetime, answers: Plan) -> Line | None:
    school = school_time(order.site)
    due = due_after_days(school, heard, answers.says(SILENT_DAYS, order.site_id))
    if due is None or asked.at < due:
        return None
    days = days_late(school, heard, asked.at)
    words = ngettext("no news for %(n)d school day", "no news for %(n)d school days", days) % {"n": days}
    custodies: list[Custody] = getattr(order.device, "open_custodies", [])
    where = where_is(custodies[0] if custodies else None, asked.by)
    return Line(order, where, said_symptom(order.symptom), heard, Signal("late", words))
