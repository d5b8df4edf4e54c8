"""The ledger as a page: the newest events as sentences, by kind, person, device and day. Names only within reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.devices.models import Device
from firstbell.directory.queries import users_called
from firstbell.kernel.actor import Actor
from firstbell.kernel.identifiers import normalise_tag
from firstbell.ledger.facts import KINDS
from firstbell.ledger.figures import newest
from firstbell.ledger.queries import Event
from firstbell.web.asking import whole
from firstbell.web.history import Line, each
from firstbell.web.lists import Asked, Field, LongList, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest

PAGE = 50
BATCH = 1000


@dataclass(frozen=True)
class Search:
    """What the form asks for. ``known`` is False when it names a device or person that is not there."""

    kinds: list[str] | None
    users: list[int] | None
    device: Device | None
    until: datetime | None
    known: bool


@dataclass(frozen=True)
class Day:
    """The events of one day."""

    day: date
    lines: list[Line]


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the newest events that match, fifty at a time."""
    search = _search(asked_by(request))
    found = _events(search, whole(request.GET.get("before"))) if search.known else []
    rows = found[:PAGE]
    context: dict[str, Any] = {
        "days": _days(each(rows, by=request.actor)),
        "areas": _areas(request.GET.get("kind", "")),
        "asked": request.GET,
        "searched": any(request.GET.get(name) for name in ("kind", "who", "device", "day")),
        "later": _address(request.GET, rows[-1].pk) if len(found) > PAGE else "",
        "earlier": _address(request.GET, None) if request.GET.get("before") else "",
    }
    return render(request, "board/ledger.html", context)


class Events(LongList[Line]):
    """All events that match, newest first, in sentences."""

    def __init__(self, search: Search, by: Actor) -> None:
        self._search = search
        self._by = by

    def __iter__(self) -> Iterator[Line]:
        """Yield them, a batch at a time."""
        before: int | None = None
        while self._search.known and (rows := _events(self._search, before, BATCH)):
            yield from each(rows, by=self._by)
            before = rows[-1].pk

    def more_than(self, number: int) -> bool:
        """Say whether there are more; looks no further than needed."""
        return self._search.known and len(_events(self._search, None, number + 1)) > number


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, Events(_search(asked), asked.by))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("When"), lambda line: timezone.localtime(line.at), Sort.MOMENT),
    Field(gettext_lazy("What happened"), lambda line: line.text),
    Field(gettext_lazy("About"), lambda line: line.note),
    Field(gettext_lazy("Done by"), lambda line: line.by),
)
LISTING = listing("ledger", gettext_lazy("Ledger"), "ledger", _sheet)


def _search(asked: Asked) -> Search:
    query = asked.query
    tag, who = normalise_tag(query.get("device", "")), query.get("who", "").strip()
    device = Device.objects.visible_to(asked.by).filter(tag=tag).first() if tag else None
    called = [user.pk for user in users_called(who)] if who else None
    return Search(
        kinds=_kinds(query.get("kind", "")),
        users=called,
        device=device,
        until=_end_of(query.get("day", "")),
        known=(device is not None or not tag) and called != [],
    )


def _kinds(wanted: str) -> list[str] | None:
    """Return the kinds of an area ("devices") or the one kind that is named."""
    found = sorted(kind for kind in KINDS if kind == wanted or kind.split(".")[0] == wanted)
    return found or None


def _end_of(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    if day is None:
        return None
    start = datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
    return start + timedelta(days=1)


def _events(search: Search, before: int | None, most: int = PAGE + 1) -> Sequence[Event]:
    return newest(
        kinds=search.kinds,
        by_users=search.users,
        subject=("device", search.device.pk) if search.device else None,
        until=search.until,
        before=before,
        limit=most,
    )


def _days(found: list[Line]) -> list[Day]:
    days: dict[date, list[Line]] = {}
    for line in found:
        days.setdefault(timezone.localdate(line.at), []).append(line)
    return [Day(day, told) for day, told in days.items()]


def _area_words() -> dict[str, str]:
    return {
        "counts": _("Counts"),
        "courier": _("Courier"),
        "decisions": _("Plan"),
        "devices": _("Devices"),
        "directory": _("People, places and roles"),
        "fees": _("Charges"),
        "flows": _("Pick-up and return"),
        "incidents": _("Damage and loss"),
        "loans": _("Loaners"),
        "notices": _("Notices"),
        "repairs": _("Repairs"),
        "rounds": _("Rounds"),
        "tickets": _("Tickets"),
    }


def _areas(chosen: str) -> list[dict[str, Any]]:
    areas = sorted({kind.split(".")[0] for kind in KINDS})
    said = _area_words()
    rows = [{"key": area, "label": said.get(area, area), "chosen": area == chosen.partition(".")[0]} for area in areas]
    return sorted(rows, key=lambda row: str(row["label"]))


def _address(asked: QueryDict, before: int | None) -> str:
    query = asked.copy()
    query.pop("before", None)
    if before is not None:
        query["before"] = str(before)
    return f"?{query.urlencode()}"
