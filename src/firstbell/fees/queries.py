"""Reads of fees that several pages share."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import FEES, FEES_APPEAL_DAYS, FEES_PARTS, FEES_SECOND_PERSON
from firstbell.directory.scope import ScopedQuerySet
from firstbell.fees.models import (
    Account,
    Appeal,
    Charge,
    Cover,
    Entry,
    FeePolicy,
    PayPlan,
    Protection,
    Waiver,
    WaiverGround,
)
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused

YEAR = timedelta(days=365)
CASE = ("cause", "cover", "holder_kind", "occurrence")
"""What tells one row of the policy from another on the same day."""


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


def fees_as_codes(day: date) -> list[dict[str, Any]]:
    """Return the rows in force on a day as an edition of the plan keeps them; amounts in cents."""
    return list(policy_on(day).values(*CASE, "amount_cents", "cap_cents", "year_cap_cents"))


def one_sided(day: date) -> list[str]:
    """Return the causes with a row for students and none for staff, or the other way round (S79, S137)."""
    cases = set(policy_on(day).values_list("cause", "holder_kind"))
    return sorted(
        {cause for cause, kind in cases if any((cause, other) not in cases for other in FeePolicy.Holder.values)}
    )


# --- The books -----------------------------------------------------------------------------------------------------


def fees_asked() -> bool:
    """Say whether the district asks for money at all; some states forbid it (S74, S75)."""
    return says(FEES) == "policy"


def check_fees_asked() -> None:
    """Where the plan says that no fees are asked, none is."""
    if not fees_asked():
        raise Refused("no_fees", _("The district asks for no fees."), decision=FEES.key)


def parts_allowed(site_id: int) -> int:
    """Return in how many monthly parts a fee may be paid."""
    return says(FEES_PARTS, site_id)


def second_person(site_id: int) -> bool:
    """Say whether somebody else must decide about a waiver or an appeal."""
    return says(FEES_SECOND_PERSON, site_id)


def appeal_until(charge: Charge) -> date:
    """Return the last day on which a charge can be appealed."""
    days = says(FEES_APPEAL_DAYS, charge.site_id)
    return (charge.decided_at + timedelta(days=days)).date()


def taken_in(charge: Charge) -> int:
    """Return the cents that were paid for a charge and are not on their way back."""
    rows = Entry.objects.everyone(reason="the charge was loaded in reach").filter(charge=charge)
    sums = rows.aggregate(
        paid=Sum("amount_cents", filter=Q(kind=Entry.Kind.PAID), default=0),
        back=Sum("amount_cents", filter=Q(credit=Account.BACK), default=0),
    )
    return int(sums["paid"] - sums["back"])


def by_number(charge_id: int) -> Charge | None:
    """Return the charge that a family's signed link leads to."""
    rows = Charge.objects.everyone(reason="the link is the key, and was checked")
    return rows.select_related("device__model", "site", "policy").filter(pk=charge_id).first()


def account_of(person_id: int, *, by: Actor) -> ScopedQuerySet[Entry]:
    """Return the entries of a person's account in reach, oldest first."""
    rows = Entry.objects.visible_to(by).filter(person_id=person_id)
    return rows.select_related("charge__device", "charge__policy", "posted_by").order_by("posted_at", "pk")


def charges_owed(*, by: Actor) -> ScopedQuerySet[Charge]:
    """Return the charges in reach of which something is still owed, newest first."""
    rows = Charge.objects.visible_to(by).filter(owed_cents__gt=0)
    return rows.select_related("person", "device", "site").order_by("-decided_at", "-pk")


def to_pay_back(*, by: Actor) -> ScopedQuerySet[Charge]:
    """Return the charges in reach of which something is to be paid back."""
    rows = Charge.objects.visible_to(by).filter(back_cents__gt=0)
    return rows.select_related("person", "device", "site").order_by("-decided_at", "-pk")


def waivers_asked(*, by: Actor) -> ScopedQuerySet[Waiver]:
    """Return the waivers in reach that wait for a decision, oldest first."""
    rows = Waiver.objects.visible_to(by).filter(outcome=Waiver.Outcome.OPEN)
    return rows.select_related("charge__person", "charge__device", "site").order_by("asked_at", "pk")


def appeals_open(*, by: Actor) -> ScopedQuerySet[Appeal]:
    """Return the appeals in reach that wait for a decision, oldest first."""
    rows = Appeal.objects.visible_to(by).filter(outcome=Appeal.Outcome.OPEN)
    return rows.select_related("charge__person", "charge__device", "site").order_by("filed_at", "pk")


def ground_of(waiver: Waiver, *, by: Actor) -> str:
    """Return why a waiver is asked for, to who decides about it at that school; nothing to anybody else."""
    found = WaiverGround.objects.visible_to(by).filter(waiver=waiver).first()
    return str(WaiverGround.Ground(found.word).label) if found else ""


def plan_of(charge: Charge) -> PayPlan | None:
    """Return the agreement in force to pay a charge in parts."""
    return charge.plans.filter(ended_at__isnull=True).first()


def journal(*, by: Actor, first: date, last: date) -> ScopedQuerySet[Entry]:
    """Return the entries in reach of some days (both inclusive, in UTC), in the order of the books."""
    rows = Entry.objects.visible_to(by).filter(posted_at__date__gte=first, posted_at__date__lte=last)
    return rows.select_related("person", "charge__device", "site").order_by("posted_at", "pk")


def unbalanced() -> list[int]:
    """Return the charges whose sums differ from their entries: none, unless somebody wrote past the books."""
    owed = Sum("entries__amount_cents", filter=Q(entries__debit=Account.OWED), default=0)
    settled = Sum("entries__amount_cents", filter=Q(entries__credit=Account.OWED), default=0)
    due = Sum("entries__amount_cents", filter=Q(entries__credit=Account.BACK), default=0)
    paid = Sum("entries__amount_cents", filter=Q(entries__debit=Account.BACK), default=0)
    rows = Charge.objects.everyone(reason="a check of the books").annotate(sum_owed=owed - settled, sum_back=due - paid)
    wrong = rows.exclude(owed_cents=F("sum_owed"), back_cents=F("sum_back"))
    return list(wrong.order_by("pk").values_list("pk", flat=True))
