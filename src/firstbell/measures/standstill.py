"""Where things stand still: what lies idle and lay idle, and how long tickets stay at a level (S36, S51, S59)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from firstbell.devices.models import Custody
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.ledger.figures import tally
from firstbell.measures.closet import NEXT_STEP, idle, since_of
from firstbell.measures.headline import MEDIAN, P90, percentile
from firstbell.measures.intervals import Ruler
from firstbell.measures.reach import Reach
from firstbell.measures.without import Spell
from firstbell.notices.models import Notice
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.events import HandedUp
from firstbell.tickets.models import Phase

DAY_MINUTES = 8 * 60
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Idle:
    """Broken devices of one school with nobody's turn: how many, how long the middle one and the oldest have lain."""

    site_id: int
    number: int
    median: int | None
    longest: int


def idle_now(by: Actor, reach: Reach, at: datetime) -> list[Idle]:
    """Return what lies idle now by school, in school minutes; one query. Schools with nothing are left out."""
    ages: dict[int, list[int]] = defaultdict(list)
    for device in idle(by, Permission.SEE_MEASURES).order_by():
        school = reach.times.get(device.at_site_id)
        if school:
            ages[device.at_site_id].append(school.seconds_between(since_of(device), at) // 60)
    return [Idle(pk, len(ages[pk]), percentile(ages[pk], MEDIAN), max(ages[pk])) for pk in reach.ids if pk in ages]


def idle_before(reach: Reach, moments: Iterable[datetime]) -> dict[datetime, Counter[int]]:
    """Return how many broken devices lay in a place from which nobody fetches them, at past moments, by school.

    Read off repairs and custody as they were then: devices with an open repair that rested elsewhere than in a
    place with a next step. Devices without a repair are of now alone, no table keeps when a report called them broken.
    """
    wanted = sorted(moments)
    lay = Custody.objects.filter(
        Q(until__isnull=True) | Q(until__gt=wanted[0]), kind=Custody.Kind.PLACE, site_id__in=reach.ids
    ).exclude(place__kind__in=NEXT_STEP)
    orders = WorkOrder.objects.everyone(reason="the schools are in reach").filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=wanted[0]), site_id__in=reach.ids, opened_at__lte=wanted[-1]
    )
    open_between: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for device_id, opened, closed in orders.values_list("device_id", "opened_at", "closed_at").order_by():
        open_between[device_id].append((opened, closed))
    rows = lay.filter(device__in=orders.values("device_id")).values_list("device_id", "site_id", "since", "until")
    found: dict[datetime, Counter[int]] = {moment: Counter() for moment in wanted}
    for device_id, site_id, since, until in rows.order_by():
        for moment in wanted:
            if _covers(since, until, moment) and any(_covers(*span, moment) for span in open_between[device_id]):
                found[moment][site_id] += 1
    return found


def _covers(since: datetime, until: datetime | None, moment: datetime) -> bool:
    return since <= moment and (until is None or until > moment)


@dataclass(frozen=True)
class AtLevel:
    """How long tickets stayed at one level, in school minutes, and how many of those stays ended in a hand-up."""

    level: int
    stays: int
    median: int | None
    p90: int | None


def time_at_levels(reach: Reach, since: datetime, until: datetime) -> list[AtLevel]:
    """Return how long tickets opened in a period were with each level so far, waiting left in; one query (S51)."""
    rows = Phase.objects.filter(
        ticket__site_id__in=reach.ids, ticket__opened_at__gte=since, ticket__opened_at__lt=until,
        ticket__quarantined=False,
    ).exclude(status__in=["resolved", "closed"])  # fmt: skip
    rulers = {pk: Ruler(reach.times[pk], since, until) for pk in reach.ids}
    spent: Counter[tuple[int, int]] = Counter()
    for ticket, site, level, begun, ended in rows.values_list(
        "ticket_id", "ticket__site_id", "level", "since", "until"
    ).order_by():
        spent[level, ticket] += rulers[site].seconds(begun, ended or until)
    by_level: dict[int, list[int]] = defaultdict(list)
    for (level, _ticket), seconds in spent.items():
        by_level[level].append(seconds // 60)
    return [
        AtLevel(level, len(found), percentile(found, MEDIAN), percentile(found, P90))
        for level, found in sorted(by_level.items())
    ]


def handed_up(reach: Reach, since: datetime, until: datetime) -> Counter[tuple[str, str]]:
    """Return how often each role handed a ticket up for each reason (S59), in one query."""
    found: Counter[tuple[str, str]] = Counter()
    schools = set(reach.ids)
    for (_kind, site_id, role, why), number in tally([HandedUp.kind], ["site_id", "role", "why"], since, until).items():
        if site_id in schools:
            found[role, why] += number
    return found


@dataclass(frozen=True)
class Lacked:
    """One school's time without a device in a period: hours, cases, and the longest case in school minutes."""

    site_id: int
    cases: int
    longest: int
    seconds: int


def lacked(found: Iterable[Spell], seconds: dict[int, int]) -> dict[int, Lacked]:
    """Return cases and longest case by school; ``seconds`` are those that fell into the period."""
    groups: dict[int, list[Spell]] = defaultdict(list)
    for spell in found:
        groups[spell.site_id].append(spell)
    return {
        pk: Lacked(pk, len(rows), max(spell.minutes for spell in rows), seconds.get(pk, 0))
        for pk, rows in groups.items()
    }


def told_of(reach: Reach, since: datetime, until: datetime) -> Counter[tuple[int, str]]:
    """Return how many notices of each kind were written about each school (S67): no names of those who got them."""
    rows = Notice.objects.everyone(reason="counted by school, without names").filter(
        site_id__in=reach.ids, created_at__gte=since, created_at__lt=until
    )
    return Counter(rows.order_by().values_list("site_id", "kind"))
