"""Tables of loaners that should be back, and of those that are gone."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.measures import overdue
from firstbell.measures.reach import Reach
from firstbell.web.board import words
from firstbell.web.board.table import Table


def tables(reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return the tables of this part."""
    names = {site.pk: site.name for site in reach.schools}
    return [_by_age(names, overdue.overdue(reach, at)), _losses(names, overdue.losses(reach, since, at))]


def _by_age(names: dict[int, str], found: list[overdue.Overdue]) -> Table:
    rows = [[names[row.site_id], *map(str, row.ages), str(row.total), str(row.oldest)] for row in found]
    total = sum(row.total for row in found)
    title = _("Overdue loaners by age")
    if total:
        title = ngettext("{n} loaner is overdue", "{n} loaners are overdue", total).format(n=total)
    columns = [
        _("School"),
        _("Up to 5 school days"),
        _("Up to 20 school days"),
        _("Longer"),
        _("Overdue"),
        _("The oldest, school days"),
    ]
    note = _("The plan says when the school is told again, and when the district hears of it.")
    return Table("overdue", title, columns, rows, note, empty=_("No loaner is overdue."))


def _losses(names: dict[int, str], found: list[overdue.Losses]) -> Table:
    rows = [
        [names[row.site_id], str(row.gone), str(row.found), str(row.searched), str(row.written_off),
         words.share(row.share)]
        for row in found
    ]  # fmt: skip
    columns = [
        _("School"),
        _("Went missing"),
        _("Found again"),
        _("Being searched"),
        _("Written off"),
        _("Missing, of the pool"),
    ]
    note = _("Loaners reported lost or stolen in this period.")
    return Table("losses", _("Loaners that are gone"), columns, rows, note, empty=_("No loaner went missing."))
