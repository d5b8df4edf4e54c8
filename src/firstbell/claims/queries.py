"""Reads of cover and claims that several pages share."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject

from firstbell.claims.engine import Conditions, Fault, Held, Left, Used, Verdict, Why, judge, left_on
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

    coverage_id: int
    name: str
    vendor_id: int | None
    held: Held
    versions: tuple[Version, ...]
    used: tuple[Used, ...]

    def version(self, day: date) -> Version | None:
        """Return the terms of a day."""
        return next((one for one in self.versions if one.since <= day and (one.until is None or day < one.until)), None)

    def left(self, day: date) -> Left | None:
        """Return what the year of a day still holds; None where no terms apply."""
        found = self.version(day)
        return left_on(found.conditions, self.held, day, self.used) if found else None

    def judge(self, fault: Fault) -> Verdict:
        """Say whether it pays for a fault, by the terms of the fault's day."""
        found = self.version(fault.day)
        return judge(found.conditions, self.held, fault, self.used) if found else Verdict(Why.NOT_YET)


TERMS = (
    "id", "faults", "causes", "waiting_days", "deductible_cents", "limit_cents", "year_cents", "claims_a_year", "since",
    "until",
)  # fmt: skip


def covers_of(device: str, *, without: int = 0) -> Any:
    """Return the covers of a device as one column, for a query whose rows are in reach; ``device`` names its id.

    ``without`` leaves out one claim: what would be left if it were not made. ``read_covers`` reads the column.
    """
    terms = Terms.objects.filter(cover=OuterRef("cover")).order_by("since")
    took = Case(When(status=Claim.Status.PAID, then=F("paid_cents")), default=F("expected_cents"))
    claims = Claim.objects.everyone(reason="subquery").filter(coverage=OuterRef("pk"), status__in=COUNTED)
    rows = Coverage.objects.everyone(reason="subquery").filter(device=OuterRef(device))
    rows = rows.order_by("cover__kind", "-since", "pk").annotate(
        all_terms=ArraySubquery(terms.values(said=JSONObject(**{name: name for name in TERMS}))),
        all_used=ArraySubquery(claims.exclude(pk=without).values(said=JSONObject(day="happened_on", cents=took))),
    )
    said = {"id": "pk", "name": "cover__name", "vendor": "cover__vendor_id", "since": "since", "until": "until"}
    return ArraySubquery(rows.values(said=JSONObject(**said, terms="all_terms", used="all_used")))


def read_covers(column: Iterable[dict[str, Any]]) -> list[Protected]:
    """Return what ``covers_of`` fetched."""
    return [_protected(said) for said in column]


def protections(device_ids: Collection[int], *, without: int = 0) -> dict[int, list[Protected]]:
    """Return the covers of devices that the caller has in reach, by device, in one query."""
    rows = Device.objects.everyone(reason="the devices are in reach").filter(pk__in=device_ids)
    known = rows.values_list("pk", covers_of("pk", without=without))
    return defaultdict(list, {pk: read_covers(column) for pk, column in known})


def _protected(said: dict[str, Any]) -> Protected:
    return Protected(
        coverage_id=said["id"],
        name=said["name"],
        vendor_id=said["vendor"],
        held=Held(date.fromisoformat(said["since"]), _day(said["until"])),
        versions=tuple(map(_version, said["terms"])),
        used=tuple(Used(date.fromisoformat(one["day"]), one["cents"]) for one in said["used"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
    return Version(said["id"], date.fromisoformat(said["since"]), _day(said["until"]), conditions)


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
