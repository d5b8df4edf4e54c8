"""Pick-up: what a school has ready, a courier's schools in the order of names, and the box as found after its scan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from firstbell.courier.queries import run_of_driver
from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import REPAIR_WHERE
from firstbell.devices.models import Shipment
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import sites_of, with_calendar
from firstbell.flows.transport import WHY_NOT_EMPTIED, empty_box, note_failed_visit
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.queries import Event, latest_about
from firstbell.measures.reach import Reach
from firstbell.measures.waiting import Standing, standings
from firstbell.repairs.queries import Boxed, Load, in_boxes, to_carry
from firstbell.tickets.triage import symptom
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.depot.due import QUESTIONS, Signal, comes_today, next_visit, pickup_signal
from firstbell.web.depot.requests import coming, forecast_said
from firstbell.web.depot.words import kinds_said
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

SEVERAL = 2


@dataclass(frozen=True)
class Line:
    """One device in a box, with the owner's name only where the reader may see people."""

    row: Boxed
    symptom: str
    owner: str
    signal: Signal | None = None


@dataclass(frozen=True)
class SchoolBox:
    """What one school has ready for pick-up."""

    site: Site
    lines: list[Line]
    box: str
    standing: Standing
    coming: str
    ahead: str
    kinds: str
    failed: str
    failed_at: datetime | None
    op: str


@dataclass(frozen=True)
class Stop:
    """One school on a courier's list: what to fetch from which box, what to bring."""

    site: Site
    boxes: list[Load]
    signal: Signal | None
    shipments: list[Load]
    to_pack: int
    next_visit: str
    today: bool


def pickups(request: FirstbellRequest) -> HttpResponse:
    """Show a courier the schools with something to fetch or bring, and a school what it has ready."""
    if request.actor.may(Permission.TRANSPORT):
        return render(request, "depot/run.html", _run(request))
    return render(request, "depot/pickups.html", _ready(request))


def _sheet(asked: Asked) -> Sheet[Any]:
    """A courier's list holds what is to be carried, a school's the devices in its box, as their pages do."""
    if asked.by.may(Permission.TRANSPORT):
        reach = sites_of(asked.by, Permission.TRANSPORT).filter(kind=Site.Kind.SCHOOL)
        sites = {site.pk: site for site in reach}
        loads = sorted(to_carry(reach, by=asked.by), key=lambda load: (sites[load.site_id].name, load.since))
        return Sheet(LOADS, [(sites[load.site_id], load) for load in loads])
    schools = sites_of(asked.by, Permission.SHIP).filter(kind=Site.Kind.SCHOOL)
    names = {site.pk: site for site in schools}
    rows = in_boxes(list(names.values()))
    return Sheet(IN_BOX, [(names[row.site_id], _line(row, asked.by)) for row in rows])


def _task(load: Load) -> str:
    return {"box": _("fetch"), "shipment": _("bring"), "packing": _("pack")}.get(load.what, load.what)


LOADS: tuple[Field[tuple[Site, Load]], ...] = (
    Field(gettext_lazy("School"), lambda entry: entry[0].name),
    Field(gettext_lazy("To do"), lambda entry: _task(entry[1])),
    Field(gettext_lazy("Code"), lambda entry: entry[1].code),
    Field(gettext_lazy("Devices"), lambda entry: entry[1].count, Sort.NUMBER),
    Field(gettext_lazy("Since"), lambda entry: site_time(entry[1].since, entry[0]), Sort.MOMENT),
)
IN_BOX: tuple[Field[tuple[Site, Line]], ...] = (
    Field(gettext_lazy("School"), lambda entry: entry[0].name),
    Field(gettext_lazy("Place"), lambda entry: entry[1].row.place_name),
    Field(gettext_lazy("Device"), lambda entry: entry[1].row.tag),
    Field(gettext_lazy("Model"), lambda entry: entry[1].row.model),
    Field(gettext_lazy("What is wrong"), lambda entry: entry[1].symptom),
    Field(gettext_lazy("Belongs to"), lambda entry: entry[1].owner, Sort.PERSON),
    Field(gettext_lazy("Since"), lambda entry: site_time(entry[1].row.since, entry[0]), Sort.MOMENT),
)
LISTING = listing("pickups", gettext_lazy("Pick-up"), "pickups", _sheet)


def said_symptom(code: str) -> str:
    """Return a symptom in the reader's language, or nothing when no repair is open."""
    found = symptom(code)
    return found.label if found else ""


def failed_words(event: Event | None) -> str:
    """Return why the courier's last visit failed."""
    return str(WHY_NOT_EMPTIED.get(event.facts["reason"], "")) if event else ""


def _line(row: Boxed, by: Actor, signal: Signal | None = None) -> Line:
    owner = row.owner if by.may(Permission.SEE_PEOPLE, row.site_id) else ""
    return Line(row, said_symptom(row.symptom), owner, signal)


def _ready(request: FirstbellRequest) -> dict[str, Any]:
    sites = list(with_calendar(sites_of(request.actor, Permission.SHIP).filter(kind=Site.Kind.SCHOOL)))
    answers, rows = plan(QUESTIONS), in_boxes(sites)
    failed = latest_about("flows.visit_failed", "place", {row.place_id for row in rows})
    stands = {row.site.pk: row for row in standings(Reach(tuple(sites)), answers, request.at)}
    schools = [_school_box(request, stands[site.pk], rows, answers, failed) for site in sites]
    return {
        "schools": schools,
        "several": len(schools) >= SEVERAL,
        "total": len(rows),
        "own_bench": any(answers.says(REPAIR_WHERE, site.pk) == "school" for site in sites),
    }


