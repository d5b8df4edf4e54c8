"""When a broken device is to be on its way, as the plan says it: said once, for clocks, alarms and pages."""

from datetime import datetime

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import PICKUP_DAYS, PICKUP_READING, PICKUP_RULE
from firstbell.kernel.schooltime import SchoolTime
from firstbell.repairs.clocks import due_at_next_pickup, due_within_48_hours, sooner


def within_48_hours(school: SchoolTime, answers: Plan, site_id: int, started: datetime) -> datetime | None:
    """Return when "within 48 hours" ends as the plan reads it for this school (S52, S53)."""
    return due_within_48_hours(school, started, answers.says(PICKUP_READING, site_id))


def pickup_due(school: SchoolTime, answers: Plan, site_id: int, started: datetime) -> datetime | None:
    """Return by when the courier is to have it: within 48 hours, and where days are decided, on the next one (S113)."""
    within = within_48_hours(school, answers, site_id, started)
    if not answers.decided(PICKUP_DAYS, site_id) or answers.says(PICKUP_RULE, site_id) != "days":
        return within
    days: frozenset[str] = answers.says(PICKUP_DAYS, site_id)
    return sooner(within, due_at_next_pickup(school, days, started))
