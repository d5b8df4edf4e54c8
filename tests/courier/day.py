"""A district on a map with devices in its boxes: what the courier's tests stand on."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from firstbell.courier.models import PickupRequest, Run
from firstbell.directory.models import Site
from firstbell.flows.rounds import Day, plan_day, propose, wishes
from firstbell.jobs.pickups import ask_for_pickups
from firstbell.kernel.actor import Actor
from tests import make
from tests.web.depot.world import World, world

MONDAY = date(2026, 9, 14)


def mapped(schools: int = 2) -> World:
    """Make a district whose depot and schools lie on a line, some kilometres apart."""
    made = world(schools)
    for number, site in enumerate([made.town.depot, *(school.site for school in made.town.schools)]):
        Site.objects.filter(pk=site.pk).update(
            latitude=Decimal("38.25"), longitude=Decimal("-85.75") + number * Decimal("0.05")
        )
        site.refresh_from_db()
    return made


def act(w: World, by: Actor | None = None, **more: Any) -> dict[str, Any]:
    """Return the keywords of a verb that the technician calls now."""
    return {"by": by or w.by, "at": w.at, "op": make.op()} | more


def asked(w: World) -> list[PickupRequest]:
    """Let the worker look what the rule asks for, and return the open requests."""
    ask_for_pickups(w.later(minutes=1))
    return requests()


def requests(**which: Any) -> list[PickupRequest]:
    """Return the open requests, or those that are asked for."""
    rows = PickupRequest.objects.everyone(reason="a test looks").filter(**which or {"ended_at": None})
    return list(rows.order_by("pk"))


def planned(w: World, *, day: date = MONDAY, vans: int = 1, capacity: int = 20) -> list[Run]:
    """Plan every wish of a day, as the page proposes it, and return its runs."""
    what = Day(w.town.depot, day, vans, capacity)
    found = propose(what, wishes(day, by=w.by, at=w.at))
    routes = tuple(tuple(stop.site_id for stop in run.stops) for run in found.runs)
    plan_day(day=what, routes=routes, **act(w))
    return runs(day)


def runs(day: date = MONDAY) -> list[Run]:
    """Return the runs of a day that were not called off."""
    rows = Run.objects.everyone(reason="a test looks").exclude(status=Run.Status.CANCELLED)
    return list(rows.filter(day=day).order_by("van"))


def next_morning(w: World) -> datetime:
    """Let the night pass."""
    w.at = (w.at + timedelta(days=1)).replace(hour=13, minute=0)
    return w.at
