"""The board's first page: learner time without a working device, for the district or one school."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import DEVICELESS_MINUTES
from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.measures.alarms import Alarm, alarms
from firstbell.measures.headline import Figures, Told, Week, by_cause, figures, told, weekly
from firstbell.measures.reach import Reach, reach_of
from firstbell.measures.without import spells
from firstbell.web.board import accuracy, words
from firstbell.web.board.drawing import Bar, bars, cut
from firstbell.web.doors import DOORS
from firstbell.web.lists import Asked, Sheet, asked_by, listing, table
from firstbell.web.middleware import FirstbellRequest

WEEKS, NOW = 12, 4
"""Weeks drawn, and weeks that the headline tells of, compared with as many before."""
PAGES = {
    Alarm.NO_LEAD: "coverage",
    Alarm.CLOSET: "closet",
    Alarm.UNTOUCHED: "queue",
    Alarm.SILENT: "silent",
    Alarm.PICKUP: "pickups",
    Alarm.HAND_BACK: "hand_backs",
    Alarm.LOAN: "loans",
}
"""Where each alarm is worked off."""


@dataclass(frozen=True)
class Period:
    """A stretch that figures are told for."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class SchoolRow:
    """One school in the ranking."""

    site: Site
    figures: Figures
    alarms: int
    late: bool

    @property
    def median(self) -> str:
        """The median as it is said."""
        return words.minutes(self.figures.median)

    @property
    def p90(self) -> str:
        """What nine of ten stay within."""
        return words.minutes(self.figures.p90)

    @property
    def within(self) -> str:
        """The share within the target."""
        return words.share(self.figures.within)

    @property
    def per_hundred(self) -> str:
        """School hours lost per 100 learners."""
        return words.hours(self.figures.per_hundred)


@dataclass(frozen=True)
class Sounding:
    """One alarm as the page shows it; ``url`` is empty for those who cannot work on it."""

    text: str
    url: str
    schools: str


@dataclass(frozen=True)
class Board:
    """What the page and its downloads are made of."""

    reach: Reach
    weeks: list[tuple[datetime, datetime]]
    cases: Told
    answers: Plan
    at: datetime

    @property
    def now(self) -> Period:
        """The weeks the headline tells of, up to this moment."""
        return Period(self.weeks[-NOW][0], self.at)

    @property
    def before(self) -> Period:
        """As many weeks before."""
        return Period(self.weeks[-2 * NOW][0], self.weeks[-NOW][0])

    @property
    def target(self) -> int:
        """The target in school minutes: the school's where one is looked at, else the district's."""
        only = self.reach.ids[0] if len(self.reach.ids) == 1 else None
        return self.answers.says(DEVICELESS_MINUTES, only)

    def over(self, period: Period, cases: Told) -> Figures:
        """Return the figures of a period."""
        return figures(cases, period.since, period.until)


def _reach(asked: Asked) -> tuple[Reach, Reach]:
    """Return all schools in reach, and those the page is about: one of them when ``?school=`` names it."""
    everything = reach_of(asked.by)
    code = asked.query.get("school", "")
    if not code:
        return everything, everything
    site = next((school for school in everything.schools if school.code == code), None)
    if site is None:
        raise Missing("Site")
    return everything, everything.only(site.pk)


