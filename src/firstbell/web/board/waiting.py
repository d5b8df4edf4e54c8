"""What waits where: each school's pick-up boxes, the next visit, and how much will wait by then."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.decisions.queries import plan
from firstbell.decisions.register import PICKUP_RULE
from firstbell.kernel.roles import Permission
from firstbell.measures.reach import reach_of
from firstbell.measures.waiting import Standing, standings
from firstbell.web.depot.due import Signal, signal_of
from firstbell.web.depot.words import kinds_said
from firstbell.web.desk.words import local_day, said_day, site_time
from firstbell.web.lists import Asked, Field, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest


@dataclass(frozen=True)
class Line:
    """One school in words."""

    row: Standing
    kinds: str
    visit: str
    visit_on: date | None
    rule: str
    rate: str
    signal: Signal | None


def page(request: FirstbellRequest) -> HttpResponse:
    """Show every school in reach, the longest waiting first."""
    lines = _lines(asked_by(request))
    context: dict[str, Any] = {
        "lines": lines,
        "total": sum(line.row.count for line in lines),
        "schools": sum(line.row.count > 0 for line in lines),
        "late": sum(line.signal is not None and line.signal.kind == "late" for line in lines),
        "unplanned": sum(line.row.request is not None and line.row.stop is None for line in lines),
        "may_plan": request.actor.may(Permission.TRANSPORT),
    }
    return render(request, "board/waiting.html", context)


def _lines(asked: Asked) -> list[Line]:
    reach, answers = reach_of(asked.by), plan()
    labels = {option.code: str(option.label) for option in PICKUP_RULE.options}
    return [
        Line(
            row=row,
            kinds=kinds_said(row.boxed),
            visit=_visit(row, asked),
            visit_on=row.visit,
            rule=labels[answers.says(PICKUP_RULE, row.site.pk)],
            rate="" if row.rate is None else number_format(row.rate, 1),
            signal=signal_of(row.due, reach.times[row.site.pk], asked.at) if row.boxed else None,
        )
        for row in standings(reach, answers, asked.at)
    ]


def _visit(row: Standing, asked: Asked) -> str:
    if row.visit is None:
        return ""
    day = said_day(row.visit, local_day(asked.at, row.site))
    if row.stop:
        return _("{day}, van {n}").format(day=day, n=row.stop.van)
    return day


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("School"), lambda line: line.row.site.name),
    Field(gettext_lazy("Waits now"), lambda line: line.row.count, Sort.NUMBER),
    Field(gettext_lazy("Kinds"), lambda line: line.kinds),
    Field(
        gettext_lazy("The oldest since"),
        lambda line: site_time(line.row.boxed.oldest, line.row.site) if line.row.boxed else None,
        Sort.MOMENT,
    ),
    Field(gettext_lazy("Pick-up"), lambda line: line.signal.words if line.signal else ""),
    Field(gettext_lazy("Request"), lambda line: line.row.request.why if line.row.request else ""),
    Field(gettext_lazy("Next visit"), lambda line: line.visit_on, Sort.DAY),
    Field(gettext_lazy("A school day"), lambda line: line.row.rate, Sort.NUMBER),
    Field(gettext_lazy("Will wait by then"), lambda line: line.row.forecast, Sort.NUMBER),
)
LISTING = listing("waiting", gettext_lazy("What waits where"), "waiting", _sheet)
