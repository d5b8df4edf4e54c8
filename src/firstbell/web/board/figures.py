"""Figures behind the headline, in four tables each: help, repairs, loaners, records. Each table can be downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from firstbell.decisions.queries import plan
from firstbell.kernel.errors import Missing
from firstbell.measures import hindsight, levels, loaners, quality, repairs
from firstbell.measures.clocks import Clock, Kind, Reading, Share, shares
from firstbell.measures.levels import Help
from firstbell.measures.options import needs
from firstbell.measures.quality import Fault, Finding
from firstbell.measures.reach import Reach, reach_of
from firstbell.measures.trips import Trip, trips
from firstbell.repairs.fixes import fix
from firstbell.tickets.models import Ticket
from firstbell.web import lists
from firstbell.web.board import costs, delays, overdue, standstill, team, words
from firstbell.web.board.options import needed_table
from firstbell.web.board.table import Table
from firstbell.web.desk.case_clocks import name_of_clock
from firstbell.web.desk.words import money
from firstbell.web.lists import Sheet, asked_by, listing, table
from firstbell.web.middleware import FirstbellRequest

WEEKS = (4, 12, 26)
ROWS = 50
"""Rows shown on the page; the download holds them all."""


@dataclass(frozen=True)
class Asked:
    """Whose figures, over which weeks."""

    reader: lists.Asked
    reach: Reach
    weeks: int
    since: datetime

    @property
    def at(self) -> datetime:
        """The moment of reading."""
        return self.reader.at


def _asked(reader: lists.Asked, part: str) -> Asked:
    """Read what is asked. Records are of now: no period, no calendars."""
    reach = Reach(()) if part == "records" else reach_of(reader.by)
    wanted = reader.query.get("weeks", "")
    weeks = next((number for number in WEEKS if str(number) == wanted), WEEKS[0])
    return Asked(reader, reach, weeks, reach.weeks(weeks, reader.at)[0][0])


def page(request: FirstbellRequest, part: str = "help") -> HttpResponse:
    """Show one part."""
    if part not in PARTS:
        raise Missing("Part")
    asked = _asked(asked_by(request), part)
    context: dict[str, Any] = {
        "tables": [_shown(table) for table in PARTS[part](asked)],
        "part": part,
        "heading": _headings()[part],
        "tabs_label": _("Figures"),
        "tabs": [_tab(key, title, part, asked.weeks) for key, title in _headings().items()],
        "periods": [_period(number, part, asked.weeks) for number in WEEKS] if part != "records" else [],
        "since": asked.since,
        "weeks": asked.weeks,
    }
    return render(request, "board/figures.html", context)


def _shown(table: Table) -> dict[str, Any]:
    """Return a table as the page shows it: each cell with its column's words, long ones cut."""
    cut = table.rows[:ROWS]
    return {
        "key": table.key, "title": table.title, "columns": table.columns, "note": table.note, "empty": table.empty,
        "words_until": table.words_until, "more": len(table.rows) - len(cut),
        "rows": [list(zip(table.columns, row, strict=True)) for row in cut],
    }  # fmt: skip


def _sheet(reader: lists.Asked) -> Sheet[Any]:
    part, key = reader.about["part"], reader.about["key"]
    found = PARTS[part](_asked(reader, part)) if part in PARTS else []
    chosen = next((row for row in found if row.key == key), None)
    if chosen is None:
        raise Missing("Table")
    return table(chosen.columns, chosen.rows)


LISTING = listing("figures", gettext_lazy("Figures"), "figures", _sheet)


def _headings() -> dict[str, str]:
    return {
        "help": _("Help"), "repairs": _("Repairs"), "costs": _("Costs"), "loaners": _("Loaners"),
        "standstill": _("Standstill"), "records": _("Records"),
    }  # fmt: skip


def _address(part: str, weeks: int) -> str:
    return f"{reverse('figures') if part == 'help' else reverse('figures_part', args=[part])}?weeks={weeks}"


def _tab(key: str, title: str, part: str, weeks: int) -> dict[str, Any]:
    return {"label": title, "url": _address(key, weeks), "current": key == part, "count": ""}


def _period(number: int, part: str, chosen: int) -> dict[str, Any]:
    label = ngettext("{n} week", "{n} weeks", number).format(n=number)
    return {"label": label, "url": _address(part, number), "current": number == chosen, "count": ""}


def _names(reach: Reach) -> dict[int, str]:
    return {site.pk: site.name for site in reach.schools}


# --- Help ---------------------------------------------------------------------------------------------------------


