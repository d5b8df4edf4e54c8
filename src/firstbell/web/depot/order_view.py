"""One work order on the bench: the device, what was reported, what was repaired before, and what can be done now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import QUALITY_CHECK, REPAIR_FIELDS, REPAIR_WHERE
from firstbell.devices.models import Custody
from firstbell.devices.queries import where
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.parts.models import PartKind
from firstbell.parts.queries import left_for
from firstbell.repairs.fixes import Fix, fix, fixes, fixes_for
from firstbell.repairs.models import Bench, Photo, ScopeRow, WorkOrder
from firstbell.repairs.queries import at_benches, earlier_orders, photos_of, worked_on
from firstbell.repairs.rules import ON_THE_BENCH, bench_at, is_outside
from firstbell.repairs.scope import rows_for
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptom
from firstbell.vendors.queries import beside_repair
from firstbell.web.asking import new_operation
from firstbell.web.cover import cover_lines
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.desk.words import local_day, money, where_is
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import status_of, told

S = WorkOrder.Status
NEXT_UP = 6
BOARD = "board"
"""The fault whose repair may bring another serial number."""
LETTERS = {
    "screen": "s", "keyboard": "k", "hinge": "h", "port": "p", "battery": "b", "board": "m", "trackpad": "t",
    "liquid": "l", "software": "r", "nothing": "n",
}  # fmt: skip
"""One key for each usual fix. A fix without one is tapped."""
RETRIES = {"out_of_scope": "why", "voids_cover": "why", "part_not_there": "elsewhere"}
"""Refusals that the same form overcomes, and with what: a reason, or that the part came from elsewhere."""
KEPT = ("fault", "part", "price", "minutes", "details", "checked", "why", "elsewhere")
"""What of the refused form is sent again with it."""


@dataclass(frozen=True)
class Tap:
    """One fix as a big button."""

    fix: Fix
    key: str
    cost: str
    likely: bool
    left: str
    elsewhere: str


@dataclass(frozen=True)
class Shelf:
    """What the taps say about this device here: parts left by sort, and the rows of the scope table by fault."""

    left: dict[str, int]
    rows: dict[str, ScopeRow]
    here: Bench


@dataclass(frozen=True)
class Before:
    """One earlier repair of the device."""

    order: WorkOrder
    what: str
    cost: str


@dataclass(frozen=True)
class Next:
    """One repair that waits, for the list beside."""

    order: WorkOrder
    what: str


def benches(by: Actor, answers: Plan) -> QuerySet[Site]:
    """Return the sites where this person repairs: the depot, and schools where the plan says so (S62)."""
    schools = {site for key, site in answers.answers if key == REPAIR_WHERE.key and site is not None}
    own = [site for site in schools if answers.says(REPAIR_WHERE, site) == "school"]
    where = Q(kind=Site.Kind.DEPOT) | Q(kind=Site.Kind.SCHOOL, pk__in=own)
    if answers.says(REPAIR_WHERE) == "school":
        where |= Q(kind=Site.Kind.SCHOOL) & ~Q(pk__in=schools - set(own))
    return sites_of(by, Permission.REPAIR).filter(where)


def what_is_wrong(order: WorkOrder) -> str:
    """Return the fault that was found, else the symptom that was reported."""
    found = fix(order.fault)
    return found.fault if found else said_symptom(order.symptom)


def show_order(request: FirstbellRequest, order: WorkOrder, refusal: Refused | None = None) -> HttpResponse:
    """Show a work order; with the refusal on it when something could not be done."""
    answers = plan([QUALITY_CHECK.key, REPAIR_FIELDS.key, REPAIR_WHERE.key])
    custody = where(order.device)
    alone = answers.says(QUALITY_CHECK, order.site_id) == "same_person"
    here = _is_here(request, custody, answers.says(REPAIR_WHERE, order.site_id))
    branch, found = symptom(order.symptom), fix(order.fault)
    context = (
        {
            "order": order,
            "device": order.device,
            "where": where_is(custody, request.actor),
            "shipment": custody.shipment if custody else None,
            "reported": branch.label if branch else "",
            "ticket": _ticket(request, order),
            "fault": found.fault if found else "",
            "done": found.label if found else "",
            "workable": here and order.status in ON_THE_BENCH,
            "here": here,
            "taps": _taps(order, custody.site, request.at) if here and custody else [],
            "alone": alone,
            "parts": PartKind.Sort.choices,
            "faults": fixes(),
            "labour": worked_on(order),
            "photos": photos_of(order),
            "awaited": _part_said(order.awaited_part),
            "shots": Photo.When.choices,
            "may_retire": request.actor.may(Permission.REGISTER_DEVICES, order.device.home_site_id),
            "board": order.fault == BOARD,
            "fields": REPAIR_FIELDS.in_words(answers.says(REPAIR_FIELDS, order.site_id)),
            "before": [_before(row) for row in earlier_orders(order.device_id, by=request.actor)[:5]],
            "next_up": _next_up(request, order, answers),
            "typed": request.POST,
            "refusal": told(refusal),
            "op": new_operation(),
        }
        | _check(request, order, alone=alone)
        | _retry(request, refusal)
        | _covers(request, order)
    )
    return render(request, "depot/order.html", context, status=status_of(refusal))


def _covers(request: FirstbellRequest, order: WorkOrder) -> dict[str, Any]:
    """Return what covers the device, which vendor has its case, and whose cover a repair here would void (S84)."""
    covers = cover_lines(order.device_id, local_day(request.at, order.site))
    vendors = beside_repair(order.pk, [row.vendor_id for row in covers if row.vendor_id])
    return {"covers": covers, "outside": vendors}


def _next_up(request: FirstbellRequest, order: WorkOrder, answers: Plan) -> list[Next]:
    """Return what has waited longest on the same benches, this one left out."""
    sites = benches(request.actor, answers).values("pk")
    rows = at_benches(sites, by=request.actor).filter(status__in=(S.OPENED, S.DIAGNOSED)).exclude(pk=order.pk)
    return [Next(row, what_is_wrong(row)) for row in rows[:NEXT_UP]]


def _is_here(request: FirstbellRequest, custody: Custody | None, rule: str) -> bool:
    """Say whether the device lies where this person repairs (the verb asks the same and says why not)."""
    if custody is None or custody.kind != Custody.Kind.PLACE:
        return False
    at_bench = custody.site.kind == Site.Kind.DEPOT or rule == "school"
    return at_bench and request.actor.may(Permission.REPAIR, custody.site_id)


def _ticket(request: FirstbellRequest, order: WorkOrder) -> Ticket | None:
    """Return the ticket with the reporter's words, where the reader may see tickets of that school."""
    if order.ticket is None or not request.actor.may(Permission.SEE_TICKETS, order.ticket.site_id):
        return None
    return order.ticket


