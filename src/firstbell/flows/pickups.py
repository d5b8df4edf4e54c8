"""Requests for the courier that arise by the rule of the plan: fixed days, or enough that waits long enough (S64)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from firstbell.courier import rules
from firstbell.courier.actions import ask, lock_site
from firstbell.courier.models import PickupRequest
from firstbell.courier.queries import last_withdrawn, next_stops, open_requests, waiting
from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import PICKUP_DAYS, PICKUP_HOURS, PICKUP_NUMBER, PICKUP_RULE
from firstbell.directory.models import Site
from firstbell.directory.queries import school_time_of, school_times, with_calendar
from firstbell.kernel.actor import Actor
from firstbell.kernel.schooltime import SchoolTime
from firstbell.ledger.actions import Op, verb
from firstbell.repairs.clocks import next_pickup_day

RULE = (PICKUP_RULE.key, PICKUP_DAYS.key, PICKUP_NUMBER.key, PICKUP_HOURS.key)


@dataclass(frozen=True)
class Due:
    """Why and from which day on a site is to be visited by the rule."""

    site_id: int
    reason: PickupRequest.Reason
    wanted_on: date


@verb
def ask_by_rule(*, site_id: int, by: Actor, at: datetime, op: Op) -> PickupRequest | None:
    """Open a site's request where the rule of the plan asks for it now; nothing happens where it does not."""
    site = lock_site(site_id)
    found = _due([site.pk], {site.pk: school_time_of(site.pk)}, plan(RULE), at)
    if not found:
        return None
    return ask(site=site, reason=found[0].reason, wanted_on=found[0].wanted_on, by=by, at=at, op=op)


def due_now(at: datetime) -> list[int]:
    """Return the sites that the rule asks for now and that have not asked; for the worker, few queries for all."""
    boxed = waiting(Site.objects.filter(kind=Site.Kind.SCHOOL, closed_on__isnull=True).values_list("pk", flat=True))
    times = school_times(with_calendar(Site.objects.filter(pk__in=list(boxed))))
    return [due.site_id for due in _due(list(boxed), times, plan(RULE), at)]


def idle_requests() -> list[int]:
    """Return the requests of the rule at sites where nothing waits any more and no van is planned."""
    rows = PickupRequest.objects.everyone(reason="for the worker").filter(Q(ended_at__isnull=True))
    made = dict(rows.exclude(reason=PickupRequest.Reason.HAND).values_list("site_id", "pk"))
    wanted = waiting(made).keys() | next_stops(made).keys()
    return sorted(pk for site_id, pk in made.items() if site_id not in wanted)


def _due(site_ids: Iterable[int], times: dict[int, SchoolTime], answers: Plan, at: datetime) -> list[Due]:
    ids = list(site_ids)
    boxed, asked, withdrawn = waiting(ids), open_requests(ids), last_withdrawn(ids)
    fresh = {pk: row for pk, row in boxed.items() if pk not in withdrawn or row.newest > withdrawn[pk]}
    found = (_due_at(pk, row, times[pk], answers, at) for pk, row in sorted(fresh.items()) if pk not in asked)
    return [due for due in found if due]


def _due_at(site_id: int, boxed: rules.Waiting, school: SchoolTime, answers: Plan, at: datetime) -> Due | None:
    reason = rules.why_now(boxed, answers, school, site_id, at)
    if reason is None:
        return None
    today = at.astimezone(school.zone).date()
    if reason is not PickupRequest.Reason.DAY:
        return Due(site_id, reason, today)
    days: frozenset[str] = answers.says(PICKUP_DAYS, site_id)
    day = next_pickup_day(school, days, at)
    return Due(site_id, reason, day) if day else None