def _help(asked: Asked) -> list[Table]:
    given = levels.help_given(asked.reach, plan(), asked.since, asked.at)
    return [
        _by_level(given),
        _by_month(asked),
        _by_channel(given),
        _answers(given),
        _by_school(given, asked.reach),
        *team.tables(given, asked.reach, asked.since, asked.at),
        *standstill.levels(asked.reach, asked.since, asked.at),
    ]


def _level_words() -> dict[int, str]:
    return {
        levels.SELF_HELP: _("Self-help"),
        levels.TEAM: _("Student team"),
        levels.SCHOOL_IT: _("School IT"),
        levels.DISTRICT: _("District and vendors"),
    }


def _by_level(given: Help) -> Table:
    solved = given.solved()
    total = sum(solved.values())
    early = solved[levels.SELF_HELP] + solved[levels.TEAM]
    title = _("Who solved it")
    if total:
        title = _("{share} were solved by self-help or the student team").format(share=words.share(early / total))
    rows = [
        [_level_words()[level], str(number), words.share(number / total if total else None)]
        for level, number in solved.items()
    ]
    note = _("By the highest level a ticket reached. Self-help counts what it solved before a report was sent.")
    return Table("levels", title, [_("Level"), _("Solved"), _("Share")], rows if total else [], note)


def _by_month(asked: Asked) -> Table:
    found = levels.by_month(asked.reach, asked.at)
    rows = [
        [date_format(month.first, "YEAR_MONTH_FORMAT"), str(month.solved), str(month.team), words.share(month.share)]
        for month in found
    ]
    title = _("What the student team solved")
    if found:
        newest_month = found[-1]
        title = _("The student team solved {share} of the tickets of {month}").format(
            share=words.share(newest_month.share), month=date_format(newest_month.first, "F")
        )
    columns = [_("Month"), _("Solved"), _("By the student team"), _("Share")]
    return Table("months", title, columns, rows, _("By the month in which a ticket was opened; the last six months."))


def _by_channel(given: Help) -> Table:
    total = len(given.rows)
    rows = []
    for name, found in given.by_channel().items():
        answered = given.answered(found)
        rows.append([
            str(capfirst(Ticket.Channel(name).label)), str(len(found)), words.share(len(found) / total),
            words.minutes(answered.median), words.share(answered.share),
        ])  # fmt: skip
    columns = [_("Channel"), _("Tickets"), _("Share"), _("First answer, median"), _("Answered in time")]
    return Table("channels", _("How people asked for help"), columns, rows)


def _answers(given: Help) -> Table:
    asked = {
        _("All tickets"): given.answered(given.rows),
        _("“It stops my class”"): given.answered(row for row in given.rows if row.class_stopper),
        _("Families"): given.answered(row for row in given.rows if row.family),
        _("Triage"): given.triaged(),
    }
    rows = [
        [name, str(found.asked), str(found.answered), words.minutes(found.median), words.share(found.share)]
        for name, found in asked.items()
        if found.asked
    ]
    columns = [_("What"), _("Asked"), _("Answered"), _("Median"), _("In time")]
    note = _("By a person, in school time. The receipt comes by itself at once and is not counted here.")
    return Table("answers", _("How soon somebody answered"), columns, rows, note)


def _by_school(given: Help, reach: Reach) -> Table:
    rows = []
    for site in reach.schools:
        solved = given.solved(site.pk)
        total = sum(solved.values())
        early = solved[levels.SELF_HELP] + solved[levels.TEAM]
        counts = [str(number) for number in solved.values()]
        rows.append([site.name, *counts, words.share(early / total if total else None)])
    columns = [_("School"), *_level_words().values(), _("Before school IT")]
    return Table("schools", _("School by school"), columns, rows)


# --- Repairs ------------------------------------------------------------------------------------------------------


def _repairs(asked: Asked) -> list[Table]:
    found = trips(asked.reach, asked.since, asked.at)
    reading = Reading(asked.at, plan(), asked.reach.times)
    begun = repairs.clocks_begun(found, reading, asked.since, asked.at)
    return [
        _clocks(begun),
        _clocks_by_school(begun, asked.reach),
        _dispatched(begun, found, asked),
        *delays.tables(begun, asked.reach, asked.since, asked.at),
        _faults(found, asked),
        _ways(found, asked),
    ]


REPAIR_CLOCKS = (Kind.PICKUP, Kind.REPAIR, Kind.RETURN, Kind.HAND_BACK)
Begun = list[tuple[Trip, Clock]]


