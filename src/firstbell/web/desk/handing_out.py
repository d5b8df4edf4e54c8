"""Handing devices out by homeroom: each scan goes to the next on the list; skip and undo are one key."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.devices.queries import by_code
from firstbell.directory.models import ClassGroup, Person
from firstbell.directory.queries import sites_of
from firstbell.flows.handout import give_to_homeroom, undo_turn
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.seasons.actions import skip_student, start_handing_out, stop_handing_out
from firstbell.seasons.models import HandOut
from firstbell.seasons.queries import homerooms, open_hand_out, students_of, turns_of
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.desk.finding import code_in
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Among, Column
from firstbell.web.refusing import attempt, status_of, told

BY_SITE = (Column("site__name", str), Column("title", str), Column("pk", int))
PAGE = 50


def hand_outs(request: FirstbellRequest) -> HttpResponse:
    """Show the homerooms, those under way first to see."""
    page = _homerooms(asked_by(request)).chosen(request.GET.get("after", ""), PAGE)
    context = {
        "rows": page.rows,
        "sites": sites_of(request.actor, Permission.LEND),
        "site": whole(request.GET.get("site")),
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
    }
    return render(request, "desk/hand_outs.html", context)


def _homerooms(asked: Asked) -> Lines[ClassGroup, ClassGroup]:
    site, rows = whole(asked.query.get("site")), homerooms(by=asked.by)
    rows = rows.filter(site_id=site) if site else rows

    def dress(chosen: Among | Q) -> QuerySet[ClassGroup]:
        pupils = Count("enrolments", filter=Q(enrolments__teacher=False), distinct=True)
        under_way = Count("hand_outs", filter=Q(hand_outs__closed_at=None), distinct=True)
        return rows.filter(chosen).annotate(pupils=pupils, under_way=under_way)

    return Lines(rows, BY_SITE, list, dress)


def _sheet(asked: Asked) -> Sheet[ClassGroup]:
    return Sheet(ROOMS, _homerooms(asked))


ROOMS: tuple[Field[ClassGroup], ...] = (
    Field(gettext_lazy("School"), lambda row: row.site.name),
    Field(gettext_lazy("Homeroom"), lambda row: row.title),
    Field(gettext_lazy("Room"), lambda row: row.place.name if row.place else ""),
    Field(gettext_lazy("Students"), lambda row: getattr(row, "pupils", 0), Sort.NUMBER),
    Field(gettext_lazy("Under way"), lambda row: _("yes") if getattr(row, "under_way", 0) else ""),
)
LISTING = listing("hand_outs", gettext_lazy("Hand out by homeroom"), "hand_outs", _sheet)


def _group(by: Actor, pk: int | None) -> ClassGroup:
    found = homerooms(by=by).filter(pk=pk or 0).first()
    if found is None:
        raise Missing("ClassGroup")
    return found


def hand_out_page(request: FirstbellRequest, group: int) -> HttpResponse:
    """Show a homeroom's list: scan the next device."""
    return _show(request, _group(request.actor, group))


