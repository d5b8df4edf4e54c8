"""The closet: broken devices that lie somewhere without a next step. It should be empty."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.decisions.register import CLOSET_DAYS
from firstbell.devices.models import Device
from firstbell.devices.queries import owner, where, with_hands
from firstbell.directory.models import Place
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.measures.closet import idle, since_of
from firstbell.repairs.models import WorkOrder
from firstbell.web.asking import new_operation
from firstbell.web.desk.clocks import Clock, Clocks, clocks_for, days_clock
from firstbell.web.desk.words import Whereabouts, device_address, owner_of, site_time, where_is
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column

OLDEST = (Column("lies_since", datetime.fromisoformat), Column("pk", int))
S = Device.Status


@dataclass(frozen=True)
class Line:
    """One idle device, why it is listed, and the next step it can take with one tap."""

    device: Device
    url: str
    owner: str
    where: Whereabouts
    since: datetime
    clock: Clock
    why: str
    action: str
    box_code: str
    box_name: str


def closet(request: FirstbellRequest) -> HttpResponse:
    """Show what lies idle, oldest first, each with its next step."""
    page, found = _lines(asked_by(request)).page(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "lines": found,
        "late": sum(line.clock.kind == "late" for line in found),
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "here": request.get_full_path(),
        "op": new_operation(),
    }
    return render(request, "desk/closet.html", context)


def _lines(asked: Asked) -> Lines[Device, Line]:
    rows = _with_boxes(with_hands(idle(asked.by))).select_related("model", "home_site", "at_site__calendar")
    rows = rows.prefetch_related("at_site__calendar__periods", "at_site__calendar__holidays")
    return Lines(rows, OLDEST, partial(_said, asked))


def _said(asked: Asked, rows: list[Device]) -> list[Line]:
    clocks = clocks_for({row.at_site for row in rows}, asked.at)
    return [_line(row, clocks, asked.by) for row in rows]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.device.tag),
    Field(gettext_lazy("Model"), lambda line: str(line.device.model)),
    Field(gettext_lazy("Lies in"), lambda line: line.where.where),
    Field(gettext_lazy("Why it is listed"), lambda line: line.why),
    Field(gettext_lazy("Belongs to"), lambda line: line.owner, Sort.PERSON),
    Field(gettext_lazy("Idle since"), lambda line: site_time(line.since, line.device.at_site), Sort.MOMENT),
    Field(gettext_lazy("Idle"), lambda line: line.clock.words),
)
LISTING = listing("closet", gettext_lazy("Closet"), "closet", _sheet)


def _with_boxes(rows: QuerySet[Device]) -> QuerySet[Device]:
    """Fetch along the pick-up box of the school where each device lies."""
    boxes = Place.objects.filter(site_id=OuterRef("at_site_id"), kind=Place.Kind.PICKUP_BOX, closed_at__isnull=True)
    first = boxes.order_by("pk")
    return rows.annotate(box_code=Subquery(first.values("code")[:1]), box_name=Subquery(first.values("name")[:1]))


def _line(device: Device, clocks: Clocks, by: Actor) -> Line:
    since = since_of(device)
    why, action = _next(device, by)
    box = getattr(device, "box_code", None) or ""
    return Line(
        device=device,
        url=device_address(device),
        owner=owner_of(owner(device), by),
        where=where_is(where(device), by),
        since=since,
        clock=days_clock(since, device.at_site, CLOSET_DAYS, clocks),
        why=why,
        action="" if action == "box" and not box else action,
        box_code=box,
        box_name=getattr(device, "box_name", None) or "",
    )


def _next(device: Device, by: Actor) -> tuple[str, str]:
    """Return why a device is listed, and which one tap moves it on: box, repair or none."""
    if getattr(device, "order_status", None) == WorkOrder.Status.BEYOND_REPAIR:
        return _("Beyond repair, and nobody has decided what happens to it."), ""
    if getattr(device, "order_status", None):
        may = by.may(Permission.MOVE_DEVICES, device.at_site_id)
        return _("Its repair is open, and it is not in the pick-up box."), "box" if may else ""
    may = by.may(Permission.LEND, device.home_site_id)
    if device.status == S.QUARANTINED:
        return _("Set aside; nobody has looked at it."), "repair" if may else ""
    return _("Reported broken, and not taken in."), "repair" if may else ""