def _clocks(begun: Begun) -> Table:
    kept = shares((clock for _trip, clock in begun), lambda clock: clock.kind)
    none = Share(0, 0, 0)
    rows = []
    for kind in REPAIR_CLOCKS:
        share = kept.get(kind, none)
        rows.append(
            [name_of_clock(kind), words.share(share.share), str(share.kept), str(share.late), str(share.running)]
        )
    columns = [_("Clock"), _("In time"), _("Kept"), _("Late"), _("Still running")]
    pickup = kept.get(Kind.PICKUP, none).share
    title = _("How often each step was in time")
    if pickup is not None:
        title = _("{share} of pick-ups were in time").format(share=words.share(pickup))
    return Table("clocks", title, columns, rows if begun else [], empty=_("No repair began in this period."))


def _clocks_by_school(begun: Begun, reach: Reach) -> Table:
    kept = repairs.kept_by_school(begun)
    none = Share(0, 0, 0)
    rows = [
        [name, *(words.share(kept[pk].get(kind, none).share) for kind in REPAIR_CLOCKS)]
        for pk, name in _names(reach).items()
        if pk in kept
    ]
    columns = [_("School"), *(name_of_clock(kind) for kind in REPAIR_CLOCKS)]
    return Table("clocks-by-school", _("In time, school by school"), columns, rows)


def _dispatched(begun: Begun, found: list[Trip], asked: Asked) -> Table:
    kept = repairs.kept_by_school(begun)
    in_time = {pk: row[Kind.PICKUP].share for pk, row in kept.items() if Kind.PICKUP in row}
    return standstill.dispatched(repairs.dispatches(found, asked.reach.times, asked.since), in_time, asked.reach)


def _faults(found: list[Trip], asked: Asked) -> Table:
    rows = [
        [_fault(row.fault), str(row.repairs), words.minutes(row.minutes), money(row.cents_each), money(row.cents)]
        for row in repairs.by_fault(found, asked.since, asked.at)
    ]
    columns = [_("Fault"), _("Repairs"), _("Bench time, median"), _("Parts each"), _("Parts in all")]
    return Table("faults", _("What was repaired, and what it cost"), columns, rows, empty=_("No repair was completed."))


def _fault(code: str) -> str:
    known = fix(code)
    return known.fault if known else code or _("not named")


def _ways(found: list[Trip], asked: Asked) -> Table:
    ways = repairs.paths(found, asked.since, asked.at)
    title = _("The way repairs took")
    if ways.share is not None:
        title = _("{share} of repairs took the way of the plan").format(share=words.share(ways.share))
    rows = [[_way(way), str(number)] for way, number in ways.detours]
    if ways.closed:
        rows.insert(0, [_("the way of the plan"), str(ways.followed)])
    note = _("From desk and pick-up box by courier to the depot, back to the shelf and into its person's hands.")
    return Table("ways", title, [_("Way"), _("Repairs")], rows, note, empty=_("No repair was closed."))


def _way(way: str) -> str:
    said = {
        "desk": _("desk"), "box": _("pick-up box"), "shipment": _("courier"), "depot": _("depot"), "shelf": _("shelf"),
        "person": _("person"), "loaners": _("loaner shelf"), "bench": _("bench"), "other": _("elsewhere"),
    }  # fmt: skip
    return " → ".join(said.get(step, step) for step in way.split()) or _("nowhere on record")


# --- Loaners ------------------------------------------------------------------------------------------------------


def _loaners(asked: Asked) -> list[Table]:
    found = loaners.pools(asked.reach, asked.since, asked.at)
    late = overdue.tables(asked.reach, asked.since, asked.at)
    needed = needed_table(asked.reach, _names(asked.reach), needs(asked.reach, asked.at))
    return [_reserve(found, asked), needed, _hindsight(asked), _given(found, asked), *late]


def _hindsight(asked: Asked) -> Table:
    weeks = hindsight.looking_back(asked.reach, asked.at)
    rows = [
        [
            date_format(row.week, "MONTH_DAY_FORMAT"),
            f"{row.forecast:.0f}",
            str(row.actual),
            f"{row.actual - row.forecast:+.0f}",
        ]
        for row in weeks
    ]
    title = _("How near the forecast came")
    if weeks:
        off = sum(abs(row.actual - row.forecast) for row in weeks) / len(weeks)
        title = _("Forecasts of loaners out were off by {n} a week").format(n=f"{off:.0f}")
    columns = [_("Week from"), _("Out, foretold a week before"), _("Out, as it was"), _("Difference")]
    note = _("Each forecast knows only the ten school days before its week.")
    return Table("hindsight", title, columns, rows, note, empty=_("No loaner was out in the last weeks."))


