"""How long something has lasted in school time, and whether that is fine, soon too long, or too long by the plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import (
    CLASS_STOPPER_MINUTES,
    CLOSET_DAYS,
    DEVICELESS_MINUTES,
    HAND_BACK_DAYS,
    PICKUP_DAYS,
    PICKUP_READING,
    PICKUP_RULE,
    REPAIR_DAYS,
    TEAM_MINUTES,
    Question,
)
from firstbell.directory.models import Site
from firstbell.directory.queries import school_times
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.measures.clocks import ANSWER_MINUTES
from firstbell.tickets.models import Ticket

TARGETS: tuple[Question[Any], ...] = (
    CLASS_STOPPER_MINUTES, CLOSET_DAYS, DEVICELESS_MINUTES, HAND_BACK_DAYS, PICKUP_DAYS, PICKUP_READING, PICKUP_RULE,
    REPAIR_DAYS, TEAM_MINUTES,
)  # fmt: skip
"""What the plan is asked for, once a page."""
SHORT_MINUTES = 90
DAY_MINUTES = 8 * 60
SOON_DAYS, LATE_DAYS = 5, 10
"""School days after which an answered ticket is open for long, and for too long.

The plan has no number for it: after a week somebody looks again, after two it is nobody's turn in truth.
"""


@dataclass(frozen=True)
class Clock:
    """fine, soon or late, with the words that say more than the colour."""

    kind: str
    words: str


@dataclass(frozen=True)
class Clocks:
    """What reading clocks needs: the moment, the plan's targets and each site's school time, fetched once a page."""

    at: datetime
    answers: Plan
    times: dict[int, SchoolTime]

    def minutes(self, since: datetime, site_id: int) -> int:
        """Return school minutes since a moment."""
        return self.times[site_id].seconds_between(since, self.at) // 60

    def target(self, question: Question[int], site_id: int) -> int:
        """Return the plan's number for a site."""
        return self.answers.says(question, site_id)


def clocks_for(sites: Iterable[Site], at: datetime) -> Clocks:
    """Return the clocks of some sites (``with_calendar`` beforehand), with the plan's targets in one query."""
    return Clocks(at, plan([question.key for question in TARGETS]), school_times(sites))


def said_minutes(minutes: int) -> str:
    """Return a stretch of school time as people say it."""
    if minutes < SHORT_MINUTES:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    if minutes < DAY_MINUTES:
        hours = round(minutes / 60)
        return ngettext("%(n)d school hour", "%(n)d school hours", hours) % {"n": hours}
    days = minutes // DAY_MINUTES
    return ngettext("%(n)d school day", "%(n)d school days", days) % {"n": days}


def _kind(minutes: int, limit: int) -> str:
    if minutes > limit:
        return "late"
    return "soon" if minutes * 2 > limit else "fine"


def ticket_clock(ticket: Ticket, clocks: Clocks, *, has_device: bool) -> Clock:
    """Return the clock that matters most for an open ticket. ``has_device``: the person has a working one by now."""
    minutes = clocks.minutes(ticket.opened_at, ticket.site_id)
    said = said_minutes(minutes)
    if ticket.class_stopper and ticket.first_answer_at is None:
        limit = clocks.target(CLASS_STOPPER_MINUTES, ticket.site_id)
        return Clock(_kind(minutes, limit), _("a class waits, {time}").format(time=said))
    if ticket.unusable and not has_device:
        limit = clocks.target(DEVICELESS_MINUTES, ticket.site_id)
        return Clock(_kind(minutes, limit), _("{time} without a device").format(time=said))
    return _patient_clock(ticket, clocks, minutes)


def _patient_clock(ticket: Ticket, clocks: Clocks, minutes: int) -> Clock:
    """Return the clock of a ticket whose person can work meanwhile."""
    said = said_minutes(minutes)
    if ticket.status == Ticket.Status.WAITING:
        return Clock("fine", _("waits on {what}").format(what=Ticket.WaitingOn(ticket.waiting_on).label))
    if ticket.level == 1:
        limit = clocks.target(TEAM_MINUTES, ticket.site_id)
        return Clock(_kind(minutes, limit), _("{time} with the team").format(time=said))
    if ticket.first_answer_at is None:
        return Clock(_kind(minutes, ANSWER_MINUTES), _("{time} without an answer").format(time=said))
    return Clock(_kind_of_days(minutes // DAY_MINUTES), _("open for {time}").format(time=said))


def _kind_of_days(days: int) -> str:
    if days >= LATE_DAYS:
        return "late"
    return "soon" if days >= SOON_DAYS else "fine"


def days_clock(since: datetime, site: Site, question: Question[int], clocks: Clocks) -> Clock:
    """Return the clock of something that may lie for some school days, by the plan."""
    school = clocks.times[site.pk]
    minutes = clocks.minutes(since, site.pk)
    try:
        due = school.after_days(since, clocks.target(question, site.pk))
    except ClosedForGood:
        return Clock("fine", said_minutes(minutes))
    if clocks.at <= due:
        soon = school.seconds_between(clocks.at, due) // 60 < DAY_MINUTES // 2
        return Clock("soon" if soon else "fine", _("for {time}").format(time=said_minutes(minutes)))
    late = said_minutes(school.seconds_between(due, clocks.at) // 60)
    return Clock("late", _("{time} too long").format(time=late))
