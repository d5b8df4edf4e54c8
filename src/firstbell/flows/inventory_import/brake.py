"""Stops a list that would change or refuse more than a list in order does: an old one, or one whose columns are off."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from firstbell.flows.inventory_import.results import What
from firstbell.kernel.errors import Refused

SMALLEST = 20
"""Lists of fewer rows are never judged."""
HALF = 50
"""Percent: of the rows, or of the devices that are there already."""


def check_brake(counts: Mapping[str, int]) -> None:
    """Refuse a list by what a dry run made of it: most rows unreadable, or most known devices corrected."""
    refused, changed = counts.get(What.REFUSED, 0), counts.get(What.CHANGED, 0)
    rows = sum(counts.get(what, 0) for what in What)
    known = changed + counts.get(What.UNCHANGED, 0)
    if _over(refused, rows):
        sentence = _("{some} of {all} rows would be left out. Look at why; if it is right, confirm it.")
        raise Refused("list_brake", sentence, some=refused, all=rows)
    if _over(changed, known):
        sentence = _(
            "{some} of {all} devices that are here already would be changed. Is the list newer than the record? If it "
            "is, confirm it."
        )
        raise Refused("list_brake", sentence, some=changed, all=known)


def _over(some: int, rows: int) -> bool:
    return rows >= SMALLEST and some * 100 > rows * HALF
