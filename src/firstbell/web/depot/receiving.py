"""What is on its way: to the depot, to the schools, or to and from one's own school. Oldest first, one tap each."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.decisions.queries import plan
from firstbell.devices.models import Shipment
from firstbell.devices.queries import shipments_under_way
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.web.asking import new_operation
from firstbell.web.depot.due import QUESTIONS, Signal, arrival_signal
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column

OLDEST = (Column("sent_at", datetime.fromisoformat), Column("pk", int))


@dataclass(frozen=True)
class Line:
    """One shipment with what is still on the way, and whether the reader may scan it in."""

    row: Shipment
    waits: int
    signal: Signal
    may_receive: bool
    op: str


def _ways(by: Actor) -> dict[str, tuple[str, Q]]:
    """Return the ways to look at what travels: a technician's by where it goes, a school's by direction."""
    if by.may(Permission.TRANSPORT):
        depot = Q(to_site__kind=Site.Kind.DEPOT)
        return {"": (_("To the depot"), depot), "schools": (_("To schools"), ~depot)}
    mine = sites_of(by, Permission.SHIP)
    return {
        "": (_("Coming here"), Q(to_site__in=mine)),
        "out": (_("Sent from here"), Q(from_site__in=mine)),
    }


def receiving(request: FirstbellRequest) -> HttpResponse:
    """Show what is on its way, oldest first."""
    ways = _ways(request.actor)
    way = _way(ways, request.GET.get("way", ""))
    rows = shipments_under_way(by=request.actor)
    page, lines = _lines(asked_by(request)).page(request.GET.get("after", ""))
    context = {
        "lines": lines,
        "late": sum(line.signal.kind == "late" for line in lines),
        "way": way,
        "tabs": _tabs(ways, way, rows),
        "tabs_label": _("On its way"),
        "here": request.get_full_path(),
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "courier": request.actor.may(Permission.TRANSPORT),
    }
    return render(request, "depot/receiving.html", context)


def _way(ways: dict[str, tuple[str, Q]], text: str) -> str:
    return text if text in ways else ""


def _lines(asked: Asked) -> Lines[Shipment, Line]:
    ways = _ways(asked.by)
    chosen = ways[_way(ways, asked.query.get("way", ""))][1]
    rows = shipments_under_way(by=asked.by).filter(chosen)
    return Lines(_joined(rows), OLDEST, partial(_said, asked))


def _said(asked: Asked, rows: list[Shipment]) -> list[Line]:
    answers = plan(QUESTIONS)
    return [
        Line(
            row=row,
            waits=getattr(row, "waits", 0),
            signal=arrival_signal(row.to_site, row.sent_at or row.packed_at, answers, asked.at),
            may_receive=_may_receive(asked.by, row),
            op=str(new_operation()),
        )
        for row in rows
    ]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Shipment"), lambda line: line.row.code),
    Field(gettext_lazy("From"), lambda line: line.row.from_site.name),
    Field(gettext_lazy("To"), lambda line: line.row.to_site.name),
    Field(gettext_lazy("Left at"), lambda line: site_time(line.row.sent_at, line.row.from_site), Sort.MOMENT),
    Field(gettext_lazy("Carried by"), lambda line: str(line.row.carrier or "")),
    Field(gettext_lazy("Still on the way"), lambda line: line.waits, Sort.NUMBER),
    Field(gettext_lazy("Waiting"), lambda line: line.signal.words),
)
LISTING = listing("receiving", gettext_lazy("On its way"), "receiving", _sheet)


def _joined(rows: QuerySet[Shipment]) -> QuerySet[Shipment]:
    waits = Count("items", filter=Q(items__received_at__isnull=True))
    joined = rows.select_related("from_site", "to_site__calendar", "carrier").annotate(waits=waits)
    return joined.prefetch_related("to_site__calendar__periods", "to_site__calendar__holidays")


def _may_receive(by: Actor, row: Shipment) -> bool:
    return any(by.may(carry, row.to_site_id) for carry in (Permission.SHIP, Permission.TRANSPORT))


def _tabs(ways: dict[str, tuple[str, Q]], way: str, rows: QuerySet[Shipment]) -> list[dict[str, Any]]:
    """Return the tabs with how many shipments each holds, counted in one query."""
    counts = rows.order_by().aggregate(
        **{f"n{place}": Count("pk", filter=condition) for place, (_label, condition) in enumerate(ways.values())}
    )
    return [
        {
            "label": label,
            "url": f"?way={key}" if key else "?",
            "current": key == way,
            "count": counts[f"n{place}"] or "",
        }
        for place, (key, (label, _condition)) in enumerate(ways.items())
    ]
