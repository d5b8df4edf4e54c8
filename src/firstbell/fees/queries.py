"""Reads of fees that several pages share."""

from datetime import date

from django.db.models import Q, QuerySet

from firstbell.fees.models import Charge, FeePolicy


def policy_on(day: date) -> QuerySet[FeePolicy]:
    """Return the rows in force on a day."""
    rows = FeePolicy.objects.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day))
    return rows.order_by("cause", "holder_kind", "occurrence")


def in_force(*, cause: str, holder_kind: str, occurrence: int, on: date) -> FeePolicy | None:
    """Return the row that applies to the so manieth incident of its kind on a day, if there is one."""
    rows = policy_on(on).filter(cause=cause, holder_kind=holder_kind, occurrence__lte=occurrence)
    return rows.order_by("-occurrence").first()


def charge_for(incident_id: int) -> Charge | None:
    """Return what was decided about an incident that the caller has loaded in reach."""
    rows = Charge.objects.everyone(reason="asked by verbs that have loaded the incident in reach")
    return rows.filter(incident_id=incident_id).first()
