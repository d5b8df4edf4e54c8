"""What lies at the school, repaired, for its people: oldest first, or by room for a walk through the building."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from firstbell.decisions.register import HAND_BACK_DAYS
from firstbell.devices.models import Assignment, Custody
from firstbell.devices.queries import owner, where
from firstbell.directory.models import Enrolment
from firstbell.kernel.actor import Actor
from firstbell.loans.models import Loan
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import to_hand_back
from firstbell.web.desk.clocks import Clock, Clocks, clocks_for, days_clock
from firstbell.web.desk.words import Whereabouts, device_address, grade_of, owner_of, where_is
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column

OLDEST = (Column("arrived", datetime.fromisoformat), Column("pk", int))
BY_ROOM = (Column("room", str), *OLDEST)
PAGE = 50


@dataclass(frozen=True)
class Line:
    """One device for one person."""

    order: WorkOrder
    url: str
    who: str
    grade: str
    room: str
    loaner: str
    where: Whereabouts
    clock: Clock
    for_pool: bool


def waiting(by: Actor) -> QuerySet[WorkOrder]:
    """Return what waits to be handed back, with since when, its owner's homeroom and loaner, in one query."""
    here = Custody.objects.filter(device_id=OuterRef("device_id"), until__isnull=True)
    owned = Assignment.objects.filter(device_id=OuterRef("device_id"), until__isnull=True)
    rooms = Enrolment.objects.filter(
        person_id=OuterRef("owner"), teacher=False, class_group__homeroom=True, class_group__active=True
    ).order_by("pk")
    lent = Loan.objects.everyone(reason="subquery of repairs in reach").filter(
        person_id=OuterRef("owner"), returned_at__isnull=True
    )
    rows = to_hand_back(by=by).select_related("site__calendar")
    return rows.prefetch_related("site__calendar__periods", "site__calendar__holidays").annotate(
        arrived=Subquery(here.values("since")[:1]),
        owner=Subquery(owned.values("person_id")[:1]),
        room=Coalesce(Subquery(rooms.values("class_group__place__name")[:1]), Value("")),
        loaner=Subquery(lent.values("device__device__tag")[:1]),
    )


def hand_backs(request: FirstbellRequest) -> HttpResponse:
    """Show what is ready for its people."""
    page, found = _lines(asked_by(request)).page(request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "lines": found,
        "by_room": request.GET.get("by") == "room",
        "late": sum(line.clock.kind == "late" for line in found),
        "several": len({line.order.site_id for line in found}) > 1,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
    }
    return render(request, "desk/hand_backs.html", context)


def _lines(asked: Asked) -> Lines[WorkOrder, Line]:
    order = BY_ROOM if asked.query.get("by") == "room" else OLDEST
    return Lines(waiting(asked.by), order, partial(_said, asked))


def _said(asked: Asked, rows: list[WorkOrder]) -> list[Line]:
    clocks = clocks_for({row.site for row in rows}, asked.at)
    return [_line(row, clocks, asked.by) for row in rows]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.order.device.tag),
    Field(gettext_lazy("Belongs to"), lambda line: line.who, Sort.PERSON),
    Field(gettext_lazy("Grade"), lambda line: line.grade, Sort.PERSON),
    Field(gettext_lazy("Homeroom"), lambda line: line.room, Sort.PERSON),
    Field(gettext_lazy("Loaner to bring back"), lambda line: line.loaner),
    Field(gettext_lazy("Lies in"), lambda line: line.where.where),
    Field(gettext_lazy("Waiting"), lambda line: line.clock.words),
)
LISTING = listing("hand_backs", gettext_lazy("Hand back"), "hand_backs", _sheet)


def _line(order: WorkOrder, clocks: Clocks, by: Actor) -> Line:
    assignment = owner(order.device)
    person = assignment.person if assignment else None
    return Line(
        order=order,
        url=device_address(order.device),
        who=owner_of(assignment, by),
        grade=grade_of(person) if person else "",
        room=getattr(order, "room", ""),
        loaner=getattr(order, "loaner", None) or "",
        where=where_is(where(order.device), by),
        clock=days_clock(getattr(order, "arrived", order.opened_at), order.site, HAND_BACK_DAYS, clocks),
        for_pool=person is None,
    )