def _taps(order: WorkOrder, site: Site, at: datetime) -> list[Tap]:
    """Return the fixes as buttons, with what is left of their parts and what the scope table keeps elsewhere."""
    device, today = order.device, at.astimezone(ZoneInfo(order.site.timezone)).date()
    shelf = Shelf(left_for(site.pk, device.model_id), rows_for(device.model, today), bench_at(site))
    return [_tap(row, order, shelf) for row in fixes_for(order.symptom)]


def _tap(row: Fix, order: WorkOrder, shelf: Shelf) -> Tap:
    likely = row.code == order.fault or (not order.fault and row == fixes_for(order.symptom)[0])
    scope = shelf.rows.get(row.code)
    part = (scope.part if scope else "") or row.part
    cost = money(row.cents) if row.part else _("no part")
    elsewhere = scope.place if scope and is_outside(scope, shelf.here) else ""
    return Tap(row, LETTERS.get(row.code, ""), cost, likely, _left(part, shelf.left), elsewhere)


def _left(part: str, left: dict[str, int]) -> str:
    """Return how many parts lie here, where they are counted here."""
    if part not in left:
        return ""
    return _("{n} left").format(n=left[part]) if left[part] else _("none left")


def _part_said(code: str) -> str:
    return str(PartKind.Sort(code).label) if code in PartKind.Sort.values else code


def _retry(request: FirstbellRequest, refusal: Refused | None) -> dict[str, Any]:
    """Return what lets the refused form be sent again with what it lacked."""
    wanted = RETRIES.get(refusal.code, "") if refusal else ""
    sent = [(name, request.POST[name]) for name in KEPT if name != wanted and name in request.POST]
    return {"retry": wanted, "sent": sent}


def _before(row: WorkOrder) -> Before:
    found = fix(row.fault)
    cents = int(getattr(row, "cents", 0))
    what = found.label if found else _("closed without a repair")
    return Before(row, what, money(cents) if cents else "")


def _check(request: FirstbellRequest, order: WorkOrder, *, alone: bool) -> dict[str, Any]:
    """Return who may check this repair now: the plan may want a second person (S70)."""
    mine = order.repaired_by_id == request.actor.user_id
    return {"waits_for_check": order.status == S.REPAIRED, "may_check": alone or not mine}
