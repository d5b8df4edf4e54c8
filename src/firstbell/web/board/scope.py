"""The scope table as pages: from where on each fault may be repaired, since when, and what was repaired against it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.devices.models import DeviceModel
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.parts.models import PartKind
from firstbell.repairs.actions import end_scope, set_scope, set_scope_rows
from firstbell.repairs.fixes import fixes
from firstbell.repairs.models import Bench, ScopeOverride, ScopeRow
from firstbell.repairs.scope import all_rows, named, nearness, overrides, scope_on, uncovered
from firstbell.repairs.usual import USUAL, Line
from firstbell.web.asking import act_of, day_of, new_operation, whole
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

NEWEST = (Column("at", datetime.fromisoformat, down=True), Column("pk", int, down=True))
EVERY = ""
"""What the form says for a row about all devices."""


@dataclass(frozen=True)
class Said:
    """One row in words."""

    row: ScopeRow
    fault: str
    devices: str
    part: str


def _said(row: ScopeRow) -> Said:
    part = str(PartKind.Sort(row.part).label) if row.part in PartKind.Sort.values else row.part
    return Said(row, named(row.fault), devices_said(row), part)


def devices_said(row: ScopeRow) -> str:
    """Return about which devices a row says something."""
    if row.model:
        return str(row.model)
    return str(DeviceModel.Kind(row.kind).label) if row.kind else _("all devices")


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show the table as it is, or as it was on a day."""
    return _show(request)


def _day(asked: Asked) -> date:
    return day_of(asked.query.get("on", "")) or asked.at.date()


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    asked, today = asked_by(request), request.at.date()
    day = _day(asked)
    rows = list(scope_on(day).select_related("set_by", "model"))
    context: dict[str, Any] = {
        "day": day,
        "past": day != today,
        "lines": _lines(rows),
        "silent": uncovered(rows, fixes()) if rows else [],
        "earlier": [_said(row) for row in all_rows() if row.until is not None and row.until <= today],
        "overridden": overrides(by=request.actor).count() if request.actor.may(Permission.SEE_DEVICES) else None,
        "may_set": request.actor.may(Permission.DECIDE),
        "faults": fixes(),
        "devices": _choices(),
        "places": Bench.choices,
        "skills": ScopeRow.Skill.choices,
        "parts": PartKind.Sort.choices,
        "today": today,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "board/repair_scope.html", context, status=status_of(refusal))


def _lines(rows: list[ScopeRow]) -> list[Said]:
    """Return the rows in words, the most frequent fault first, and of one fault the row about all devices."""
    order = {known.code: number for number, known in enumerate(fixes())}
    return [_said(row) for row in sorted(rows, key=lambda row: (order.get(row.fault, len(order)), nearness(row)))]


def _choices() -> list[tuple[str, str]]:
    """Return about which devices a row may be: all, one kind, one model."""
    kinds = [(f"kind:{value}", str(capfirst(label))) for value, label in DeviceModel.Kind.choices]
    models = DeviceModel.objects.order_by("manufacturer", "name")[:200]
    return [(EVERY, _("all devices")), *kinds, *((f"model:{row.pk}", str(row)) for row in models)]


def _sheet(asked: Asked) -> Sheet[Said]:
    return Sheet(FIELDS, [_said(row) for row in scope_on(_day(asked)).select_related("set_by", "model")])


FIELDS: tuple[Field[Said], ...] = (
    Field(gettext_lazy("Fault"), lambda line: line.fault),
    Field(gettext_lazy("Devices"), lambda line: line.devices),
    Field(gettext_lazy("From where on"), lambda line: line.row.place),
    Field(gettext_lazy("Skill"), lambda line: line.row.get_skill_display()),
    Field(gettext_lazy("Part"), lambda line: line.part),
    Field(gettext_lazy("Voids cover"), lambda line: _("yes") if line.row.voids_cover else ""),
    Field(gettext_lazy("Since"), lambda line: line.row.since, Sort.DAY),
    Field(gettext_lazy("Until"), lambda line: line.row.until, Sort.DAY),
    Field(gettext_lazy("Where it comes from"), lambda line: line.row.source),
)
LISTING = listing("repair_scope", gettext_lazy("Repair scope"), "repair_scope", _sheet)


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("repair_scope"))


