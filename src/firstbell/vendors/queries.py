"""Reads of vendors that several pages share."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from firstbell.devices.models import Custody
from firstbell.directory.models import Site
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.vendors.models import StatusWord, VendorAnswer, VendorCase
from firstbell.vendors.questions import VOIDS
from firstbell.vendors.rules import Answers


def vendors() -> QuerySet[Site]:
    """Return the vendors that are entered and open."""
    return Site.objects.filter(kind=Site.Kind.VENDOR, closed_on__isnull=True).order_by("name")


def answers_of(vendor_id: int) -> Answers:
    """Return what a vendor has answered."""
    return all_answers([vendor_id])[vendor_id]


def all_answers(vendor_ids: Collection[int] | None = None) -> dict[int, Answers]:
    """Return what vendors have answered, in one query."""
    rows = VendorAnswer.objects.filter(until__isnull=True)
    rows = rows if vendor_ids is None else rows.filter(vendor_id__in=vendor_ids)
    found: dict[int, Answers] = defaultdict(dict)
    for vendor_id, key, value in rows.values_list("vendor_id", "key", "value"):
        found[vendor_id][key] = value
    return found


def answer_rows(vendor_id: int) -> dict[str, VendorAnswer]:
    """Return a vendor's answers with who noted them and where they stand in the contract."""
    rows = VendorAnswer.objects.filter(vendor_id=vendor_id, until__isnull=True).select_related("noted_by")
    return {row.key: row for row in rows}


def words_of(vendor_id: int) -> dict[str, str]:
    """Return what a vendor's words mean."""
    return dict(StatusWord.objects.filter(vendor_id=vendor_id).order_by("word").values_list("word", "means"))


def unmapped(*, by: Actor, vendor_id: int | None = None) -> list[dict[str, Any]]:
    """Return the words of vendors that nobody has said the meaning of, with how many open cases stand on them."""
    rows = VendorCase.objects.visible_to(by).filter(outcome="", means="").exclude(heard="")
    rows = rows if vendor_id is None else rows.filter(vendor_id=vendor_id)
    found = rows.order_by("heard").values("heard", "vendor__name", "vendor__code").annotate(n=Count("pk"))
    return [dict(row) for row in found]


def cases(*, by: Actor) -> ScopedQuerySet[VendorCase]:
    """Return the cases in reach with what a list shows of them, oldest first."""
    rows = VendorCase.objects.visible_to(by)
    joined = rows.select_related(
        "device__model", "device__at_site", "vendor", "site", "owner", "return_to", "work_order"
    )
    return joined.select_related("out__parcel", "back__parcel").order_by("opened_at", "pk")


def case_on(work_order_id: int) -> VendorCase | None:
    """Return the open case of a repair that the caller has loaded in reach."""
    rows = VendorCase.objects.everyone(reason="the repair was loaded in reach").filter(outcome="")
    return rows.select_related("vendor", "return_to", "owner").filter(work_order_id=work_order_id).first()


@dataclass(frozen=True)
class Beside:
    """What vendors have to do with a repair on the bench: who has its case, and whose cover opening it would void."""

    vendor: str
    case: str
    voided: frozenset[int]


def beside_repair(work_order_id: int, vendor_ids: Collection[int]) -> Beside:
    """Return it for a repair that the caller has in reach and the vendors of its covers (S84), in one query."""
    cases_here = VendorCase.objects.everyone(reason="the repair is in reach").filter(
        vendor=OuterRef("pk"), work_order=work_order_id, outcome=""
    )
    said = VendorAnswer.objects.filter(vendor=OuterRef("pk"), until__isnull=True, key=VOIDS.key, value="yes")
    rows = Site.objects.annotate(case_code=Subquery(cases_here.values("code")[:1]), voids=Exists(said))
    found = list(rows.filter(Q(case_code__isnull=False) | Q(pk__in=vendor_ids, voids=True), kind=Site.Kind.VENDOR))
    holder = next((row for row in found if row.case_code), None)
    voided = frozenset(row.pk for row in found if row.voids)
    return Beside(holder.name if holder else "", holder.case_code or "" if holder else "", voided)


def open_cases_on(ticket_id: int) -> QuerySet[VendorCase]:
    """Return the open cases on repairs of a ticket (rule 9)."""
    rows = VendorCase.objects.everyone(reason="the ticket was loaded in reach").filter(outcome="")
    return rows.filter(work_order__ticket_id=ticket_id).select_related("device", "vendor").order_by("pk")


AT_REST = Q(Exists(Custody.objects.filter(device=OuterRef("device"), until__isnull=True, kind=Custody.Kind.PLACE)))
TO_SEND = Q(sent_at__isnull=True)
AWAY = Q(sent_at__isnull=False, device__at_site__kind=Site.Kind.VENDOR)
COMING = Q(sent_at__isnull=False) & ~Q(device__at_site__kind=Site.Kind.VENDOR) & ~AT_REST
HERE = Q(sent_at__isnull=False) & ~Q(device__at_site__kind=Site.Kind.VENDOR) & AT_REST
"""Where an open case stands, as custody tells it: to be sent, with the vendor, on its way back, back."""


def away(*, by: Actor) -> ScopedQuerySet[VendorCase]:
    """Return the open cases whose device was sent and is not back."""
    return cases(by=by).filter(AWAY | COMING, outcome="")
