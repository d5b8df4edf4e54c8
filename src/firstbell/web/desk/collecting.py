"""Collecting devices at the end of the year: one page that is scanned into, and the list of who has not returned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.devices.models import Custody, Device
from firstbell.devices.queries import by_code
from firstbell.directory.models import Person, Place
from firstbell.directory.queries import sites_of
from firstbell.flows.collect import collect
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.seasons.actions import start_collecting, stop_collecting
from firstbell.seasons.models import Collected, Collection
from firstbell.seasons.queries import still_out, tally
from firstbell.tickets.triage import symptom
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.desk.devices import offered_symptoms
from firstbell.web.desk.finding import code_in
from firstbell.web.desk.words import device_address, grade_of, name_of, site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

BY_NAME = (Column("person__family_name", str), Column("person__given_name", str), Column("pk", int))
LATEST = (Column("opened_at", datetime.fromisoformat, down=True), Column("pk", int, down=True))
NEWEST = 8
PAGE = 50


def collecting(request: FirstbellRequest) -> HttpResponse:
    """Show what is collected now, what was, and the form to begin."""
    return _show_all(request)


def _sheet(asked: Asked) -> Sheet[Collection]:
    rows = Collection.objects.visible_to(asked.by).select_related("site", "place")
    return Sheet(ALL, Lines(rows, LATEST, list))


ALL: tuple[Field[Collection], ...] = (
    Field(gettext_lazy("School"), lambda row: row.site.name),
    Field(gettext_lazy("Where the devices go"), lambda row: row.place.name),
    Field(gettext_lazy("Grades"), lambda row: ", ".join(row.grades)),
    Field(gettext_lazy("Began"), lambda row: site_time(row.opened_at, row.site), Sort.MOMENT),
    Field(gettext_lazy("Last day"), lambda row: row.until, Sort.DAY),
    Field(gettext_lazy("Closed"), lambda row: site_time(row.closed_at, row.site), Sort.MOMENT),
)
LISTING = listing("collecting", gettext_lazy("Collect devices"), "collecting", _sheet)


def _show_all(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    sites = sites_of(request.actor, Permission.LEND)
    rows = Collection.objects.visible_to(request.actor).select_related("site", "place")
    busy = rows.filter(closed_at=None).values("site_id")
    places = Place.objects.filter(site__in=sites.exclude(pk__in=busy), closed_at=None, kind__in=_WHERE)
    context: dict[str, Any] = {
        "open": rows.filter(closed_at=None).order_by("site__name")[:PAGE],
        "ended": rows.exclude(closed_at=None).order_by("-closed_at")[:PAGE],
        "places": places.select_related("site").order_by("site__name", "name")[:400],
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/collecting.html", context, status=status_of(refusal))


_WHERE = (Place.Kind.STORE, Place.Kind.CART, Place.Kind.DESK, Place.Kind.ROOM)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("no_day", _("Choose the last day.")) from error


@require_POST
def start(request: FirstbellRequest) -> HttpResponse:
    """Begin to collect."""
    grades = tuple(sorted({word[:12] for word in request.POST.get("grades", "").replace(",", " ").split()}))
    made: list[Collection] = []

    def doing() -> None:
        made.append(
            start_collecting(
                place_id=whole(request.POST.get("place")) or 0,
                until=_day(request.POST.get("until", "")),
                grades=grades,
                chargers="chargers" in request.POST,
                **act_of(request),
            )
        )

    refusal = attempt(doing)
    return _show_all(request, refusal) if refusal else HttpResponseRedirect(_address(made[0]))


def _address(collection: Collection) -> str:
    return reverse("collection", args=[collection.pk])


def _collection(by: Actor, pk: int | None) -> Collection:
    return one(Collection.objects.visible_to(by).select_related("site", "place"), pk=pk)


def collection_page(request: FirstbellRequest, collection: int) -> HttpResponse:
    """Show a collection under way: scan into it."""
    return _show(request, _collection(request.actor, collection))


def _show(request: FirstbellRequest, collection: Collection, refusal: Refused | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "collection": collection,
        "tally": tally(collection),
        "lines": list(_newest(request, collection)),
        "symptoms": offered_symptoms(),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    part = request.headers.get("HX-Request")
    name = "desk/parts/collecting.html" if part else "desk/collection.html"
    return render(request, name, context, status=status_of(refusal))


def _newest(request: FirstbellRequest, collection: Collection) -> Iterator[dict[str, Any]]:
    rows = Collected.objects.visible_to(request.actor).filter(collection=collection).order_by("-at", "-pk")
    for row in rows.select_related("device__model", "person")[:NEWEST]:
        found = symptom(row.damage)
        yield {
            "row": row,
            "url": device_address(row.device),
            "who": name_of(row.person, request.actor),
            "damage": found.label if found else "",
        }


@require_POST
def collect_device(request: FirstbellRequest, collection: int) -> HttpResponse:
    """Collect what was scanned; or add to one that was collected: damage, a charger that is missing or here."""
    here = _collection(request.actor, collection)
    refusal = attempt(lambda: _collect(request))
    if refusal or request.headers.get("HX-Request"):
        return _show(request, here, refusal)
    return HttpResponseRedirect(_address(here))


def _collect(request: FirstbellRequest) -> None:
    act = act_of(request)
    text = request.POST.get("code", "").strip()[:200]
    device = by_code(code_in(text), by=request.actor) if text else None
    if device is None:
        raise Refused("code_unknown", _("No device with the code “{text}” is in your reach."), text=text, tag=text)
    collect(device_id=device.pk, damage=request.POST.get("damage", ""), charger=request.POST.get("charger", ""), **act)


@require_POST
def stop(request: FirstbellRequest, collection: int) -> HttpResponse:
    """End a collection."""
    here = _collection(request.actor, collection)
    refusal = attempt(lambda: stop_collecting(collection_id=here.pk, **act_of(request)))
    if refusal:
        return _show(request, here, refusal)
    messages.success(request, _("The collection is closed. Who has not returned is on its list."))
    return HttpResponseRedirect(reverse("collection_missing", args=[here.pk]))


@dataclass(frozen=True)
class Line:
    """One device that is still out, and with whom."""

    row: Custody
    person: Person
    url: str
    who: str
    grade: str


def missing(request: FirstbellRequest, collection: int) -> HttpResponse:
    """Show who has not returned, by name."""
    here = _collection(request.actor, collection)
    page, found = _lines(here, request.actor).page(request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "collection": here,
        "count": still_out(here).count(),
        "lines": found,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
    }
    return render(request, "desk/collection_missing.html", context)


def _lines(collection: Collection, by: Actor) -> Lines[Custody, Line]:
    return Lines(still_out(collection), BY_NAME, lambda rows: [_line(row, by) for row in rows])


def _line(row: Custody, by: Actor) -> Line:
    if row.person is None:
        raise Missing("Person")
    return Line(row, row.person, device_address(row.device), name_of(row.person, by), grade_of(row.person))


def _missing_sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(_collection(asked.by, whole(asked.about["collection"])), asked.by))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Name"), lambda line: line.who, Sort.PERSON),
    Field(gettext_lazy("Number"), lambda line: line.person.local_number, Sort.PERSON),
    Field(gettext_lazy("Grade"), lambda line: line.person.grade, Sort.PERSON),
    Field(gettext_lazy("Device"), lambda line: line.row.device.tag),
    Field(gettext_lazy("Model"), lambda line: str(line.row.device.model)),
    Field(gettext_lazy("Status"), lambda line: Device.Status(line.row.device.status).label),
    Field(gettext_lazy("Since"), lambda line: site_time(line.row.since, line.row.site), Sort.MOMENT),
)
MISSING = listing("collection_missing", gettext_lazy("Who has not returned"), "collection_missing", _missing_sheet)