@require_POST
def set_row(request: FirstbellRequest) -> HttpResponse:
    """Set from where on a fault may be repaired, from a day on."""
    return _do(
        request,
        lambda: set_scope(line=_line(request), since=_since(request, "since"), **act_of(request)),
        _("The row is set. Repairs from that day on are judged by it."),
    )


def _line(request: FirstbellRequest) -> Line:
    sent = request.POST
    sort, _colon, value = sent.get("devices", "").partition(":")
    lowest, part, skill = whole(sent.get("lowest")), sent.get("part", ""), sent.get("skill", "")
    model = DeviceModel.objects.filter(pk=whole(value) or 0).first() if sort == "model" else None
    if sort == "model" and model is None:
        raise Refused("model_unknown", _("Choose the devices that the row is about."))
    return Line(
        fault=sent.get("fault", ""),
        lowest=-1 if lowest is None else lowest,
        skill=skill if skill in ScopeRow.Skill.values else "",
        part=part if part in PartKind.Sort.values else "",
        voids_cover=sent.get("voids") == "1",
        kind=value if sort == "kind" and value in DeviceModel.Kind.values else "",
        model_id=model.pk if model else None,
        source=sent.get("source", "").strip()[:200],
    )


def _since(request: FirstbellRequest, field: str) -> date:
    found = day_of(request.POST.get(field, ""))
    if found is None:
        raise Refused("no_day", _("Say from which day on."))
    return found


@require_POST
def take_usual(request: FirstbellRequest) -> HttpResponse:
    """Take over the rows that other districts were found to have; every one can be changed afterwards."""
    if all_rows().exists():
        return _show(request, Refused("scope_begun", _("The table has rows already. Change them one by one.")))
    return _do(
        request,
        lambda: set_scope_rows(lines=USUAL, since=request.at.date(), **act_of(request)),
        _("These rows are in force from today on. Change what does not fit your district."),
    )


@require_POST
def end_row(request: FirstbellRequest, row: int) -> HttpResponse:
    """End a row: from that day on the table says nothing about its case."""
    return _do(
        request,
        lambda: end_scope(row_id=row, until=_since(request, "until"), **act_of(request)),
        _("From that day on the table says nothing about this case."),
    )


# --- What was repaired against the table ---------------------------------------------------------------------------


def _overridden(asked: Asked) -> Lines[ScopeOverride, ScopeOverride]:
    return Lines(overrides(by=asked.by), NEWEST, list)


def overrides_page(request: FirstbellRequest) -> HttpResponse:
    """Show the repairs that were made against the table, with who said so and why."""
    page_, rows = _overridden(asked_by(request)).page(request.GET.get("after", ""))
    context = {
        "rows": [(row, named(row.fault)) for row in rows],
        "later": page_.next_address(request.GET),
        "earlier": page_.first_address(request.GET),
    }
    return render(request, "board/scope_overrides.html", context)


def _what(row: ScopeOverride) -> str:
    said = [_("outside the scope")] if row.outside else []
    return ", ".join([*said, _("voids cover")] if row.voids_cover else said)


OVERRIDES = listing(
    "scope_overrides",
    gettext_lazy("Repairs against the scope table"),
    "scope_overrides",
    lambda asked: Sheet(OVERRIDE_FIELDS, _overridden(asked)),
)
OVERRIDE_FIELDS: tuple[Field[ScopeOverride], ...] = (
    Field(gettext_lazy("When"), lambda row: site_time(row.at, row.site), Sort.MOMENT),
    Field(gettext_lazy("Device"), lambda row: row.work_order.device.tag),
    Field(gettext_lazy("Model"), lambda row: str(row.work_order.device.model)),
    Field(gettext_lazy("Fault"), lambda row: named(row.fault)),
    Field(gettext_lazy("Site"), lambda row: row.site.name),
    Field(gettext_lazy("What"), _what),
    Field(gettext_lazy("Why"), lambda row: row.reason),
    Field(gettext_lazy("By"), lambda row: str(row.by or "")),
)
