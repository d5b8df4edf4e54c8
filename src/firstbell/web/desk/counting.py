"""A count while it goes on: its rooms with their figures, and the page of one room to scan in."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from firstbell.connectors.check_ins import NotAList, read_check_ins
from firstbell.counts.actions import count_by_number, count_device, count_stranger, credit_check_ins, reconcile
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import NOWHERE, Tally, by_place, counters, counts, lines_in, sources, tally
from firstbell.devices.queries import by_code
from firstbell.directory.models import Place
from firstbell.directory.queries import place_by_code
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.desk.finding import code_in
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

ROOMS = 100
LINES = 300
LARGEST_LIST = 30_000_000
"""Bytes of a list of check-ins that are read at most."""


@dataclass(frozen=True)
class Room:
    """One place of a count with its figures; without a place: what people have whose room is not known."""

    place: Place | None
    tally: Tally

    @property
    def done(self) -> bool:
        """Everything expected here was seen."""
        return not self.tally.missing


def count_of(by: Actor, code: str, permission: Permission = Permission.SEE_DEVICES) -> Count:
    """Return a count in reach, or raise Missing."""
    return one(counts(by=by).visible_to(by, permission), code=code.upper())


def page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show how far a count is, room by room, and who is counting."""
    return _show(request, count_of(request.actor, code))


