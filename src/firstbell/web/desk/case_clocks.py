"""The clocks of one case as its pages show them: kept, running until when, or too late."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from firstbell.directory.models import Site
from firstbell.directory.queries import school_times, with_calendar
from firstbell.measures.clocks import Clock, Kind, Reading, ticket_clocks, trip_clocks
from firstbell.measures.trips import told
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.web.desk.clocks import Clocks, said_minutes
from firstbell.web.templatetags.firstbell import said_time

UNSHOWN = frozenset({Kind.RECEIPT})
"""The receipt comes by itself in the same second; it says nothing about a case."""


@dataclass(frozen=True)
class Line:
    """One clock: its name, fine, soon or late, and the words that say more than the colour."""

    name: str
    kind: str
    words: str


def case_clocks(*, ticket: Ticket, orders: QuerySet[WorkOrder], clocks: Clocks, zone: str) -> list[Line]:
    """Return the clocks of a ticket and of the repairs behind it, in the order in which they started.

    One query; three more once a repair has been at a depot, whose working days then count.
    """
    trips = told(orders)
    depots = {move.site_id for trip in trips for move in trip.moves if move.step == "depot"}
    elsewhere = with_calendar(Site.objects.filter(pk__in=depots)) if depots else ()
    reading = Reading(clocks.at, clocks.answers, clocks.times | school_times(elsewhere))
    found = ticket_clocks(ticket, reading) + [clock for trip in trips for clock in trip_clocks(trip, reading)]
    now = clocks.at.astimezone(ZoneInfo(zone))
    return [_line(clock, now) for clock in found if clock.kind not in UNSHOWN]


def _line(clock: Clock, now: datetime) -> Line:
    return Line(name_of_clock(clock.kind), clock.state, _words(clock, now))


def _words(clock: Clock, now: datetime) -> str:
    took = said_minutes(clock.minutes)
    if clock.due is None:
        return took
    due = said_time(clock.due.astimezone(now.tzinfo), now)
    if clock.stopped is None:
        return _("late: was due {when}").format(when=due) if clock.state == "late" else _("due {when}").format(when=due)
    return _("late: {time}, was due {when}").format(time=took, when=due) if clock.state == "late" else took


def name_of_clock(kind: Kind) -> str:
    """Return the name of a clock."""
    names = {
        Kind.RECEIPT: _("Receipt"),
        Kind.ANSWER: _("First answer"),
        Kind.TRIAGE: _("Triage"),
        Kind.PICKUP: _("Pick-up"),
        Kind.REPAIR: _("Repair"),
        Kind.RETURN: _("Return"),
        Kind.HAND_BACK: _("Hand-back"),
    }
    return names[kind]
