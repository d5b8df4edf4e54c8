"""The student team's time box: what stays with it for too long moves to school IT by itself (S51)."""

import logging
from datetime import datetime
from uuid import UUID, uuid5

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import TEAM_MINUTES
from firstbell.jobs.alarms import open_schools
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Refused
from firstbell.kernel.schooltime import SchoolTime
from firstbell.tickets.actions import hand_up_overdue
from firstbell.tickets.models import Phase, Ticket

logger = logging.getLogger(__name__)

OPERATIONS = UUID("5b8f0c1e-6a52-4c56-9b4e-2f6d5e1f7a10")
"""Name space of operation ids: the same time box run out twice is one operation."""
ON_THE_CLOCK = (Ticket.Status.NEW, Ticket.Status.TRIAGED, Ticket.Status.IN_PROGRESS)
"""What waits on its reporter does not wait on the team."""


def hand_up_team_tasks(at: datetime) -> None:
    """Hand up every ticket whose school minutes with the student team have run out."""
    answers, schools = plan([TEAM_MINUTES.key]), open_schools()
    rows = Ticket.objects.everyone(reason="the clock serves no reader").filter(
        level=1, status__in=ON_THE_CLOCK, quarantined=False
    )
    for ticket in list(rows.order_by("pk")):
        first = _arrived(ticket)
        if first and ticket.site_id in schools and _ran_out(first, ticket, answers, schools[ticket.site_id], at):
            _hand_up(ticket, first, at)


def _arrived(ticket: Ticket) -> Phase | None:
    """The phase in which the ticket came to the team, after the last one on another level."""
    phases = Phase.objects.filter(ticket=ticket)
    elsewhere = phases.exclude(level=1).order_by("-since", "-pk").first()
    with_team = phases.filter(level=1)
    if elsewhere:
        with_team = with_team.filter(pk__gt=elsewhere.pk)
    return with_team.order_by("since", "pk").first()


def _ran_out(first: Phase, ticket: Ticket, answers: Plan, school: SchoolTime, at: datetime) -> bool:
    return school.seconds_between(first.since, at) >= answers.says(TEAM_MINUTES, ticket.site_id) * 60


def _hand_up(ticket: Ticket, first: Phase, at: datetime) -> None:
    try:
        hand_up_overdue(ticket_id=ticket.pk, by=SYSTEM, at=at, op=uuid5(OPERATIONS, f"time_box:{first.pk}"))
    except Refused as refusal:  # somebody moved it in the meantime
        logger.info("ticket %s stays where it is: %s", ticket.pk, refusal.code)
