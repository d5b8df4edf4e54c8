"""Tables of the student team: how soon it came, and what helpers are trusted with."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from firstbell.measures import levels, load, team
from firstbell.measures.headline import MEDIAN, P90, percentile
from firstbell.measures.levels import Help
from firstbell.measures.load import Work
from firstbell.measures.reach import Reach
from firstbell.tickets.rules import TEAM_SYMPTOMS
from firstbell.web.board import words
from firstbell.web.board.table import Table


def tables(given: Help, reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return the tables of the student team."""
    found = load.work(reach, since, at)
    return [_saved(found, reach), _minutes(found), _arrivals(given, reach), _skills(reach, at)]


def _saved(found: list[Work], reach: Reach) -> Table:
    """Return what the team saved school IT, school by school (S50)."""
    savings = load.saved(found, load.usual(found))
    rows = [
        [site.name, str(row.tickets), words.minutes(row.own), words.minutes(row.saved)]
        for site in reach.schools
        if (row := savings.get(site.pk))
    ]
    title = _("What the student team saved school IT")
    if savings:
        total = sum(row.saved for row in savings.values())
        title = _("The student team saved school IT {time}").format(time=words.minutes(total))
    columns = [_("School"), _("Solved by the team"), _("The team's time"), _("School IT's time saved")]
    note = _(
        "Each task that the team solved counts the time that school IT has a ticket of its kind in hand, at the median."
    )
    empty = _("Nothing to compare yet: it takes tasks solved by the team, and tickets that school IT had in hand.")
    return Table("saved", title, columns, rows, note, empty=empty)


def _minutes(found: list[Work]) -> Table:
    names = {
        levels.TEAM: _("Student team"),
        levels.SCHOOL_IT: _("School IT"),
        levels.DISTRICT: _("District and vendors"),
    }
    rows = [
        [names.get(level, names[levels.DISTRICT]), str(len(each)), words.minutes(sum(each)),
         words.minutes(percentile(each, MEDIAN))]
        for level, each in sorted(load.minutes(found).items())
        if level >= levels.TEAM
    ]  # fmt: skip
    columns = [_("Level"), _("Tickets in hand"), _("Time in all"), _("Median")]
    note = _("School time in which somebody had taken a ticket, of tickets opened in this period.")
    return Table("minutes", _("How long each level had tickets in hand"), columns, rows, note)


def _arrivals(given: Help, reach: Reach) -> Table:
    found = given.arrived()
    rows = [
        [site.name, str(len(known)), words.minutes(percentile(known, MEDIAN)), words.minutes(percentile(known, P90))]
        for site in reach.schools
        if (known := found.get(site.pk))
    ]
    title = _("How soon the student team came")
    if found:
        every = percentile([number for known in found.values() for number in known], MEDIAN)
        title = _("The student team took half of its tasks within {time}").format(time=words.minutes(every))
    columns = [_("School"), _("Tasks taken"), _("Median"), _("Nine of ten within")]
    note = _("From the report to the first who took it at the student team's level, in school time.")
    return Table("arrivals", title, columns, rows, note, empty=_("The student team took no task."))


def _skills(reach: Reach, at: datetime) -> Table:
    found = team.skills(reach, at)
    rows = [
        [site.name, str(row.helpers), number_format(row.each, 1), number_format(row.learning / row.helpers, 1)]
        for site in reach.schools
        if (row := found.get(site.pk))
    ]
    columns = [_("School"), _("Helpers"), _("Trusted with, each"), _("Learning, each")]
    note = _("Kinds of task of {n}, today: those that the plan opens to everybody, and those that an adult signed off.")
    title, empty = _("What the student team can do"), _("No school has student helpers.")
    return Table("skills", title, columns, rows, note.format(n=len(TEAM_SYMPTOMS)), empty=empty)