def _show(request: FirstbellRequest, group: ClassGroup, refusal: Refused | None = None) -> HttpResponse:
    hand_out = open_hand_out(group.pk)
    lines = list_of(group, hand_out)
    wanted = whole(request.POST.get("for") if refusal else request.GET.get("for"))
    late = next((line for line in lines if line["person"].pk == wanted and line["may_have"]), None)
    current = late or next((line for line in lines if line["state"] == "waits"), None)
    context: dict[str, Any] = {
        "group": group,
        "hand_out": hand_out,
        "lines": lines,
        "next": current["person"] if current else None,
        "late": late is not None,
        "given": sum(line["state"] in {"given", "has"} for line in lines),
        "undo": any(line["turn"] for line in lines),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    part = request.headers.get("HX-Request")
    name = "desk/parts/handing_out.html" if part else "desk/hand_out.html"
    return render(request, name, context, status=status_of(refusal))


def list_of(group: ClassGroup, hand_out: HandOut | None) -> list[dict[str, Any]]:
    """Return a homeroom's students in order, each with their turn and where they stand: waits, given, has, skipped."""
    turns = turns_of(hand_out) if hand_out else {}
    found = []
    for person in students_of(group.pk):
        turn = turns.get(person.pk)
        state = _state(person, given=bool(turn and turn.device_id), had=bool(turn))
        found.append({"person": person, "turn": turn, "state": state, "may_have": state in {"waits", "skipped"}})
    return found


def _state(person: Person, *, given: bool, had: bool) -> str:
    if given:
        return "given"
    if getattr(person, "has_own", False):
        return "has"
    return "skipped" if had else "waits"


def _list_sheet(asked: Asked) -> Sheet[dict[str, Any]]:
    group = _group(asked.by, whole(asked.about["group"]))
    return Sheet(STUDENTS, list_of(group, open_hand_out(group.pk)))


STATES = {
    "given": gettext_lazy("given"),
    "has": gettext_lazy("has their own"),
    "skipped": gettext_lazy("skipped"),
    "waits": gettext_lazy("waits"),
}
STUDENTS: tuple[Field[dict[str, Any]], ...] = (
    Field(gettext_lazy("Student"), lambda line: line["person"].display_name, Sort.PERSON),
    Field(gettext_lazy("State"), lambda line: STATES[line["state"]]),
    Field(gettext_lazy("Device"), lambda line: line["turn"].device.tag if line["state"] == "given" else ""),
)
LIST = listing("hand_out", gettext_lazy("Homeroom"), "hand_out", _list_sheet)


def _answer(request: FirstbellRequest, group: ClassGroup, refusal: Refused | None) -> HttpResponse:
    if refusal or request.headers.get("HX-Request"):
        return _show(request, group, refusal)
    return HttpResponseRedirect(reverse("hand_out", args=[group.pk]))


@require_POST
def start(request: FirstbellRequest, group: int) -> HttpResponse:
    """Open the list."""
    found = _group(request.actor, group)
    chargers = "chargers" in request.POST
    refusal = attempt(lambda: start_handing_out(class_group_id=found.pk, chargers=chargers, **act_of(request)))
    return _answer(request, found, refusal)


@require_POST
def hand_out_device(request: FirstbellRequest, group: int) -> HttpResponse:
    """Give what was scanned to whom the page names, or to the next."""
    found = _group(request.actor, group)
    refusal = attempt(lambda: _give(request, found))
    return _answer(request, found, refusal)


def _give(request: FirstbellRequest, group: ClassGroup) -> None:
    act = act_of(request)
    text = request.POST.get("code", "").strip()[:200]
    device = by_code(code_in(text), by=request.actor) if text else None
    if device is None:
        raise Refused("code_unknown", _("No device with the code “{text}” is in your reach."), text=text, tag=text)
    give_to_homeroom(class_group_id=group.pk, device_id=device.pk, person_id=whole(request.POST.get("for")), **act)


@require_POST
def skip(request: FirstbellRequest, group: int) -> HttpResponse:
    """Skip who is not here."""
    found = _group(request.actor, group)
    hand_out = open_hand_out(found.pk)
    if hand_out is None:
        raise Missing("HandOut")
    person = whole(request.POST.get("person")) or 0
    refusal = attempt(lambda: skip_student(hand_out_id=hand_out.pk, person_id=person, **act_of(request)))
    return _answer(request, found, refusal)


@require_POST
def undo(request: FirstbellRequest, group: int) -> HttpResponse:
    """Take back the last turn."""
    found = _group(request.actor, group)
    refusal = attempt(lambda: undo_turn(class_group_id=found.pk, **act_of(request)))
    return _answer(request, found, refusal)


@require_POST
def stop(request: FirstbellRequest, group: int) -> HttpResponse:
    """Close the list."""
    found = _group(request.actor, group)
    hand_out = open_hand_out(found.pk)
    if hand_out is None:
        raise Missing("HandOut")
    stop_handing_out(hand_out_id=hand_out.pk, **act_of(request))
    messages.success(request, _("{title} is done.").format(title=found.title))
    return HttpResponseRedirect(reverse("hand_outs"))
