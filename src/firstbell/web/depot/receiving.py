"""What is on its way: to the depot, to the schools, or to and from one's own school. Oldest first, one tap each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from firstbell.decisions.queries import plan
from firstbell.devices.models import Shipment
from firstbell.devices.queries import shipments_under_way
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.web.asking import new_operation
from firstbell.web.depot.due import QUESTIONS, Signal, arrival_signal
from firstbell.web.desk.paging import Column, page_of
from firstbell.web.middleware import FirstbellRequest

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
    way = request.GET.get("way", "")
    way = way if way in ways else ""
    rows = shipments_under_way(by=request.actor)
    page = page_of(_joined(rows.filter(ways[way][1])), OLDEST, request.GET.get("after", ""))
    answers = plan(QUESTIONS)
    lines = [
        Line(
            row=row,
            waits=getattr(row, "waits", 0),
            signal=arrival_signal(row.to_site, row.sent_at or row.packed_at, answers, request.at),
            may_receive=_may_receive(request.actor, row),
            op=str(new_operation()),
        )
        for row in page.rows
    ]
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
