"""Today's alarms by school, in one query: what lies idle, is silent, overdue, late, or falls to nobody.

Each row is the moment from which a limit of the plan runs; whether it has passed is derived here, in school time.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import CLOSET_DAYS, HAND_BACK_DAYS, SILENT_DAYS
from firstbell.devices.models import Custody
from firstbell.directory.models import Absence, Place, Site
from firstbell.directory.queries import roles_on
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission, Role
from firstbell.kernel.schooltime import SchoolTime
from firstbell.ledger.figures import heard_at
from firstbell.loans.models import Loan
from firstbell.measures.closet import idle, untouched
from firstbell.measures.due import pickup_due
from firstbell.measures.reach import Reach
from firstbell.repairs.clocks import due_after_days
from firstbell.repairs.models import WorkOrder

SEE = Permission.SEE_MEASURES


class Alarm(StrEnum):
    """What leadership should hear of today, most pressing first."""

    NO_LEAD = "no_lead"
    CLOSET = "closet"
    UNTOUCHED = "untouched"
    SILENT = "silent"
    PICKUP = "pickup"
    HAND_BACK = "hand_back"
    LOAN = "loan"


def _rows(alarm: Alarm, rows: QuerySet[Any], site: str, since: Any) -> QuerySet[Any, Any]:
    columns = {
        "alarm": Value(alarm.value, output_field=CharField()),
        "alarm_site": Cast(F(site), IntegerField()),
        "alarm_since": Cast(since, DateTimeField()),
    }
    found: QuerySet[Any, Any] = rows.order_by().annotate(**columns).values_list(*columns)
    return found


def _candidates(by: Actor, reach: Reach, at: datetime) -> QuerySet[Any, Any]:
    now = Custody.objects.filter(device_id=OuterRef("device_id"), until__isnull=True)
    travels = Exists(now.filter(kind=Custody.Kind.SHIPMENT))
    orders = WorkOrder.objects.visible_to(by, SEE).filter(closed_at__isnull=True)
    away = orders.filter(~Q(device__at_site_id=F("site_id")) | Q(travels))
    back = orders.filter(~Q(travels), status=WorkOrder.Status.CHECKED, device__at_site_id=F("site_id"))
    boxed = Custody.objects.filter(until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site_id__in=reach.ids)
    lent = Loan.objects.visible_to(by, SEE).filter(returned_at__isnull=True, due_on__lte=at.date())
    lead = roles_on(at.date()).filter(role=Role.IT_LEAD, site_id=OuterRef("pk"), user__is_active=True)
    gone = Absence.objects.filter(first_day__lte=at.date(), last_day__gte=at.date()).values("user_id")
    alone = Site.objects.filter(pk__in=reach.ids).filter(~Exists(lead.exclude(user_id__in=gone)))
    return _rows(Alarm.NO_LEAD, alone, "pk", Value(at)).union(
        _rows(Alarm.CLOSET, idle(by, SEE), "at_site_id", F("lies_since")),
        _rows(Alarm.UNTOUCHED, untouched(by, SEE), "site_id", F("opened_at")),
        _rows(Alarm.SILENT, away, "site_id", heard_at("device", "device_id")),
        _rows(Alarm.PICKUP, boxed, "site_id", F("since")),
        _rows(Alarm.HAND_BACK, back, "site_id", Subquery(now.values("since")[:1])),
        _rows(Alarm.LOAN, lent, "site_id", F("due_on")),
        all=True,
    )


def alarms(by: Actor, reach: Reach, answers: Plan, at: datetime) -> dict[Alarm, Counter[int]]:
    """Return how often each alarm sounds, by school, in one query."""
    found: dict[Alarm, Counter[int]] = {alarm: Counter() for alarm in Alarm}
    for name, site_id, since in _candidates(by, reach, at):
        alarm = Alarm(name)
        if site_id in reach.times and since and LATE[alarm](reach.times[site_id], answers, site_id, since, at):
            found[alarm][site_id] += 1
    return found


def _now(*_any: object) -> bool:
    return True


def _past(due: datetime | None, at: datetime) -> bool:
    return due is not None and due < at


def _by_days(question: Any) -> "Late":
    def late(school: SchoolTime, answers: Plan, site_id: int, since: datetime, at: datetime) -> bool:
        return _past(due_after_days(school, since, answers.says(question, site_id)), at)

    return late


def _by_pickup(school: SchoolTime, answers: Plan, site_id: int, since: datetime, at: datetime) -> bool:
    return _past(pickup_due(school, answers, site_id, since), at)


def _by_day(school: SchoolTime, _answers: Plan, _site_id: int, due: datetime, at: datetime) -> bool:
    return due.date() < at.astimezone(school.zone).date()


Late = Callable[[SchoolTime, Plan, int, datetime, datetime], bool]
LATE: dict[Alarm, Late] = {
    Alarm.NO_LEAD: _now,
    Alarm.CLOSET: _by_days(CLOSET_DAYS),
    Alarm.UNTOUCHED: _by_days(CLOSET_DAYS),
    Alarm.SILENT: _by_days(SILENT_DAYS),
    Alarm.PICKUP: _by_pickup,
    Alarm.HAND_BACK: _by_days(HAND_BACK_DAYS),
    Alarm.LOAN: _by_day,
}
"""When each limit has passed."""
