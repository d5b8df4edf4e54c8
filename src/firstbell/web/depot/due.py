"""Due days as signals: fine with the day, soon on that day, late by so many school days."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import (
    PICKUP_DAYS,
    PICKUP_HOURS,
    PICKUP_NUMBER,
    PICKUP_READING,
    PICKUP_RULE,
    REPAIR_DAYS,
    REPAIR_WHERE,
)
from firstbell.directory.models import Site
from firstbell.directory.queries import school_time
from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.due import pickup_due, within_48_hours
from firstbell.measures.waiting import next_visit_by_rule
from firstbell.repairs.clocks import days_late, due_after_days, next_pickup_day
from firstbell.web.desk.words import said_day

QUESTIONS = (
    PICKUP_RULE.key, PICKUP_NUMBER.key, PICKUP_HOURS.key, PICKUP_DAYS.key, PICKUP_READING.key, REPAIR_DAYS.key,
    REPAIR_WHERE.key,
)  # fmt: skip


@dataclass(frozen=True)
class Signal:
    """fine, soon or late, with the words that say more than the colour."""

    kind: str
    words: str


def signal_of(due: datetime | None, school: SchoolTime, at: datetime) -> Signal:
    """Return how a due moment looks now; a closed calendar has none and nothing is late."""
    if due is None:
        return Signal("fine", _("no school days ahead"))
    late = days_late(school, due, at)
    if late:
        return Signal("late", ngettext("%(n)d school day late", "%(n)d school days late", late) % {"n": late})
    today, day = at.astimezone(school.zone).date(), due.astimezone(school.zone).date()
    if at > due:
        return Signal(
            "late", _("late since %(time)s") % {"time": date_format(due.astimezone(school.zone), "TIME_FORMAT")}
        )
    if day == today:
        return Signal("soon", _("due today"))
    return Signal("fine", _("due {day}").format(day=said_day(day, today)))


def pickup_signal(site: Site, since: datetime, answers: Plan, at: datetime) -> Signal:
    """Return how long something may still wait for the courier (S52, S113)."""
    school = school_time(site)
    return signal_of(pickup_due(school, answers, site.pk, since), school, at)


def arrival_signal(site: Site, since: datetime, answers: Plan, at: datetime) -> Signal:
    """Return how long something may still be under way: "within 48 hours" as the plan reads it (S53)."""
    school = school_time(site)
    return signal_of(within_48_hours(school, answers, site.pk, since), school, at)


def bench_signal(site: Site, since: datetime, answers: Plan, at: datetime) -> Signal:
    """Return how long a repair may still take, from when the device came to this bench (S53)."""
    school = school_time(site)
    return signal_of(due_after_days(school, since, answers.says(REPAIR_DAYS, site.pk)), school, at)


def comes_today(site: Site, answers: Plan, at: datetime) -> bool:
    """Say whether today is a courier day at a school, until it closes. Where it comes when asked, every day is one."""
    school = school_time(site)
    if answers.says(PICKUP_RULE, site.pk) != "days":
        return True
    days = answers.says(PICKUP_DAYS, site.pk)
    return next_pickup_day(school, days, at) == at.astimezone(school.zone).date()


def next_visit(site: Site, answers: Plan, at: datetime) -> str:
    """Return the courier's next fixed day at a school as people say it, or nothing while school is out."""
    school = school_time(site)
    day = next_visit_by_rule(school, answers, site.pk, at)
    return said_day(day, at.astimezone(school.zone).date()) if day else ""
