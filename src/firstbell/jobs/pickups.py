"""The courier by the clock: requests that arise by the rule of the plan, and pick-ups that are late soon (S52, S64)."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from firstbell.courier.actions import let_lapse
from firstbell.courier.models import Stop
from firstbell.courier.queries import next_stops, waiting
from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import PICKUP_WARN_HOURS
from firstbell.directory.models import Site
from firstbell.flows.pickups import ask_by_rule, due_now, idle_requests
from firstbell.jobs.recipients import hands_at, leads
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.due import pickup_due
from firstbell.measures.reach import reach_of
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice

logger = logging.getLogger(__name__)

OPERATIONS = UUID("0f7c2d55-8f0e-4a3e-9f53-7d1d0a6b2c41")
"""Name space of operation ids: asked at one tick of the clock, a site asks once."""


def ask_for_pickups(at: datetime) -> None:
    """Open the requests that the rule asks for now, and end those of the rule where nothing waits any more."""
    for site_id in due_now(at):
        _try(partial(ask_by_rule, site_id=site_id, by=SYSTEM, at=at, op=_op("ask", site_id, at)))
    for request_id in idle_requests():
        _try(partial(let_lapse, request_id=request_id, by=SYSTEM, at=at, op=_op("lapse", request_id, at)))


def _op(what: str, pk: int, at: datetime) -> UUID:
    return uuid5(OPERATIONS, f"{what}:{pk}:{at.isoformat()}")


def _try(verb: Callable[[], object]) -> None:
    try:
        verb()
    except (Missing, Refused) as no:  # somebody was faster
        logger.info("the courier's clock passed something over: %s", type(no).__name__)


def tell_of_pickups_due(at: datetime) -> None:
    """Tell the depot of devices that will be late soon, where no van is planned in time: once a school and due day."""
    answers, reach = plan(), reach_of(SYSTEM)
    boxed, stops = waiting(reach.ids), next_stops(reach.ids)
    couriers = [user_id for depot in reach.benches for user_id in hands_at(depot, at=at)]
    for site in reach.schools:
        if site.pk in boxed:
            due = pickup_due(reach.times[site.pk], answers, site.pk, boxed[site.pk].oldest)
            if due and _soon(reach.times[site.pk], answers, site.pk, due, at) and not _planned(stops.get(site.pk), due):
                _tell(site, boxed[site.pk].count, due, couriers or leads(site.pk, at=at), reach.times[site.pk], at)


def _soon(school: SchoolTime, answers: Plan, site_id: int, due: datetime, at: datetime) -> bool:
    return at < due and school.seconds_between(at, due) <= answers.says(PICKUP_WARN_HOURS, site_id) * 3600


def _planned(stop: Stop | None, due: datetime) -> bool:
    """Say whether a van comes in time: by its hour where that is known, else on the day at the latest."""
    if stop is None:
        return False
    return stop.arrives_at <= due if stop.arrives_at else stop.run.day <= due.date()


def _tell(site: Site, number: int, due: datetime, to: list[int], school: SchoolTime, at: datetime) -> None:
    day = due.astimezone(school.zone).date()
    message = Message(kind=Notice.Kind.PICKUP_SOON, cause=f"due:{site.pk}:{day}", site_id=site.pk, number=number)
    tell(message=message, to=to, at=at)
