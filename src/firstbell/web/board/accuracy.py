"""The drawing of how right the inventory is, month by month, with its table."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.measures.accuracy import MARK, Month, accuracy
from firstbell.measures.reach import Reach
from firstbell.web.board.drawing import Bar, bars
from firstbell.web.middleware import FirstbellRequest


def chart(request: FirstbellRequest, reach: Reach) -> dict[str, Any] | None:
    """Return what the chart's part wants to know; None before the first certified count."""
    only = reach.ids[0] if len(reach.ids) == 1 else None
    months = accuracy(request.actor, only, request.at)
    if not months:
        return None
    finding = _finding(months[-1])
    rows = [Bar(_month(row), row.percent, _percent(row), row.percent < MARK) for row in months]
    drawn = bars(rows, target=MARK, target_said=(_("mark"), f"{MARK} %"), said=finding)
    columns = [_("Month"), _("Counts"), _("Expected"), _("Found where expected")]
    return {"title": finding, "drawing": drawn, "columns": columns, "rows": [_cells(row) for row in months]}


def _finding(last: Month) -> str:
    said = ngettext(
        "{share} was where the record says, in the last month with a count",
        "{share} were where the record says, in the last month with counts",
        last.counts,
    )
    return said.format(share=_percent(last))


def _month(row: Month) -> str:
    return date_format(row.first, "YEAR_MONTH_FORMAT")


def _percent(row: Month) -> str:
    return f"{row.percent:.1f} %"


def _cells(row: Month) -> list[str]:
    return [_month(row), str(row.counts), str(row.expected), _percent(row)]
