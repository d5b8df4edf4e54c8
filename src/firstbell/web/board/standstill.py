"""Tables of where things stand still: who was without a device, what lies idle, what moved up a level, who was told."""

from collections import Counter
from datetime import datetime

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.decisions.queries import plan
from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Role
from firstbell.measures import headline, standstill
from firstbell.measures.reach import Reach
from firstbell.measures.repairs import Dispatch
from firstbell.measures.without import Spell, spells
from firstbell.notices.models import Notice
from firstbell.tickets.models import WhyUp
from firstbell.web.board import words
from firstbell.web.board.table import Table
from firstbell.web.office.roles import ROLE_WORDS

TREND = 6
"""Weeks over which the idle devices are told."""


def tables(by: Actor, reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return the tables of this part."""
    return [_without(reach, since, at), _idle(by, reach, at), _trend(reach, at), _told(reach, since, at)]


def _names(reach: Reach) -> dict[int, str]:
    return {site.pk: site.name for site in reach.schools}


# --- Without a device ---------------------------------------------------------------------------------------------


def _without(reach: Reach, since: datetime, at: datetime) -> Table:
    found = spells(reach, since, at) if reach.ids else []
    cases = headline.told(reach, found, plan(), at)
    seconds: Counter[int] = Counter()
    for spell in found:
        seconds[spell.site_id] += cases.seconds(spell, since, at)
    by_group = [standstill.lacked(_of(found, staff=staff), seconds) for staff in (False, True)]
    rows = [_lacked(site, seconds[site.pk], *(group.get(site.pk) for group in by_group)) for site in reach.schools]
    title = _("Hours without a device, school by school")
    columns = [
        _("School"), _("Hours without one"), _("Hours per 100 learners"), _("Cases of students"), _("Longest of them"),
        _("Cases of staff"), _("Longest of them, staff"),
    ]  # fmt: skip
    note = _("School hours in this period. The longest case counts from its beginning.")
    return Table("without", title, columns, rows if found else [], note)


def _of(found: list[Spell], *, staff: bool) -> list[Spell]:
    return [spell for spell in found if spell.staff is staff]


def _lacked(site: Site, seconds: int, students: standstill.Lacked | None, staff: standstill.Lacked | None) -> list[str]:
    per_hundred = 100 * seconds / 3600 / site.enrolment if site.enrolment else None
    cells = [site.name, words.hours(seconds / 3600), words.hours(per_hundred)]
    for group in (students, staff):
        cells += [str(group.cases), words.minutes(group.longest)] if group else ["0", words.NOTHING]
    return cells


# --- Idle ---------------------------------------------------------------------------------------------------------


def _idle(by: Actor, reach: Reach, at: datetime) -> Table:
    found, names = standstill.idle_now(by, reach, at), _names(reach)
    rows = [
        [names[row.site_id], str(row.number), words.minutes(row.median), words.minutes(row.longest)] for row in found
    ]
    number = sum(row.number for row in found)
    title = ngettext("{n} broken device lies idle", "{n} broken devices lie idle", number).format(n=number)
    columns = [_("School"), _("Idle now"), _("Lain so long, median"), _("Lain longest")]
    return Table("idle", title if rows else _("Idle devices"), columns, rows, empty=_("Nothing lies idle. Good."))


def _trend(reach: Reach, at: datetime) -> Table:
    moments = [*(start for start, _end in reach.weeks(TREND, at)), at]
    past = standstill.idle_before(reach, moments) if reach.ids else {}
    names = _names(reach)
    schools = [pk for pk in reach.ids if any(counted[pk] for counted in past.values())]
    rows = [[names[pk], *(str(past[moment][pk]) for moment in moments)] for pk in schools]
    days = [date_format(moment.astimezone(reach.zone), "MONTH_DAY_FORMAT") for moment in moments[:-1]]
    note = _("Broken devices with an open repair, in a place from which nobody fetches them, as the week began.")
    title = _("Idle devices, week by week")
    empty = _("None lay idle in the last weeks. Good.")
    return Table("idle-weeks", title, [_("School"), *days, _("Now")], rows, note, empty=empty)


# --- Up a level ---------------------------------------------------------------------------------------------------


def levels(reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return who handed up and why, and how long tickets stayed at each level."""
    return [_handed_up(reach, since, at), _at_levels(reach, since, at)]


def _handed_up(reach: Reach, since: datetime, at: datetime) -> Table:
    found = standstill.handed_up(reach, since, at)
    rows = [[_role(role), _why(why), str(number)] for (role, why), number in found.most_common()]
    columns = [_("Who"), _("Why"), _("Tickets")]
    empty = _("No ticket moved up a level.")
    return Table("handed-up", _("Who handed up, and why"), columns, rows, words_until=2, empty=empty)


def _role(code: str) -> str:
    return str(ROLE_WORDS[Role(code)]) if code in set(Role) else _("the time box")


def _why(code: str) -> str:
    if code == "time_box":
        return _("its time with the student team was over")
    return str(WhyUp(code).label) if code in WhyUp.values else code


def _at_levels(reach: Reach, since: datetime, at: datetime) -> Table:
    names = {1: _("Student team"), 2: _("School IT"), 3: _("District"), 4: _("Vendors")}
    rows = [
        [names.get(row.level, str(row.level)), str(row.stays), words.minutes(row.median), words.minutes(row.p90)]
        for row in standstill.time_at_levels(reach, since, at)
    ]
    columns = [_("Level"), _("Tickets"), _("Median"), _("Nine of ten within")]
    note = _("School time until it was solved or moved on; what still runs counts so far. Waiting is part of it.")
    return Table("time-at-level", _("Time at each level"), columns, rows, note)


# --- Dispatch -----------------------------------------------------------------------------------------------------


def dispatched(found: dict[int, Dispatch], in_time: dict[int, float | None], reach: Reach) -> Table:
    """Return how soon what was taken in went off, beside the share of pick-ups in time."""
    rows = [
        [name, str(found[pk].sent), words.minutes(found[pk].median), words.minutes(found[pk].p90),
         words.share(in_time.get(pk))]
        for pk, name in _names(reach).items()
        if pk in found
    ]  # fmt: skip
    columns = [_("School"), _("Sent off"), _("Median"), _("Nine of ten within"), _("Pick-ups in time")]
    note = _(
        "From being taken in to the courier's scan. Where the plan names the courier's days, the next is the limit."
    )
    return Table("dispatch", _("From the desk to the courier"), columns, rows, note)


# --- Told ---------------------------------------------------------------------------------------------------------


def _told(reach: Reach, since: datetime, at: datetime) -> Table:
    counted, names = standstill.told_of(reach, since, at), _names(reach)
    rows = [
        [names[pk], str(capfirst(Notice.Kind(kind).label)), str(number)]
        for (pk, kind), number in sorted(counted.items(), key=lambda row: (names[row[0][0]], -row[1], row[0][1]))
        if kind in Notice.Kind.values
    ]
    title = _("What people were told")
    columns = [_("School"), _("About"), _("Notices")]
    note = _("Notices about each school, whoever got them.")
    return Table("told", title, columns, rows, note, words_until=2, empty=_("Nobody had to be told anything."))
