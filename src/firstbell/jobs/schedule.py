"""What is done by the clock: one table. Each entry may run twice or late without harm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore

from firstbell.jobs import alarms, daily, onduty, pickups, timebox
from firstbell.notices.actions import forget_old, forget_questions
from firstbell.repairs.actions import forget_photos
from firstbell.tickets.actions import forget_expired_links, forget_tallies
from firstbell.transfers.actions import forget_expired


@dataclass(frozen=True)
class Periodic:
    """One piece of periodic work: its name, when (cron, in UTC) and what."""

    name: str
    cron: str
    run: Callable[[datetime], None]


def tidy(at: datetime) -> None:
    """Remove what has expired: status links, old notices, photos of repairs long closed, sessions."""
    forget_expired_links(at=at)
    forget_tallies(at=at)
    forget_old(at=at)
    forget_questions(at=at)
    forget_photos(at=at)
    SessionStore.clear_expired()


def forget_transfers(at: datetime) -> None:
    """Remove lists and exports whose day is over, with their files."""
    forget_expired(at=at)


SCHEDULE = (
    Periodic("hand_up_team_tasks", "* * * * *", timebox.hand_up_team_tasks),
    Periodic("let_tickets_fall", "*/10 * * * *", onduty.let_tickets_fall),
    Periodic("tell_of_closets", "5 * * * *", alarms.tell_of_closets),
    Periodic("tell_of_silence", "15 * * * *", alarms.tell_of_silence),
    Periodic("tell_of_overdue_loans", "25 * * * *", alarms.tell_of_overdue_loans),
    Periodic("forget_transfers", "45 * * * *", forget_transfers),
    Periodic("tell_of_the_day", "20 * * * *", daily.tell_of_the_day),
    Periodic("ask_for_pickups", "*/10 * * * *", pickups.ask_for_pickups),
    Periodic("tell_of_pickups_due", "50 * * * *", pickups.tell_of_pickups_due),
    Periodic("tell_of_case_steps", "45 * * * *", alarms.tell_of_case_steps),
    Periodic("tidy", "35 8 * * *", tidy),
)
