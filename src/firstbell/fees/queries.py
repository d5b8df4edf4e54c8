"""Reads of fees that several pages share."""

from datetime import date, timedelta

from django.db.models import Q, QuerySet, Sum

from firstbell.fees.models import Charge, Cover, FeePolicy, Protection

YEAR = timedelta(days=365)


def policy_on(day: date) -> QuerySet[FeePolicy]:
    """Return the rows in force on a day."""
    rows = FeePolicy.objects.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day))
    return rows.order_by("cause", "cover", "-holder_kind", "occurrence")


def all_rows() -> QuerySet[FeePolicy]:
    """Return every row there ever was, the newest first."""
    return FeePolicy.objects.select_related("set_by").order_by("-since", "-pk")


def in_force(
    *, cause: str, holder_kind: str, occurrence: int, on: date, cover: str = Cover.NONE.value
) -> FeePolicy | None:
    """Return the row that applies to the so manieth incident of its kind on a day, if there is one."""
    case = {"cause": cause, "cover": cover, "holder_kind": holder_kind}
    rows = policy_on(on).filter(occurrence__lte=occurrence, **case)
    return rows.order_by("-occurrence").first()


def charge_for(incident_id: int) -> Charge | None:
    """Return what was decided about an incident that the caller has loaded in reach."""
    rows = Charge.objects.everyone(reason="asked by verbs that have loaded the incident in reach")
    return rows.filter(incident_id=incident_id).first()


def asked_around(person_id: int, day: date) -> int:
    """Return the cents asked of a person for what happened within a year before or after a day.

    Both sides, so that no year of theirs holds more than its cap, in whatever order the incidents are decided.
    """
    rows = Charge.objects.everyone(reason="a sum, for the cap of the year")
    near = rows.filter(person_id=person_id, happened_on__gt=day - YEAR, happened_on__lt=day + YEAR)
    return int(near.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def cover_on(person_id: int, day: date) -> Cover:
    """Return whether a person had a protection plan on a day."""
    rows = Protection.objects.everyone(reason="asked by verbs that have loaded the incident in reach")
    held = rows.filter(person_id=person_id, since__lte=day, until__gt=day)
    return Cover.PLAN if held.exists() else Cover.NONE


def protections_of(person_id: int) -> QuerySet[Protection]:
    """Return the protection plans of a person whom the caller has loaded in reach, newest first."""
    rows = Protection.objects.everyone(reason="the person was loaded in reach")
    return rows.filter(person_id=person_id).order_by("-since")


def one_sided(day: date) -> list[str]:
    """Return the causes with a row for students and none for staff, or the other way round (S79, S137)."""
    cases = set(policy_on(day).values_list("cause", "holder_kind"))
    return sorted(
        {cause for cause, kind in cases if any((cause, other) not in cases for other in FeePolicy.Holder.values)}
    )
