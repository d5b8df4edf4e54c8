"""Tables of the student team: what helpers are trusted with."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from firstbell.measures import team
from firstbell.measures.reach import Reach
from firstbell.tickets.rules import TEAM_SYMPTOMS
from firstbell.web.board.table import Table


def tables(reach: Reach, at: datetime) -> list[Table]:
    """Return the tables of the student team."""
    return [_skills(reach, at)]


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
