"""Stops a roster that would make too many people leave: a half-written export looks like that."""

from collections import defaultdict
from collections.abc import Iterable

from firstbell.flows.roster.report import Changes, GroupLeaving, SiteChange

SMALLEST = 5
"""Groups of fewer people are never judged: one of four leaving is no sign of a fault."""
HALF = 50
"""Percent. The standards' guard: more than half of the students, staff or guardians of a site."""


def over_brake(changes: Changes, percent: int) -> SiteChange | None:
    """Return the site that loses the largest share of its people, if one loses more than the brake allows."""
    losing = _sites_over(changes.groups, percent) | {
        group.site_id for group in changes.groups if _over(group.left, group.people, HALF)
    }
    found = [site for site in changes.sites if site.site_id in losing]
    return max(found, key=lambda site: site.left / max(site.people, 1), default=None)


def _sites_over(groups: Iterable[GroupLeaving], percent: int) -> set[int]:
    there: dict[int, int] = defaultdict(int)
    leaving: dict[int, int] = defaultdict(int)
    for group in groups:
        there[group.site_id] += group.people
        leaving[group.site_id] += group.left
    return {site for site, people in there.items() if _over(leaving[site], people, percent)}


def _over(left: int, people: int, percent: int) -> bool:
    return people >= SMALLEST and left * 100 > people * percent
