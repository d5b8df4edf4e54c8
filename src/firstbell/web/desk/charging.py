"""Charging places of the classrooms: how many there are, how many work, where too few do (S122)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import plan
from firstbell.decisions.register import CHARGING_PLACES
from firstbell.directory.models import Place
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.rounds.actions import count_charging
from firstbell.rounds.models import Charging
from firstbell.rounds.queries import rooms
from firstbell.web.asking import act_of, safe_next, whole
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

FEWEST = (Column("fit", int), Column("site__name", str), Column("name", str), Column("pk", int))
PAGE = 50


@dataclass(frozen=True)
class Room:
    """One classroom: its charging places, if somebody has counted them, and how many the plan asks for."""

    place: Place
    charging: Charging | None
    wanted: int

    @property
    def short(self) -> bool:
        """Say whether fewer work than the plan asks for."""
        return self.charging is not None and self.charging.working < self.wanted


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the rooms in reach, those with fewest working places first."""
    return _show(request)


def _chosen(asked: Asked) -> QuerySet[Place]:
    site = whole(asked.query.get("site"))
    rows = rooms(by=asked.by)
    return rows.filter(site_id=site) if site else rows


def _lines(asked: Asked) -> Lines[Place, Room]:
    return Lines(_chosen(asked).annotate(fit=Coalesce(F("charging__working"), -1)), FEWEST, partial(_told, asked))


def _told(_asked: Asked, rows: list[Place]) -> list[Room]:
    answers = plan([CHARGING_PLACES.key])
    return [Room(row, getattr(row, "charging", None), answers.says(CHARGING_PLACES, row.site_id)) for row in rows]


def _sheet(asked: Asked) -> Sheet[Room]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Room], ...] = (
    Field(gettext_lazy("School"), lambda row: row.place.site.name),
    Field(gettext_lazy("Room"), lambda row: row.place.name),
    Field(gettext_lazy("Charging places"), lambda row: row.charging.places if row.charging else None, Sort.NUMBER),
    Field(gettext_lazy("Working"), lambda row: row.charging.working if row.charging else None, Sort.NUMBER),
    Field(gettext_lazy("Asked for by the plan"), lambda row: row.wanted, Sort.NUMBER),
    Field(gettext_lazy("Looked at"), lambda row: row.charging.checked_at if row.charging else None, Sort.MOMENT),
)
LISTING = listing("charging", gettext_lazy("Charging places"), "charging", _sheet)


def _covered(asked: Asked) -> dict[str, int]:
    """Return how many rooms there are, how many were counted, and in how many enough places work."""
    rows = _told(asked, list(_chosen(asked)))
    counted = sum(row.charging is not None for row in rows)
    covered = sum(row.charging is not None and not row.short for row in rows)
    return {
        "rooms": len(rows),
        "counted": counted,
        "covered": covered,
        "share": 100 * covered // len(rows) if rows else 0,
    }


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    asked = asked_by(request)
    found, lines = _lines(asked).page(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "lines": lines,
        "figures": _covered(asked),
        "sites": sites_of(request.actor, Permission.MOVE_DEVICES),
        "site": whole(request.GET.get("site")),
        "later": found.next_address(request.GET),
        "earlier": found.first_address(request.GET),
        "here": request.get_full_path(),
        "refusal": told(refusal),
    }
    return render(request, "desk/charging.html", context, status=status_of(refusal))


@require_POST
def count(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note how many charging places a room has and how many work."""
    place = rooms(by=request.actor).filter(code=code.upper()).first()
    if place is None:
        raise Missing("Place")
    refusal = attempt(
        lambda: count_charging(
            place_id=place.pk, places=_number(request, "places"), working=_number(request, "working"), **act_of(request)
        )
    )
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("{room}: noted.").format(room=place.name))
    return HttpResponseRedirect(safe_next(request, reverse("charging")))


def _number(request: FirstbellRequest, field: str) -> int:
    found = whole(request.POST.get(field))
    return -1 if found is None else found