def _reserve(found: list[loaners.Pool], asked: Asked) -> Table:
    names = _names(asked.reach)
    rows = [
        [names[row.site_id], _lasts(row, asked), str(row.ready), str(row.out), str(row.overdue), str(row.set_aside),
         str(row.total)]
        for row in found
    ]  # fmt: skip
    short = sum(row.lasts_until is not None for row in found)
    title = _("Loaners last everywhere at the present pace")
    if short:
        title = ngettext(
            "{n} school runs out of loaners at the present pace",
            "{n} schools run out of loaners at the present pace",
            short,
        ).format(n=short)
    columns = [_("School"), _("Loaners last"), _("Ready"), _("Out"), _("Overdue"), _("Set aside"), _("In the pool")]
    note = _("From what went out and came back in the last ten school days.")
    return Table("reserve", title if rows else _("Reserve"), columns, rows, note, words_until=2)


def _lasts(row: loaners.Pool, asked: Asked) -> str:
    if row.total == 0:
        return _("no loaners")
    if row.ready == 0:
        return _("none left")
    if row.lasts_until is None:
        return _("long enough")
    today = asked.at.astimezone(asked.reach.times[row.site_id].zone).date()
    near = row.lasts_until - today < timedelta(days=7)
    return _("until {day}").format(day=date_format(row.lasts_until, "l" if near else "MONTH_DAY_FORMAT"))


def _given(found: list[loaners.Pool], asked: Asked) -> Table:
    names = _names(asked.reach)
    rows = [
        [names[row.site_id], str(row.asked), str(row.issued), str(row.none_left), str(row.not_wanted),
         words.share(row.share_issued), str(row.not_asked)]
        for row in found
    ]  # fmt: skip
    issued, wanted = sum(row.issued for row in found), sum(row.issued + row.none_left for row in found)
    title = _("Who got a loaner")
    if wanted:
        title = _("{share} of those who wanted a loaner got one").format(share=words.share(issued / wanted))
    columns = [
        _("School"),
        _("Offered"),
        _("Got one"),
        _("None left"),
        _("Not wanted"),
        _("Got one, of those who wanted"),
        _("Nobody asked"),
    ]
    note = _("Nobody is asked when a device is taken in from the closet or at a collection; that counts for no share.")
    return Table("given", title, columns, rows, note)


# --- Records ------------------------------------------------------------------------------------------------------


def _records(asked: Asked) -> list[Table]:
    found = quality.findings(asked.reader.by)
    rows = [[_fault_of_record(row.fault), str(row.number), _tags(row)] for row in found]
    wrong = sum(row.number for row in found)
    title = _("Every record is whole")
    if wrong:
        title = ngettext("{n} thing to correct", "{n} things to correct", wrong).format(n=wrong)
    columns = [_("What is wrong"), _("Devices"), _("The first of them")]
    return [Table("records", title, columns, rows), _to_correct(found, asked)]


def _to_correct(found: list[Finding], asked: Asked) -> Table:
    """Every device by name, to be worked off: the download holds them all."""
    columns = [_("What is wrong"), _("Device"), _("Serial"), _("School")]
    lines = quality.WorkList(found, asked.reader.by, _fault_of_record)
    empty = _("Nothing to correct, or nothing you may see device by device.")
    return Table("devices", _("Device by device"), columns, lines, words_until=4, empty=empty)


def _tags(row: Finding) -> str:
    return ", ".join(row.tags) or words.NOTHING


def _fault_of_record(fault: Fault) -> str:
    said = {
        Fault.NOWHERE: _("in no hand or place on record"),
        Fault.NOBODYS: _("in service and nobody's"),
        Fault.OF_LEAVERS: _("belongs to somebody who has left"),
        Fault.TWIN_SERIALS: _("shares its serial number with another device"),
        Fault.NO_LINE: _("of a mobile model, without IMEI or SIM number on record"),
        Fault.NO_ORDER: _("in repair, and no repair is open"),
        Fault.NOT_IN_REPAIR: _("its repair is open, and it is not in repair"),
        Fault.UNREPORTED: _("lost or stolen, and nobody reported it"),
        Fault.NO_MODEL: _("of a model without a maker or a name"),
        Fault.NO_PRICE: _("without a price"),
        Fault.NO_PURCHASE: _("without a purchase date"),
        Fault.NO_FUNDING: _("without a funding source"),
    }
    return said[fault]


def _costs(asked: Asked) -> list[Table]:
    return costs.tables(asked.reach, asked.since, asked.at)


def _standstill(asked: Asked) -> list[Table]:
    return standstill.tables(asked.reader.by, asked.reach, asked.since, asked.at)


PARTS: dict[str, Callable[[Asked], list[Table]]] = {
    "help": _help,
    "repairs": _repairs,
    "costs": _costs,
    "loaners": _loaners,
    "standstill": _standstill,
    "records": _records,
}
"""Each part is a page of its own, so that none asks more than it shows."""