def _board(asked: Asked, reach: Reach) -> Board:
    weeks = reach.weeks(WEEKS, asked.at)
    answers = plan()
    found = spells(reach, weeks[0][0], asked.at) if reach.ids else []
    return Board(reach, weeks, told(reach, found, answers, asked.at), answers, asked.at)


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the headline figure, its weeks, the schools and today's alarms."""
    asked = asked_by(request)
    everything, reach = _reach(asked)
    board = _board(asked, reach)
    students, staff = board.cases.group(staff=False), board.cases.group(staff=True)
    now, before = board.over(board.now, students), board.over(board.before, students)
    sounding = alarms(request.actor, reach, board.answers, request.at)
    ranked = _ranked(board, students, sounding)
    context: dict[str, Any] = {
        "school": reach.schools[0] if len(reach.schools) == 1 else None,
        "several": len(everything.schools) > 1,
        "schools": reach.schools,
        "headline": _headline(now, before, board.target),
        "boxes": _boxes(now, before, board.over(board.now, staff)),
        "chart": _chart(board, weekly(students, board.weeks)),
        "accuracy": accuracy.chart(request, reach),
        "causes": [
            (words.cause(row.symptom), row.cases, words.minutes(row.median), words.hours(row.hours))
            for row in by_cause(board.cases, board.now.since, board.now.until)
        ],
        "ranked": ranked,
        "alarms": _soundings(sounding, reach, request.actor),
        "since": board.now.since,
        "target": board.target,
        "query": request.GET.urlencode(),
    }
    return render(request, "board/district.html", context)


def _headline(now: Figures, before: Figures, target: int) -> dict[str, Any]:
    number, unit = (None, "") if now.median is None else _split(now.median)
    return {"number": number, "unit": unit, "compare": _compare(now, before), "target": words.minutes(target)}


def _split(median: int) -> tuple[str, str]:
    if median < words.LONG_MINUTES:
        return str(median), ngettext("minute a case", "minutes a case", median)
    return number_format(median / 60, 1), _("school hours a case")


def _compare(now: Figures, before: Figures) -> str:
    if now.median is None:
        return ""
    if before.median is None:
        return _("No case in the four weeks before.")
    less = before.median - now.median
    if less == 0:
        return _("The same as in the four weeks before.")
    said = words.minutes(abs(less))
    if less > 0:
        return _("{time} less than in the four weeks before.").format(time=said)
    return _("{time} more than in the four weeks before.").format(time=said)


def _boxes(now: Figures, before: Figures, staff: Figures) -> list[dict[str, str]]:
    earlier = _("before: {figure}")
    return [
        {"label": _("Within the target"), "figure": words.share(now.within),
         "compare": earlier.format(figure=words.share(before.within))},
        {"label": _("Nine of ten cases within"), "figure": words.minutes(now.p90),
         "compare": earlier.format(figure=words.minutes(before.p90))},
        {"label": _("School hours lost per 100 learners"), "figure": words.hours(now.per_hundred),
         "compare": earlier.format(figure=words.hours(before.per_hundred))},
        {"label": _("Without a device right now"), "figure": str(now.ongoing),
         "compare": ngettext("of {n} case", "of {n} cases", now.cases).format(n=now.cases)},
        {"label": _("Staff, counted apart"), "figure": words.minutes(staff.median),
         "compare": ngettext("{n} case", "{n} cases", staff.cases).format(n=staff.cases)},
    ]  # fmt: skip


def _chart(board: Board, weeks: list[Week]) -> dict[str, Any] | None:
    measured = [week for week in weeks if week.figures.median is not None]
    if not measured:
        return None
    weeks = list(dropwhile(lambda week: not week.figures.cases, weeks))
    over = sum((week.figures.median or 0) > board.target for week in measured)
    finding = _finding(over, len(measured), words.minutes(board.target))
    rows = [
        Bar(words.day(week.monday), week.figures.median, _short(week.figures.median), _above(week, board.target))
        for week in weeks
    ]
    drawn = bars(
        rows,
        target=board.target,
        target_said=(_("target"), words.minutes(board.target)),
        said=_("Median minutes without a device per case, week by week, as in the table. {finding}").format(
            finding=finding
        ),
    )
    return {
        "title": finding,
        "drawing": drawn,
        "cut": cut(rows, board.target),
        "columns": _week_columns(),
        "rows": [_week_cells(week) for week in weeks],
    }


def _above(week: Week, target: int) -> bool:
    return (week.figures.median or 0) > target


