"""What can be written in the ledger about the courier."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class PickupAsked(Fact):
    """A site is to be visited."""

    kind = "courier.asked"
    sentence = _("{site} asks for the courier: {reason}")
    pickup_request_id: int
    site_id: int
    reason: Code
    wanted_on: date


@dataclass(frozen=True)
class PickupEnded(Fact):
    """A request ended: collected, withdrawn, or nothing waited any more."""

    kind = "courier.request_ended"
    sentence = _("The request of {site} for the courier ended: {end}")
    pickup_request_id: int
    site_id: int
    end: Code


@dataclass(frozen=True)
class RunPlanned(Fact):
    """The route of one van on one day was planned. Length in metres."""

    kind = "courier.run_planned"
    sentence = _("A run was planned for {day}: {stops} stops")
    run_id: int
    depot_id: int
    day: date
    van: int
    stops: int
    metres: int


@dataclass(frozen=True)
class RunStarted(Fact):
    """A driver left with a van."""

    kind = "courier.run_started"
    sentence = _("{user} started the run")
    run_id: int
    user_id: int | None


@dataclass(frozen=True)
class StopLeft(Fact):
    """The courier left a site: devices collected, brought, and left behind."""

    kind = "courier.stop_left"
    sentence = _("The courier left {site}: {collected} collected, {brought} brought, {left} still there")
    run_id: int
    stop_id: int
    site_id: int
    collected: int
    brought: int
    left: int


@dataclass(frozen=True)
class StopFailed(Fact):
    """A visit was in vain; the site's request stands."""

    kind = "courier.stop_failed"
    sentence = _("The courier could not do {site}: {reason}")
    run_id: int
    stop_id: int
    site_id: int
    reason: Code


@dataclass(frozen=True)
class RunEnded(Fact):
    """The van is back at the depot."""

    kind = "courier.run_ended"
    sentence = _("The run is over: {visited} stops visited, {failed} in vain")
    run_id: int
    visited: int
    failed: int


@dataclass(frozen=True)
class RunCancelled(Fact):
    """A planned run was called off; the requests of its sites stand."""

    kind = "courier.run_cancelled"
    sentence = _("A planned run was called off")
    run_id: int
