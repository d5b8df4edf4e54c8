"""What nobody did in time: found by the clock, told once per cause. Days are school days of the site."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F, Q

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import (
    CLOSET_DAYS,
    LOAN_DISTRICT_DAYS,
    LOAN_SECOND_DAYS,
    POLICE_DAYS,
    SEARCH_DAYS,
    SILENT_DAYS,
)
from firstbell.devices.models import Custody
from firstbell.directory.models import Site
from firstbell.directory.queries import school_times, with_calendar
from firstbell.incidents.models import Incident
from firstbell.incidents.queries import searched, steps_due
from firstbell.jobs.recipients import district, leads
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.ledger.queries import Heard, last_heard
from firstbell.loans.models import Loan
from firstbell.measures.closet import idle
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from firstbell.repairs.models import WorkOrder

BATCH = 1000


def days_passed(school: SchoolTime, since: datetime, days: int, *, at: datetime) -> bool:
    """Say whether so many school days have gone by; never while the school is closed for good."""
    try:
        return school.after_days(since, days) <= at
    except ClosedForGood:
        return False


def open_schools() -> dict[int, SchoolTime]:
    """Return the school time of every open school, by id."""
    schools = Site.objects.filter(kind=Site.Kind.SCHOOL, closed_on__isnull=True)
    return school_times(with_calendar(schools))


def tell_of_closets(at: datetime) -> None:
    """Broken devices that rest in one place of a school for too long are alarmed (S36)."""
    answers, schools = plan([CLOSET_DAYS.key]), open_schools()
    for custody in _broken_at_rest(at):
        days = answers.says(CLOSET_DAYS, custody.site_id)
        if custody.site_id in schools and days_passed(schools[custody.site_id], custody.since, days, at=at):
            message = Message(
                kind=Notice.Kind.CLOSET,
                cause=f"custody:{custody.pk}",
                site_id=custody.site_id,
                device_id=custody.device_id,
                number=days,
            )
            tell(message=message, to=leads(custody.site_id, at=at), at=at)


def _broken_at_rest(at: datetime) -> Iterator[Custody]:
    """What may be overdue: what the closet lists, at rest at a school for a day."""
    rows = Custody.objects.filter(
        until__isnull=True,
        kind=Custody.Kind.PLACE,
        since__lt=at - timedelta(days=1),
        site__kind=Site.Kind.SCHOOL,
        device__in=idle(SYSTEM).values("pk"),
    )
    return rows.order_by("pk").iterator(chunk_size=BATCH)


def tell_of_silence(at: datetime) -> None:
    """Repairs away from their school of which nothing was heard for too long are alarmed (S67)."""
    answers, schools = plan([SILENT_DAYS.key]), open_schools()
    away = WorkOrder.objects.everyone(reason="an alarm serves no reader").filter(
        Q(device__custodies__kind=Custody.Kind.SHIPMENT) | ~Q(device__at_site_id=F("site_id")),
        device__custodies__until__isnull=True,
        closed_at__isnull=True,
    )
    orders = away.order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(orders, BATCH)):
        heard = last_heard("device", [order.device_id for order in batch])
        for order in batch:
            if order.site_id in schools and order.device_id in heard:
                _tell_if_silent(order, heard[order.device_id], answers, schools[order.site_id], at)


def _tell_if_silent(order: WorkOrder, heard: Heard, answers: Plan, school: SchoolTime, at: datetime) -> None:
    days = answers.says(SILENT_DAYS, order.site_id)
    if not days_passed(school, heard.at, days, at=at):
        return
    message = Message(
        kind=Notice.Kind.SILENT,
        cause=f"event:{heard.event_id}",
        event_id=heard.event_id,
        site_id=order.site_id,
        ticket_id=order.ticket_id,
        device_id=order.device_id,
        number=days,
    )
    tell(message=message, to=leads(order.site_id, at=at), at=at)


def tell_of_case_steps(at: datetime) -> None:
    """Steps of the cases of missing devices are due within a day, or late (S76-S78)."""
    schools, answers = open_schools(), plan([SEARCH_DAYS.key, POLICE_DAYS.key])
    for incident in searched(by=SYSTEM).iterator(chunk_size=BATCH):
        if incident.site_id in schools:
            school = schools[incident.site_id]
            for due in steps_due(incident, incident.steps.all(), school=school, answers=answers, at=at):
                if due.done is None and due.until is not None and due.until - timedelta(days=1) <= at:
                    _tell_of_step(incident, due.step.code, at)


def _tell_of_step(incident: Incident, code: str, at: datetime) -> None:
    message = Message(
        kind=Notice.Kind.CASE_STEP,
        cause=f"incident:{incident.pk}:{code}",
        site_id=incident.site_id,
        ticket_id=incident.ticket_id,
        device_id=incident.device_id,
    )
    tell(message=message, to=leads(incident.site_id, at=at), at=at)


def tell_of_overdue_loans(at: datetime) -> None:
    """Loaners that are not back: told the day after they were due, a second time, then to the district (S71)."""
    schools, answers = open_schools(), plan([LOAN_SECOND_DAYS.key, LOAN_DISTRICT_DAYS.key])
    rows = Loan.objects.everyone(reason="an alarm serves no reader").filter(
        returned_at__isnull=True, due_on__lt=at.date() + timedelta(days=1)
    )
    for loan in rows.order_by("pk").iterator(chunk_size=BATCH):
        if loan.site_id in schools:
            _climb(loan, schools[loan.site_id], answers, at)


def _climb(loan: Loan, school: SchoolTime, answers: Plan, at: datetime) -> None:
    """Tell each step of the ladder that a loan has reached; a step told before is not told again."""
    today = at.astimezone(school.zone).date()
    late = school.days_after(loan.due_on, today)
    if loan.due_on < today:
        _tell_of_loan(loan, "", 0, leads(loan.site_id, at=at), at)
    if late >= answers.says(LOAN_SECOND_DAYS, loan.site_id):
        _tell_of_loan(loan, ":second", late, leads(loan.site_id, at=at), at)
    if late >= answers.says(LOAN_DISTRICT_DAYS, loan.site_id):
        _tell_of_loan(loan, ":district", late, district(at=at), at)


def _tell_of_loan(loan: Loan, step: str, late: int, to: list[int], at: datetime) -> None:
    message = Message(
        kind=Notice.Kind.LOAN_OVERDUE,
        cause=f"loan:{loan.pk}:{loan.due_on}{step}",
        site_id=loan.site_id,
        ticket_id=loan.ticket_id,
        device_id=loan.device_id,
        number=late,
    )
    tell(message=message, to=to, at=at)