def _short(median: int | None) -> str:
    """Return what stands above a bar: bare minutes, or hours where it lasted long."""
    if median is None or median >= words.LONG_MINUTES:
        return words.minutes(median) if median else ""
    return str(median)


def _finding(over: int, weeks: int, target: str) -> str:
    if over == 0:
        return _("Every week stayed within {target}").format(target=target)
    if over == weeks:
        return _("No week stayed within {target}").format(target=target)
    return ngettext("{n} of {all} weeks went over {target}", "{n} of {all} weeks went over {target}", over).format(
        n=over, all=weeks, target=target
    )


def _week_columns() -> list[str]:
    return [_("Week of"), _("Cases"), _("Median"), _("Within target")]


def _week_cells(week: Week) -> list[str]:
    told_week = week.figures
    return [
        words.day(week.monday),
        str(told_week.cases),
        words.minutes(told_week.median),
        words.share(told_week.within),
    ]


def _ranked(board: Board, students: Told, sounding: dict[Alarm, Counter[int]]) -> list[SchoolRow]:
    """The school with most to gain first: the longest median, then the most hours; schools without cases last."""
    rows = []
    for site in board.reach.schools:
        found = board.over(board.now, students.of(site.pk))
        late = (found.median or 0) > board.answers.says(DEVICELESS_MINUTES, site.pk)
        rows.append(SchoolRow(site, found, sum(counts[site.pk] for counts in sounding.values()), late))
    return sorted(rows, key=_most_to_gain)


def _most_to_gain(row: SchoolRow) -> tuple[int, float, int, str]:
    median = -1 if row.figures.median is None else row.figures.median
    return -median, -row.figures.hours, -row.alarms, row.site.name


def _soundings(sounding: dict[Alarm, Counter[int]], reach: Reach, by: Actor) -> list[Sounding]:
    names = {site.pk: site.name for site in reach.schools}
    found = []
    for alarm, counts in sounding.items():
        if counts.total():
            schools = [names[pk] for pk, _number in counts.most_common() if pk in names]  # the depot is no school
            where = schools[:3] if len(names) > 1 else []
            more = len(schools) - len(where)
            said = ", ".join(where) + (_(" and {n} more").format(n=more) if where and more else "")
            found.append(Sounding(words.alarm(alarm, counts.total()), _page(PAGES[alarm], by), said))
    return found


def _page(name: str, by: Actor) -> str:
    try:
        return reverse(name) if DOORS[name].open_to(by) else ""
    except (KeyError, NoReverseMatch):
        return ""


def _columns(first: str) -> list[str]:
    return [first, _("Cases"), _("Median minutes"), _("90th percentile"), _("Share within target"),
            _("Hours without a device"), _("Learners"), _("Without a device now")]  # fmt: skip


def _schools_sheet(asked: Asked) -> Sheet[Any]:
    """Return the schools with their figures, in plain minutes and shares."""
    board = _board(asked, _reach(asked)[1])
    ranked = _ranked(board, board.cases.group(staff=False), {})
    return table(_columns(_("School")), [(row.site.name, *_plain(row.figures)) for row in ranked])


def _weeks_sheet(asked: Asked) -> Sheet[Any]:
    board = _board(asked, _reach(asked)[1])
    rows = weekly(board.cases.group(staff=False), board.weeks)
    return table(_columns(_("Week of")), [(row.monday, *_plain(row.figures)) for row in rows])


BY_SCHOOL = listing("district_schools", gettext_lazy("Schools"), "district", _schools_sheet)
BY_WEEK = listing("district_weeks", gettext_lazy("Weeks"), "district", _weeks_sheet)


def _plain(row: Figures) -> tuple[object, ...]:
    within = "" if row.within is None else round(row.within, 3)
    blank = ("" if row.median is None else row.median, "" if row.p90 is None else row.p90)
    return row.cases, *blank, within, round(row.hours, 2), row.learners or "", row.ongoing
