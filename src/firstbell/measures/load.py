"""Work by level in minutes, as measured: how long somebody had a ticket in hand; and what the team saves (S50).

What the student team solves, school IT need not do: each such ticket counts as many minutes as school IT has in hand,
at the median, for one of the same kind. Kinds that school IT never had in hand count as its median over all.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from firstbell.directory.models import RoleHeld
from firstbell.kernel.roles import Role
from firstbell.measures.headline import MEDIAN, percentile
from firstbell.measures.intervals import Ruler
from firstbell.measures.levels import SCHOOL_IT, TEAM
from firstbell.measures.reach import Reach
from firstbell.tickets.models import Phase, Ticket
from firstbell.tickets.rules import ENDED


@dataclass(frozen=True, slots=True)
class Work:
    """What one level had in hand of one ticket, in school seconds."""

    ticket_id: int
    site_id: int
    symptom: str
    level: int
    seconds: int
    by_team: bool
    """Solved by the student team: a helper had it last, it ended, and it never was on a higher level."""


@dataclass(frozen=True)
class Saved:
    """What the student team of a school, or all of them, saved: tickets, their own minutes, school IT's for as many."""

    tickets: int
    own: int
    saved: int


def work(reach: Reach, since: datetime, until: datetime) -> list[Work]:
    """Return the work on the tickets opened in a period, by ticket and level, in one query.

    What school IT took from the team's level by itself is school IT's work.
    """
    higher = Phase.objects.filter(ticket=OuterRef("ticket"), level__gt=TEAM)
    helper = RoleHeld.objects.filter(user=OuterRef("ticket__worker"), role=Role.STUDENT_TECH)
    rows = Phase.objects.filter(
        ticket__site_id__in=reach.ids, ticket__opened_at__gte=since, ticket__opened_at__lt=until,
        ticket__quarantined=False, status=Ticket.Status.IN_PROGRESS, until__isnull=False,
    ).annotate(higher=Exists(higher), helper=Exists(helper))  # fmt: skip
    columns = ("ticket_id", "ticket__site_id", "ticket__symptom", "ticket__status", "since", "until")
    rulers = {pk: Ruler(reach.times[pk], since, until) for pk in reach.ids}
    seconds: dict[tuple[int, int, str, int, bool], int] = defaultdict(int)
    told = rows.order_by().values_list(*columns, "level", "higher", "helper")
    for ticket, site, symptom, status, start, end, level, up, team in told:
        by_team = team and not up
        own = SCHOOL_IT if level == TEAM and not up and not team else level
        seconds[ticket, site, symptom, own, by_team and status in ENDED] += rulers[site].seconds(start, end or start)
    return [Work(*key[:4], seconds=total, by_team=key[4]) for key, total in seconds.items()]


def minutes(found: Iterable[Work]) -> dict[int, list[int]]:
    """Return by level the minutes that each ticket was in hand there."""
    levels: dict[int, list[int]] = defaultdict(list)
    for row in found:
        levels[row.level].append(row.seconds // 60)
    return levels


def usual(found: Iterable[Work]) -> dict[str, int]:
    """Return the minutes that school IT has a ticket of each kind in hand, at the median; "" stands for all kinds."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for row in found:
        if row.level == SCHOOL_IT:
            kinds[row.symptom].append(row.seconds // 60)
            kinds[""].append(row.seconds // 60)
    return {kind: percentile(numbers, MEDIAN) or 0 for kind, numbers in kinds.items()}


def saved(found: Iterable[Work], costs: dict[str, int]) -> dict[int, Saved]:
    """Return what the team of each school saved; nothing is known while school IT had no ticket in hand at all."""
    sites: dict[int, list[Work]] = defaultdict(list)
    for row in found:
        if row.by_team and row.level == TEAM and costs:
            sites[row.site_id].append(row)
    return {
        site: Saved(
            tickets=len(rows),
            own=sum(row.seconds // 60 for row in rows),
            saved=sum(costs.get(row.symptom, costs[""]) for row in rows),
        )
        for site, rows in sites.items()
    }
