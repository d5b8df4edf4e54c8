"""Reads of incidents that several pages share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from firstbell.decisions.queries import Plan, says
from firstbell.decisions.register import POLICE_DAYS, SEARCH_DAYS, THEFT_UNREPORTED
from firstbell.devices.models import Condition, Custody
from firstbell.directory.queries import school_time_of
from firstbell.directory.scope import ScopedQuerySet
from firstbell.incidents.models import Incident, Referral, StepDone
from firstbell.incidents.paths import Step, path_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.damage import GONE, Cause
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime

YEAR = timedelta(days=365)


def incidents_of(device_id: int, *, by: Actor) -> ScopedQuerySet[Incident]:
    """Return what happened to a device in reach, newest first, with who had it then."""
    rows = Incident.objects.visible_to(by).filter(device_id=device_id)
    return rows.select_related("custody__person", "custody__place", "custody__shipment", "ticket").order_by(
        "-happened_at", "-pk"
    )


def incidents_on(ticket_id: int) -> QuerySet[Incident]:
    """Return the incidents that hang on a ticket, which the caller has loaded in reach."""
    rows = Incident.objects.everyone(reason="the ticket was loaded in reach").filter(ticket_id=ticket_id)
    return rows.select_related("site", "custody__person", "device").order_by("pk")


def occurrence(incident: Incident) -> int:
    """Return the how manieth of its cause an incident is for its holder within a year: 1 is the first."""
    person = incident.custody.person_id
    if person is None:
        return 1
    rows = Incident.objects.everyone(reason="a number, for the policy row that applies")
    same = rows.filter(custody__person_id=person, cause=incident.cause, happened_at__gt=incident.happened_at - YEAR)
    before = Q(happened_at__lt=incident.happened_at) | Q(happened_at=incident.happened_at, pk__lt=incident.pk)
    return same.filter(before).count() + 1


@dataclass(frozen=True)
class Due:
    """One step of a case as it stands: done by whom, or until when it is to be done."""

    step: Step
    done: StepDone | None
    until: datetime | None
    late: bool


def steps_due(
    incident: Incident, done: Iterable[StepDone], *, school: SchoolTime, answers: Plan, at: datetime
) -> list[Due]:
    """Return every step of a case: what is missing, and until when. Derived on reading, never stored (rule 11)."""
    by_code = {row.code: row for row in done}
    found = []
    for step in path_of(incident):
        until = _until(school, incident.noted_at, step.days_at(answers, incident.site_id))
        row = by_code.get(step.code)
        late = row is None and not incident.outcome and until is not None and until <= at
        found.append(Due(step, row, until, late))
    return found


def _until(school: SchoolTime, since: datetime, days: int) -> datetime | None:
    try:
        return school.after_days(since, days)
    except ClosedForGood:
        return None


def searched(*, by: Actor) -> ScopedQuerySet[Incident]:
    """Return the devices in reach that are being searched, longest first, with what was done."""
    rows = Incident.objects.visible_to(by).filter(cause__in=sorted(GONE), outcome=Incident.Outcome.OPEN)
    return (
        rows.select_related("device__model", "site", "custody__person").prefetch_related("steps").order_by("noted_at")
    )


def search_over(incident: Incident, *, at: datetime) -> bool:
    """Say whether the days of the search have gone by."""
    until = _until(school_time_of(incident.site_id), incident.noted_at, says(SEARCH_DAYS, incident.site_id))
    return until is not None and until <= at


def counts_as(incident: Incident, *, at: datetime) -> str:
    """Return the cause that the fee policy goes by: a theft that nobody reported in time may be a loss (S78)."""
    if incident.cause != Cause.STOLEN or says(THEFT_UNREPORTED, incident.site_id) != "loss":
        return str(incident.cause)
    until = _until(school_time_of(incident.site_id), incident.noted_at, says(POLICE_DAYS, incident.site_id))
    reported = incident.steps.filter(code="police").exists()
    return str(Cause.STOLEN if reported or until is None or until > at else Cause.LOST)


def repeats(incident: Incident) -> int:
    """Return the how manieth damage within a year an incident is for its holder, whatever the cause."""
    person = incident.custody.person_id
    if person is None:
        return 1
    rows = Incident.objects.everyone(reason="a number, for the referral")
    near = rows.filter(
        custody__person_id=person, happened_at__gt=incident.happened_at - YEAR, happened_at__lte=incident.happened_at
    )
    return near.exclude(cause__in=sorted(GONE | {Cause.WEAR, Cause.DEFECT})).count()


@dataclass(frozen=True)
class Between:
    """Who had a device between the last two looks at it: the last time it was seen whole, and when it was found so."""

    before: Condition | None
    holders: list[Custody]
    found_at: datetime


def between_looks(incident: Incident) -> Between:
    """Return the hands and places between the last condition noted before an incident and when it was found."""
    looks = Condition.objects.filter(device_id=incident.device_id, noted_at__lt=incident.found_at)
    whole = looks.filter(grade__in=[Condition.Grade.GOOD, Condition.Grade.WORN])
    before = whole.select_related("noted_by").order_by("-noted_at", "-pk").first()
    rows = Custody.objects.filter(device_id=incident.device_id, since__lte=incident.found_at)
    if before:
        rows = rows.filter(Q(until__isnull=True) | Q(until__gt=before.noted_at))
    held = rows.select_related("person", "place", "shipment", "site").order_by("since", "pk")
    return Between(before, list(held[:50]), incident.found_at)


def was_referred(incident: Incident) -> bool:
    """Say whether an administrator was asked; what came of it is theirs."""
    return (
        Referral.objects.everyone(reason="that it was referred, not what came of it").filter(incident=incident).exists()
    )


def referrals(*, by: Actor) -> ScopedQuerySet[Referral]:
    """Return the referrals in reach, those to be looked at first."""
    rows = Referral.objects.visible_to(by).select_related(
        "incident__device__model", "incident__custody__person", "site"
    )
    return rows.order_by("outcome", "-made_at", "-pk")


def earlier_of(incident: Incident) -> list[Incident]:
    """Return what happened to devices in the same hands within the year before, newest first."""
    person = incident.custody.person_id
    if person is None:
        return []
    rows = Incident.objects.everyone(reason="facts for the administrator, whose referral is in reach")
    near = rows.filter(custody__person_id=person, happened_at__gt=incident.happened_at - YEAR).exclude(pk=incident.pk)
    return list(
        near.filter(happened_at__lte=incident.happened_at).select_related("device").order_by("-happened_at")[:50]
    )