def _school_box(
    request: FirstbellRequest, standing: Standing, rows: list[Boxed], answers: Plan, failed: dict[int, Event]
) -> SchoolBox:
    site = standing.site
    mine = [row for row in rows if row.site_id == site.pk]
    lines = [_line(row, request.actor, pickup_signal(site, row.since, answers, request.at)) for row in mine]
    visit = next((failed[row.place_id] for row in mine if row.place_id in failed), None)
    return SchoolBox(
        site=site,
        lines=lines,
        box=mine[0].place_code if mine else "",
        standing=standing,
        coming=coming(standing, answers, request.at),
        ahead=forecast_said(standing, request.at),
        kinds=kinds_said(standing.boxed),
        failed=failed_words(visit),
        failed_at=visit.happened_at if visit else None,
        op=str(new_operation()),
    )


def _run(request: FirstbellRequest) -> dict[str, Any]:
    """Return the courier's schools, in the order of names."""
    reach = sites_of(request.actor, Permission.TRANSPORT).filter(kind=Site.Kind.SCHOOL)
    loads = to_carry(reach, by=request.actor)
    wanted = with_calendar(reach.filter(pk__in={load.site_id for load in loads})).order_by("name", "pk")
    answers = plan(QUESTIONS)
    stops = [_stop(site, [load for load in loads if load.site_id == site.pk], answers, request.at) for site in wanted]
    return {
        "stops": stops,
        "mine": run_of_driver(by=request.actor),
        "fetch": sum(load.count for load in loads if load.what == "box"),
        "bring": sum(load.count for load in loads if load.what == "shipment"),
        "pack": sum(load.count for load in loads if load.what == "packing"),
    }


def _stop(site: Site, loads: list[Load], answers: Plan, at: datetime) -> Stop:
    boxes = [load for load in loads if load.what == "box"]
    return Stop(
        site=site,
        boxes=boxes,
        signal=pickup_signal(site, boxes[0].since, answers, at) if boxes else None,
        shipments=[load for load in loads if load.what == "shipment"],
        to_pack=sum(load.count for load in loads if load.what == "packing"),
        next_visit=next_visit(site, answers, at),
        today=comes_today(site, answers, at),
    )


def _box(request: FirstbellRequest, code: str) -> Place:
    """Return a pick-up box whose devices the reader may carry; anybody else learns nothing."""
    rows = Place.objects.select_related("site").filter(code=code.upper(), kind=Place.Kind.PICKUP_BOX)
    place = rows.filter(closed_at__isnull=True).first()
    carry = (Permission.SHIP, Permission.TRANSPORT)
    if place is None or not any(request.actor.may(permission, place.site_id) for permission in carry):
        raise Missing("Place")
    return place


def pickup_box(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show a box as the courier finds it after scanning it."""
    return _show_box(request, _box(request, code))


def _show_box(request: FirstbellRequest, place: Place, refusal: Refused | None = None) -> HttpResponse:
    rows = in_boxes([place.site], place_id=place.pk)
    chosen = set(request.POST.getlist("device")) if refusal else None
    visit = latest_about("flows.visit_failed", "place", [place.pk]).get(place.pk)
    context = {
        "place": place,
        "lines": [(_line(row, request.actor), chosen is None or str(row.device_id) in chosen) for row in rows],
        "count": len(rows),
        "reasons": [{"value": key, "label": words} for key, words in WHY_NOT_EMPTIED.items()],
        "failed": failed_words(visit),
        "failed_at": visit.happened_at if visit else None,
        "refusal": told(refusal),
        "op": new_operation(),
        "other_op": new_operation(),
    }
    return render(request, "depot/box.html", context, status=status_of(refusal))


@require_POST
def departure(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take what is ticked to the depot. With everything ticked the whole box goes, as it is now."""
    place, act = _box(request, code), act_of(request)
    chosen = tuple(sorted(pk for pk in map(whole, request.POST.getlist("device")) if pk))
    only = None if str(len(chosen)) == request.POST.get("shown") else chosen
    sent: list[Shipment] = []
    refusal = attempt(lambda: sent.append(empty_box(place_id=place.pk, only=only, **act)))
    if refusal:
        return _show_box(request, place, refusal)
    count = sent[0].items.count()
    said = ngettext("%(n)d device is on its way.", "%(n)d devices are on their way.", count) % {"n": count}
    messages.success(request, said)
    return redirect("shipment", sent[0].code)


@require_POST
def failed_visit(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note that the box could not be emptied; everything stays where it is."""
    place, act = _box(request, code), act_of(request)
    reason = request.POST.get("reason", "")
    refusal = attempt(lambda: note_failed_visit(place_id=place.pk, reason=reason, **act))
    if refusal:
        return _show_box(request, place, refusal)
    messages.success(request, _("Noted: {why}. The school sees it too.").format(why=WHY_NOT_EMPTIED[reason]))
    return redirect("pickups")