def _show(request: FirstbellRequest, count: Count, refusal: Refused | None = None) -> HttpResponse:
    rooms, start = _rooms(count), whole(request.GET.get("from")) or 0
    people = counters(count)
    context: dict[str, Any] = {
        "count": count,
        "tally": tally(count),
        "rooms": rooms[start : start + ROOMS],
        "later": f"?from={start + ROOMS}" if start + ROOMS < len(rooms) else "",
        "earlier": "?" if start else "",
        "rooms_done": sum(room.done for room in rooms),
        "rooms_all": len(rooms),
        "people": people,
        "sources": [(source.label, number) for source, number in sources(count)],
        "under_way": count.status != Count.Status.CERTIFIED,
        "may_count": request.actor.may(Permission.COUNT, count.site_id),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/count.html", context, status=status_of(refusal))


def _rooms(count: Count) -> list[Room]:
    """Return the rooms with something left first, by name; what has no room comes last."""
    figures = by_place(count)
    places = Place.objects.select_related("site").in_bulk([pk for pk in figures if pk != NOWHERE])
    known = [Room(place, figures[pk]) for pk, place in places.items()]
    known.sort(key=lambda room: (room.done, str(room.place.site if room.place else ""), str(room.place)))
    return [*known, Room(None, figures[NOWHERE])] if NOWHERE in figures else known


def room_page(request: FirstbellRequest, code: str, room: str) -> HttpResponse:
    """Show one room: the field for the scans, and what should be here."""
    return _show_room(request, count_of(request.actor, code), _place(room))


def _place(room: str) -> Place:
    place = place_by_code(code_in(room))
    if place is None:
        raise Missing("Place")
    return place


def _show_room(
    request: FirstbellRequest, count: Count, place: Place, refusal: Refused | None = None, stranger: str = ""
) -> HttpResponse:
    if not request.actor.may(Permission.SEE_DEVICES, place.site_id):
        raise Missing("Place")
    rows = list(lines_in(count, place).order_by("seen_at", "device__tag")[: LINES + 1])
    context: dict[str, Any] = {
        "count": count,
        "place": place,
        "missing": [row for row in rows if row.seen_at is None],
        "seen": [_seen(row, place) for row in reversed(rows) if row.seen_at is not None],
        "expected": sum(row.expected and row.place_id in {place.pk, None} for row in rows),
        "more": len(rows) > LINES,
        "under_way": count.status != Count.Status.CERTIFIED,
        "may_count": request.actor.may(Permission.COUNT, count.site_id),
        "refusal": told(refusal),
        "stranger": stranger,
        "op": new_operation(),
    }
    return render(request, "desk/count_room.html", context, status=status_of(refusal))


def _seen(line: CountLine, place: Place) -> dict[str, Any]:
    kind, words = verdict(line, place)
    return {"line": line, "kind": kind, "words": words, "source": CountLine.Source(line.source).label}


def verdict(line: CountLine, place: Place | None = None) -> tuple[str, str]:
    """Return signal and words for what a count says of a line, as seen from a place."""
    state = getattr(line, "state", "")
    if state == "unexpected":
        return "late", _("not expected anywhere in this count")
    if state == "misplaced":
        if place is not None and line.place_id == place.pk:
            return "soon", _("found in {place}").format(place=line.seen_place)
        return "soon", _("belongs in {place}").format(place=line.place)
    if state == "missing":
        return "late", _("not seen")
    return "fine", _("as expected")


@require_POST
def scan(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take one scan: a room's code leads to the room, a device's code counts it there."""
    count = count_of(request.actor, code, Permission.COUNT)
    text = code_in(request.POST.get("code", "")).strip()[:64]
    found = place_by_code(text) if text else None
    if found:
        return HttpResponseRedirect(_room_address(count, found))
    room = request.POST.get("room", "")
    if not room:
        first = Refused("room_first", _("Scan the code of the room first, then the devices in it."))
        return _show(request, count, first)
    return _take(request, count, _place(room), text)


def _take(request: FirstbellRequest, count: Count, place: Place, text: str) -> HttpResponse:
    act, strange = act_of(request), bool(request.POST.get("stranger"))
    device = by_code(text, by=request.actor) if text else None
    if device:
        refusal = attempt(lambda: count_device(count_id=count.pk, device_id=device.pk, place_id=place.pk, **act))
    elif strange:
        refusal = attempt(lambda: count_stranger(count_id=count.pk, code=text, place_id=place.pk, **act))
    else:
        refusal = Refused("unknown_code", _("No device within your reach has the code {code}."), code=text)
    if refusal:
        return _show_room(request, count, place, refusal, text if refusal.code == "unknown_code" else "")
    return HttpResponseRedirect(_room_address(count, place))


def _room_address(count: Count, place: Place) -> str:
    return reverse("count_room", args=[count.code, place.code])


@require_POST
def number(request: FirstbellRequest, code: str) -> HttpResponse:
    """Count a sealed storage place by its number."""
    count, told_number = count_of(request.actor, code, Permission.COUNT), whole(request.POST.get("number"))
    act, seal = act_of(request), request.POST.get("seal", "")
    refusal = attempt(lambda: count_by_number(count_id=count.pk, number=told_number or 0, seal=seal, **act))
    if refusal:
        return _show(request, count, refusal)
    messages.success(request, _("All of it is there. Certify the count, and it is done."))
    return HttpResponseRedirect(reverse("count", args=[count.code]))


@require_POST
def check_ins(request: FirstbellRequest, code: str) -> HttpResponse:
    """Credit what device management has heard from since the count began."""
    count, before = count_of(request.actor, code, Permission.COUNT), 0
    before = tally(count).missing
    refusal = attempt(lambda: _credit(request, count))
    if refusal:
        return _show(request, count, refusal)
    credited = before - tally(count).missing
    said = ngettext("{n} device counts as seen now.", "{n} devices count as seen now.", credited)
    messages.success(request, said.format(n=credited))
    return HttpResponseRedirect(reverse("count", args=[count.code]))


def _credit(request: FirstbellRequest, count: Count) -> None:
    act, file = act_of(request), request.FILES.get("list")
    if file is None or (file.size or 0) > LARGEST_LIST:
        raise Refused("no_list", _("Choose the list as a CSV file of at most 30 MB."))
    try:
        heard = read_check_ins(file.read().decode("utf-8", errors="replace"))
    except NotAList as error:
        sentence = _("This list needs a column with the serial number and one with the last check-in.")
        raise Refused("not_a_list", sentence) from error
    credit_check_ins(count_id=count.pk, check_ins=tuple(heard), **act)


@require_POST
def finish(request: FirstbellRequest, code: str) -> HttpResponse:
    """End the scanning and go to the differences."""
    count = count_of(request.actor, code, Permission.COUNT)
    refusal = attempt(lambda: reconcile(count_id=count.pk, **act_of(request)))
    if refusal:
        return _show(request, count, refusal)
    return HttpResponseRedirect(reverse("count_differences", args=[count.code]))
