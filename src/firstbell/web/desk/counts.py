"""The list of counts, and opening one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from random import SystemRandom
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.counts.actions import Scope, open_count
from firstbell.counts.models import Count
from firstbell.counts.queries import Tally, counts, tallies
from firstbell.devices.models import DeviceModel
from firstbell.directory.models import Place
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

NEWEST = (Column("opened_at", datetime.fromisoformat, down=True), Column("pk", int, down=True))
USUAL_DAYS = 14
MOST_PLACES = 400
SURE = ("0.90", "0.95", "0.99")
WRONG = ("0.01", "0.02", "0.05")


@dataclass(frozen=True)
class Line:
    """One count with its figures: as they are now, or as they were certified."""

    count: Count
    tally: Tally
    late: bool

    @property
    def percent(self) -> int:
        """How much of the expected was seen."""
        return 100 * self.tally.seen // self.tally.expected if self.tally.expected else 0


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the counts in reach, newest first."""
    found, lines = _lines(asked_by(request)).page(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "lines": lines,
        "may_open": request.actor.may(Permission.COUNT),
        "later": found.next_address(request.GET),
        "earlier": found.first_address(request.GET),
    }
    return render(request, "desk/counts.html", context)


def _lines(asked: Asked) -> Lines[Count, Line]:
    return Lines(counts(by=asked.by), NEWEST, partial(_said, asked))


def _said(asked: Asked, rows: list[Count]) -> list[Line]:
    figures = tallies([row.pk for row in rows if row.status != Count.Status.CERTIFIED])
    return [_line(row, figures, asked.at.date()) for row in rows]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Count"), lambda line: line.count.name),
    Field(gettext_lazy("Code"), lambda line: line.count.code),
    Field(gettext_lazy("What is counted"), lambda line: Count.Scope(line.count.scope).label),
    Field(gettext_lazy("School"), lambda line: line.count.site.name if line.count.site else ""),
    Field(gettext_lazy("State"), lambda line: Count.Status(line.count.status).label),
    Field(gettext_lazy("Expected"), lambda line: line.tally.expected, Sort.NUMBER),
    Field(gettext_lazy("Seen"), lambda line: line.tally.seen, Sort.NUMBER),
    Field(gettext_lazy("Missing"), lambda line: line.tally.missing, Sort.NUMBER),
    Field(gettext_lazy("Due"), lambda line: line.count.due_on, Sort.DAY),
)
LISTING = listing("counts", gettext_lazy("Counts"), "counts", _sheet)


def _line(count: Count, figures: dict[int, Tally], today: date) -> Line:
    certified = count.status == Count.Status.CERTIFIED
    frozen = Tally(expected=count.expected, in_place=count.in_place or 0, missing=count.missing or 0)
    now = frozen if certified else figures.get(count.pk, Tally())
    return Line(count, now, not certified and count.due_on < today)


def new(request: FirstbellRequest) -> HttpResponse:
    """Show the form: everything at one's school, unless something else is chosen."""
    return _form(request)


def _form(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    sites = list(sites_of(request.actor, Permission.COUNT))
    chosen = whole(request.POST.get("site") or request.GET.get("site")) or (sites[0].pk if len(sites) == 1 else None)
    rooms = Place.objects.filter(site_id=chosen, closed_at__isnull=True) if chosen else Place.objects.none()
    context: dict[str, Any] = {
        "sites": sites,
        "site": chosen,
        "district": request.actor.sites(Permission.COUNT) is None,
        "places": rooms.filter(site__in=sites).order_by("name")[:MOST_PLACES],
        "models": DeviceModel.objects.order_by("manufacturer", "name")[:MOST_PLACES],
        "kinds": Count.Scope.choices,
        "sure": SURE,
        "wrong": WRONG,
        "typed": request.POST,
        "chosen_places": request.POST.getlist("places"),
        "chosen_models": request.POST.getlist("models"),
        "name": request.POST.get("name") or _("Count of {day}").format(day=date_format(request.at, "DATE_FORMAT")),
        "due": request.POST.get("due") or (request.at.date() + timedelta(days=USUAL_DAYS)).isoformat(),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/count_new.html", context, status=status_of(refusal))


@require_POST
def make(request: FirstbellRequest) -> HttpResponse:
    """Open a count and go to it."""
    opened: list[Count] = []
    refusal = attempt(lambda: opened.append(_open(request)))
    if refusal:
        return _form(request, refusal)
    return HttpResponseRedirect(reverse("count", args=[opened[0].code]))


def _open(request: FirstbellRequest) -> Count:
    return open_count(
        name=request.POST.get("name", "")[:120],
        scope=_scope(request),
        due_on=day_in(request.POST.get("due", "")),
        rehearsal="rehearsal" in request.POST,
        **act_of(request),
    )


def day_in(text: str) -> date:
    """Return the day in a form field; raises Refused when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("no_day", _("Enter the day by which it is due.")) from error


def _scope(request: FirstbellRequest) -> Scope:
    kind, asked = request.POST.get("scope", ""), request.POST
    if kind not in Count.Scope.values:
        raise Refused("no_scope", _("Choose what is counted."))
    wanted = Count.Scope(kind)
    placed = wanted in {Count.Scope.PLACES, Count.Scope.STORE}
    return Scope(
        kind=wanted,
        site_id=whole(asked.get("site")),
        place_ids=_numbers(asked.getlist("places")) if placed else (),
        model_ids=_numbers(asked.getlist("models")) if wanted == Count.Scope.MODELS else (),
        confidence=_share(asked.get("sure", ""), SURE),
        max_rate=_share(asked.get("wrong", ""), WRONG),
        seed=SystemRandom().randrange(2**31) if wanted == Count.Scope.SAMPLE else 0,
        seal=asked.get("seal", ""),
    )


def _numbers(texts: list[str]) -> tuple[int, ...]:
    return tuple(number for number in map(whole, texts) if number is not None)


def _share(text: str, offered: tuple[str, ...]) -> float:
    return float(text) if text in offered else float(offered[1])
