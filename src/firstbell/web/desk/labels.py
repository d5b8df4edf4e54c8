"""Label sheets: choose what, choose the sheet, print. How a printer is off is kept in this browser."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.connectors.papers.labels import Placing, label_pdf, outline_pdf
from firstbell.connectors.papers.sheets import Sheet, sheets
from firstbell.directory.actions import make_badges
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.desk import chosen
from firstbell.web.desk.chosen import Asked
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper
from firstbell.web.refusing import attempt, status_of, told

COOKIE = "labels"
YEAR = 365 * 24 * 3600
FARTHEST = 15.0
"""Millimetres that a printer may be off; more is a wrong sheet."""
KINDS = (("places", gettext_lazy("Places")), ("devices", gettext_lazy("Devices")), ("people", gettext_lazy("Badges")))


@dataclass(frozen=True)
class Printer:
    """What this browser's printer needs: the sheet in its tray and how far it prints off, in millimetres."""

    sheet: str = "5160"
    right: float = 0.0
    down: float = 0.0


def _millimetres(text: object) -> float:
    try:
        value = round(float(str(text).replace(",", ".")), 1)
    except ValueError:
        return 0.0
    return max(-FARTHEST, min(FARTHEST, value)) if value == value else 0.0  # noqa: PLR0124 -- NaN is not itself


def _kept(request: HttpRequest) -> Printer:
    """Read the cookie; whatever else stands in it counts as nothing."""
    try:
        said = json.loads(request.COOKIES.get(COOKIE, "{}"))
    except ValueError:
        return Printer()
    return _printer(said) if isinstance(said, dict) else Printer()


def _printer(said: dict[str, Any] | QueryDict) -> Printer:
    part = str(said.get("sheet", ""))
    known = part if part in sheets() else Printer.sheet
    return Printer(known, _millimetres(said.get("right", 0)), _millimetres(said.get("down", 0)))


def labels(request: FirstbellRequest) -> HttpResponse:
    """Choose what to print."""
    return _show(request, request.GET, _kept(request))


def _show(request: FirstbellRequest, said: QueryDict, printer: Printer, refusal: Refused | None = None) -> HttpResponse:
    asked = chosen.read(said)
    found, sheet = chosen.count(asked, request.actor), sheets()[printer.sheet]
    context = {
        "asked": asked,
        "found": min(found, chosen.MOST),
        "more": found > chosen.MOST,
        "most": chosen.MOST,
        "pages": -(-min(found, chosen.MOST) // sheet.count),
        "printer": printer,
        "first": whole(said.get("first")) or 1,
        "sheets": [(row, _named(row)) for row in sheets().values()],
        "kinds": [
            {"label": label, "url": f"?what={what}", "current": what == asked.what} for what, label in _kinds(request)
        ],
        "sites": sites_of(request.actor, Permission.MOVE_DEVICES),
        "homerooms": chosen.homerooms(asked, request.actor),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/labels.html", context, status=status_of(refusal))


def _kinds(request: FirstbellRequest) -> list[tuple[str, Any]]:
    return [row for row in KINDS if row[0] != "people" or request.actor.may(Permission.SEE_PEOPLE)]


def _named(sheet: Sheet) -> str:
    size = f"{sheet.width:.1f} × {sheet.height:.1f} mm"
    named = _("Avery {part}: {count} a sheet, {size}").format(part=sheet.part, count=sheet.count, size=size)
    return named if sheet.sure else _("{sheet} (try the outlines first)").format(sheet=named)


@require_POST
def label_sheet(request: FirstbellRequest) -> HttpResponse:
    """Make the PDF. Badges get their codes now; who has one keeps it, so that printing again changes nothing."""
    asked, printer = chosen.read(request.POST), _printer(request.POST)
    act = act_of(request)
    placing = Placing(whole(request.POST.get("first")) or 1, printer.right, printer.down)
    sheet = sheets()[printer.sheet]
    if request.POST.get("outlines"):
        return _keeping(paper(outline_pdf(sheet, placing), f"outlines-{sheet.part}"), printer)
    refusal = _prepare(asked, request, act)
    if refusal:
        return _show(request, request.POST, printer, refusal)
    content = label_pdf(chosen.labels(asked, request, request.actor), sheet, replace(placing))
    return _keeping(paper(content, f"labels-{asked.what}-{sheet.part}"), printer)


def _prepare(asked: Asked, request: FirstbellRequest, act: dict[str, Any]) -> Refused | None:
    found = chosen.count(asked, request.actor)
    if not found:
        return Refused("nothing_chosen", _("Nothing fits, so there is nothing to print. Choose other words."))
    if found > chosen.MOST:
        return Refused(
            "too_many_labels",
            _("That is more than {most} labels at once. Choose a school, or a part of the tags."),
            most=chosen.MOST,
        )
    if asked.what != "people":
        return None
    rows = chosen.people(asked, request.actor).filter(badge__isnull=True)
    return attempt(lambda: make_badges(person_ids=sorted(rows.values_list("pk", flat=True)), **act))


def _keeping(answer: HttpResponse, printer: Printer) -> HttpResponse:
    answer.set_cookie(COOKIE, json.dumps(asdict(printer)), max_age=YEAR, path="/labels", httponly=True, samesite="Lax")
    return answer
