"""Reads of cover and claims that several pages share."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject

from firstbell.claims.engine import Conditions, Fault, Left, Used, Verdict, Why, judge, left_on
from firstbell.claims.models import Claim, Cover, Coverage, Terms
from firstbell.devices.models import Device
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder

COUNTED = (Claim.Status.SENT, Claim.Status.PAID)
"""Claims that take from the limits of their year."""


@dataclass(frozen=True)
class Version:
    """The terms of a cover that apply from a day until another (exclusive)."""

    pk: int
    since: date
    until: date | None
    conditions: Conditions


@dataclass(frozen=True)
class Protected:
    """One cover of one device with its terms and the claims that count."""

    coverage: Coverage
    versions: tuple[Version, ...]
    used: tuple[Used, ...]

    def version(self, day: date) -> Version | None:
        """Return the terms of a day."""
        return next((one for one in self.versions if one.since <= day and (one.until is None or day < one.until)), None)

    def left(self, day: date) -> Left | None:
        """Return what the year of a day still holds; None where no terms apply."""
        found = self.version(day)
        return left_on(found.conditions, self.coverage.held, day, self.used) if found else None

    def judge(self, fault: Fault) -> Verdict:
        """Say whether it pays for a fault, by the terms of the fault's day."""
        found = self.version(fault.day)
        return judge(found.conditions, self.coverage.held, fault, self.used) if found else Verdict(Why.NOT_YET)


def protections(device_ids: Collection[int], *, without: int = 0) -> dict[int, list[Protected]]:
    """Return the covers of devices that the caller has in reach, by device, in one query.

    ``without`` leaves out one claim: what would be left if it were not made.
    """
    rows = Coverage.objects.everyone(reason="the devices are in reach").filter(device_id__in=device_ids)
    terms = Terms.objects.filter(cover=OuterRef("cover")).order_by("since")
    took = Case(When(status=Claim.Status.PAID, then=F("paid_cents")), default=F("expected_cents"))
    claims = Claim.objects.everyone(reason="subquery").filter(coverage=OuterRef("pk"), status__in=COUNTED)
    known = rows.select_related("cover__vendor").annotate(
        all_terms=ArraySubquery(terms.values(said=JSONObject(**{name: name for name in TERMS}))),
        all_used=ArraySubquery(claims.exclude(pk=without).values(said=JSONObject(day="happened_on", cents=took))),
    )
    found: dict[int, list[Protected]] = defaultdict(list)
    for row in known.order_by("cover__kind", "-since", "pk"):
        found[row.device_id].append(_protected(row))
    return found


TERMS = (
    "id", "faults", "causes", "waiting_days", "deductible_cents", "limit_cents", "year_cents", "claims_a_year", "since",
    "until",
)  # fmt: skip


def _protected(row: Any) -> Protected:
    used = tuple(Used(date.fromisoformat(said["day"]), said["cents"]) for said in row.all_used)
    return Protected(row, tuple(_version(said) for said in row.all_terms), used)


def _version(said: dict[str, Any]) -> Version:
    conditions = Conditions(
        faults=frozenset(said["faults"]),
        causes=frozenset(said["causes"]),
        waiting_days=said["waiting_days"],
        deductible=said["deductible_cents"],
        limit=said["limit_cents"],
        year_limit=said["year_cents"],
        claims=said["claims_a_year"],
    )
    until = date.fromisoformat(said["until"]) if said["until"] else None
    return Version(said["id"], date.fromisoformat(said["since"]), until, conditions)


def best(covers: Collection[Protected], fault: Fault) -> tuple[Protected, Verdict] | None:
    """Return the cover that pays most for a fault; None where none pays."""
    judged = [(one, one.judge(fault)) for one in covers]
    paying = [(one, verdict) for one, verdict in judged if verdict.covered]
    return max(paying, key=lambda pair: pair[1].pays, default=None)


def claim_on(work_order_id: int) -> Claim | None:
    """Return the claim for a repair that the caller has loaded in reach."""
    rows = Claim.objects.everyone(reason="the repair was loaded in reach")
    return rows.select_related("coverage__cover", "device").filter(work_order_id=work_order_id).first()


def open_claims_on(ticket_id: int) -> QuerySet[Claim]:
    """Return the claims on repairs of a ticket about which something is still to be done (rule 9)."""
    rows = Claim.objects.everyone(reason="the ticket was loaded in reach").filter(work_order__ticket_id=ticket_id)
    return rows.filter(status__in=[Claim.Status.DRAFT, Claim.Status.SENT]).select_related("device").order_by("pk")


def claims(*, by: Actor) -> ScopedQuerySet[Claim]:
    """Return the claims in reach with what a list shows of them."""
    rows = Claim.objects.visible_to(by)
    return rows.select_related("coverage__cover", "device__model", "site", "work_order")


def covers_with_terms() -> list[tuple[Cover, list[Terms]]]:
    """Return every cover with its terms, newest first."""
    rows = Terms.objects.select_related("set_by").order_by("-since")
    found: dict[int, list[Terms]] = defaultdict(list)
    for row in rows:
        found[row.cover_id].append(row)
    return [(cover, found[cover.pk]) for cover in Cover.objects.select_related("vendor").order_by("kind", "name")]


def not_covered(cover: Cover, devices: ScopedQuerySet[Device], since: date | None, until: date | None) -> Any:
    """Return those of some devices that have not this cover on any day of a span, oldest purchase first."""
    rows = Coverage.objects.everyone(reason="the devices are in reach").filter(cover=cover)
    if since is not None:
        rows = rows.filter(Q(until__isnull=True) | Q(until__gt=since))
        rows = rows.filter(since__lt=until) if until else rows
    return devices.exclude(pk__in=rows.values("device_id")).order_by("purchased_on", "pk")


def repaired_without_claim(*, by: Actor, since: date) -> ScopedQuerySet[WorkOrder]:
    """Return repairs of covered devices, complete since a day, for which nothing was claimed, newest first."""
    rows = WorkOrder.objects.visible_to(by, Permission.REPAIR).filter(repaired_at__date__gte=since)
    covered = Coverage.objects.everyone(reason="the repair is in reach").filter(device=OuterRef("device"))
    made = Claim.objects.everyone(reason="the repair is in reach").exclude(status=Claim.Status.DRAFT)
    rows = rows.exclude(fault="").filter(device__in=covered.values("device"))
    unmade = rows.exclude(pk__in=made.values("work_order"))
    return unmade.select_related("device__model", "site", "ticket").prefetch_related("parts").order_by("-repaired_at")


def devices_like(tags: Collection[str], *, by: Actor) -> tuple[list[int], list[str]]:
    """Return the ids of the devices in reach with these tags or serials, and what was not found."""
    rows = Device.objects.visible_to(by).filter(Q(tag__in=tags) | Q(serial__in=tags))
    known = list(rows.values_list("pk", "tag", "serial"))
    named = {name for _pk, *names in known for name in names}
    return [pk for pk, _tag, _serial in known], [tag for tag in tags if tag not in named]
