"""The verbs of cover and claims."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.claims import events, rules
from firstbell.claims.engine import Fault
from firstbell.claims.models import Claim, Cover, Coverage, Terms
from firstbell.claims.queries import best, protections
from firstbell.devices.models import Device
from firstbell.directory.models import Site
from firstbell.directory.scope import load, load_all, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.repairs.models import WorkOrder

S = Claim.Status


@dataclass(frozen=True)
class Wanted:
    """The terms of a cover as somebody wants them. Amounts in cents; None is no limit."""

    faults: tuple[str, ...]
    causes: tuple[str, ...]
    waiting_days: int = 0
    deductible_cents: int = 0
    limit_cents: int | None = None
    year_cents: int | None = None
    claims_a_year: int | None = None


@verb
def make_cover(
    *,
    kind: Cover.Kind,
    name: str,
    vendor_id: int | None,
    terms: Wanted,
    since: date,
    by: Actor,
    at: datetime,
    op: Op,
) -> Cover:
    """Enter a cover that the district has, with its first terms. ``vendor_id`` is whom it is claimed from."""
    by.require_everywhere(Permission.SET_FEES)
    name = name.strip()[:80]
    if not name:
        raise Refused("name_missing", _("Give the cover a name that people will recognise."))
    if Cover.objects.filter(name__iexact=name).exists():
        raise Refused("cover_exists", _("There is a cover called “{name}” already."), name=name)
    if vendor_id is not None and not Site.objects.filter(pk=vendor_id, kind=Site.Kind.VENDOR).exists():
        raise Missing("Site")
    cover = Cover.objects.create(kind=kind, name=name, vendor_id=vendor_id)
    _begin(cover, terms, since, by=by, at=at, op=op)
    return cover


@verb
def set_terms(*, cover_id: int, terms: Wanted, since: date, by: Actor, at: datetime, op: Op) -> Cover:
    """Set other terms for a cover from a day on; those in force until then end on that day."""
    by.require_everywhere(Permission.SET_FEES)
    cover = _cover(cover_id, locked=True)
    earlier = Terms.objects.select_for_update(no_key=True).filter(cover=cover, until__isnull=True).first()
    if earlier:
        rules.check_after(earlier, since)
        earlier.until = since
        earlier.save(update_fields=["until"])
    _begin(cover, terms, since, by=by, at=at, op=op)
    return cover


def _cover(cover_id: int, *, locked: bool = False) -> Cover:
    rows = Cover.objects.select_for_update(no_key=True) if locked else Cover.objects.all()
    found = rows.filter(pk=cover_id).first()
    if found is None:
        raise Missing("Cover")
    return found


def _begin(cover: Cover, wanted: Wanted, since: date, *, by: Actor, at: datetime, op: Op) -> None:
    rules.check_covers_something(wanted.faults, wanted.causes)
    sums = {"deductible": wanted.deductible_cents, "limit": wanted.limit_cents, "year": wanted.year_cents}
    rules.check_sums(**sums, claims=wanted.claims_a_year)  # type: ignore[arg-type]  # a deductible is never None
    content = vars(wanted) | {"faults": sorted(wanted.faults), "causes": sorted(wanted.causes)}
    row = Terms.objects.create(cover=cover, since=since, set_by_id=by.user_id, **content)
    fact = events.TermsSet(
        cover.pk,
        row.pk,
        Code(cover.kind),
        row.deductible_cents,
        row.limit_cents,
        row.year_cents,
        row.claims_a_year,
        since,
    )
    record(fact, about=[cover, row], by=by, at=at, op=op)


# --- Which devices have it -----------------------------------------------------------------------------------------


@verb
def cover_devices(
    *,
    cover_id: int,
    device_ids: Sequence[int],
    since: date | None = None,
    until: date | None = None,
    months: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Cover:
    """Give devices a cover from a day (each from its purchase when none is named) until another, or for months.

    What has the cover on one of these days keeps it as it is.
    """
    by.require_everywhere(Permission.REGISTER_DEVICES)
    cover = _cover(cover_id)
    devices = list(load_all(Device, device_ids, by=by).values())
    spans = {device.pk: _span(device, since, until, months) for device in devices}
    taken = _taken(cover, spans)
    fresh = [device for device in devices if device.pk not in taken]
    rules.check_few(len(fresh))
    made = [
        Coverage(cover=cover, device=device, since=first, until=end, set_at=at, set_by_id=by.user_id)
        for device in fresh
        for first, end in [spans[device.pk]]
    ]
    for row in Coverage.objects.bulk_create(made):
        fact = events.Covered(row.pk, cover.pk, row.device_id, row.since, row.until)
        record(fact, about=[cover, *linked(row, "device")], by=by, at=at, op=op)
    return cover


def _span(device: Device, since: date | None, until: date | None, months: int | None) -> tuple[date, date | None]:
    first = since or device.purchased_on
    if first is None:
        raise Refused("no_purchase_day", _("{tag} has no purchase date. Say from which day on."), tag=device.tag)
    end = months_later(first, months) if months else until
    rules.check_span(first, end)
    return first, end


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


def _taken(cover: Cover, spans: dict[int, tuple[date, date | None]]) -> set[int]:
    """Return the devices that have the cover on one of the days wanted for them."""
    rows = Coverage.objects.everyone(reason="the devices were loaded in reach").filter(
        cover=cover, device_id__in=list(spans)
    )
    return {
        row.device_id
        for row in rows
        for first, end in [spans[row.device_id]]
        if (end is None or row.since < end) and (row.until is None or first < row.until)
    }


@verb
def end_cover(*, coverage_id: int, until: date, by: Actor, at: datetime, op: Op) -> Coverage:
    """End a device's cover on a day: what happens from then on is not covered."""
    row = load(Coverage, coverage_id, by=by, permission=Permission.REGISTER_DEVICES)
    rules.check_span(row.since, until)
    if row.until is not None and row.until <= until:
        raise Stale("ended_before", _("This cover ends before that day already."))
    if row.claims.filter(happened_on__gte=until).exclude(status=S.DROPPED).exists():
        raise Stale("cover_used", _("A claim was made for what happened after that day."))
    row.until = until
    row.save(update_fields=["until"])
    fact = events.CoverEnded(row.pk, row.device_id, until)
    record(fact, about=[*linked(row, "device", "cover")], by=by, at=at, op=op)
    return row


# --- Claims --------------------------------------------------------------------------------------------------------


def draft(*, order: WorkOrder, fault: Fault, by: Actor, at: datetime, op: Op) -> Claim | None:
    """Prepare the claim for a locked repair whose fault is covered, or write the one anew that is not sent yet.

    Nothing where no cover pays; a draft for another fault goes then, as if it had never been.
    """
    existing = Claim.objects.everyone(reason="the repair was loaded in reach").filter(work_order=order).first()
    if existing and existing.status != S.DRAFT:
        return existing
    found = best(protections([order.device_id])[order.device_id], fault)
    if found is None:
        if existing:
            _forget(existing, by=by, at=at, op=op)
        return None
    protected, verdict = found
    version = protected.version(fault.day)
    content = {
        "coverage_id": protected.coverage_id,
        "terms_id": version.pk if version else None,
        "fault": fault.code,
        "cause": fault.cause,
        "happened_on": fault.day,
        "cost_cents": fault.cost,
        "expected_cents": verdict.pays,
        "last_one": verdict.last,
    }
    if existing and all(getattr(existing, name) == value for name, value in content.items()):
        return existing
    fixed = {"work_order": order, "device_id": order.device_id, "site_id": order.site_id, "drafted_at": at}
    claim = Claim(pk=existing.pk if existing else None, **content, **fixed)
    claim.save()
    fact = events.ClaimDrafted(claim.pk, order.pk, order.device_id, Code(fault.code), verdict.pays)
    record(fact, about=_about(claim), by=by, at=at, op=op)
    return claim


def _forget(claim: Claim, *, by: Actor, at: datetime, op: Op) -> None:
    """Take a draft away whose fault turned out to be another one, which nothing covers."""
    fact = events.ClaimDropped(claim.pk, claim.work_order_id, claim.device_id, Code("other_fault"))
    record(fact, about=_about(claim), by=by, at=at, op=op)
    claim.delete()


def _about(claim: Claim) -> list[tuple[str, int]]:
    return [("claim", claim.pk), *linked(claim, "device"), ("workorder", claim.work_order_id)]


@verb
def send_claim(
    *,
    claim_id: int,
    number: str = "",
    cost_cents: int | None = None,
    last_confirmed: bool = False,
    by: Actor,
    at: datetime,
    op: Op,
) -> Claim:
    """Note that a claim was sent: what the terms pay is worked out once more, from what is left now."""
    claim = load(Claim, claim_id, by=by)
    rules.check_status(claim, S.DRAFT)
    coverage = lock(Coverage, claim.coverage_id)  # two claims on one device: the second sees what the first took
    cost = claim.cost_cents if cost_cents is None else cost_cents
    fault = Fault(claim.fault, claim.cause, claim.happened_on, cost)
    covers = [one for one in protections([claim.device_id])[claim.device_id] if one.coverage_id == coverage.pk]
    verdict = covers[0].judge(fault)
    rules.check_still_covered(verdict, coverage)
    rules.check_last_one(verdict, confirmed=last_confirmed)
    claim.status, claim.number = S.SENT, number.strip()[:60]
    claim.cost_cents, claim.expected_cents, claim.last_one = cost, verdict.pays, verdict.last
    claim.sent_at, claim.sent_by_id = at, by.user_id
    claim.save(update_fields=["status", "number", "cost_cents", "expected_cents", "last_one", "sent_at", "sent_by"])
    fact = events.ClaimSent(claim.pk, claim.work_order_id, claim.device_id, verdict.pays)
    record(fact, about=_about(claim), by=by, at=at, op=op)
    return claim


@verb
def decide_claim(
    *,
    claim_id: int,
    paid_cents: int = 0,
    why_refused: Claim.Refusal = Claim.Refusal.NONE,
    by: Actor,
    at: datetime,
    op: Op,
) -> Claim:
    """Note what came of a claim: what was paid, or why it was refused."""
    claim = load(Claim, claim_id, by=by)
    rules.check_status(claim, S.SENT)
    if not why_refused:
        rules.check_paid(claim, Money(paid_cents))
    claim.status = S.REFUSED if why_refused else S.PAID
    claim.paid_cents, claim.why_refused = (0 if why_refused else paid_cents), why_refused
    claim.decided_at, claim.decided_by_id = at, by.user_id
    claim.save(update_fields=["status", "paid_cents", "why_refused", "decided_at", "decided_by"])
    codes = (Code(claim.status), claim.paid_cents, Code(claim.why_refused))
    fact = events.ClaimDecided(claim.pk, claim.work_order_id, claim.device_id, *codes)
    record(fact, about=_about(claim), by=by, at=at, op=op)
    return claim


@verb
def drop_claim(*, claim_id: int, why: Claim.Drop, by: Actor, at: datetime, op: Op) -> Claim:
    """Say that a prepared claim is not made, and why."""
    claim = load(Claim, claim_id, by=by)
    rules.check_status(claim, S.DRAFT)
    if not why:
        raise Refused("reason_missing_claim", _("Choose why nothing is claimed."))
    claim.status, claim.why_dropped = S.DROPPED, why
    claim.decided_at, claim.decided_by_id = at, by.user_id
    claim.save(update_fields=["status", "why_dropped", "decided_at", "decided_by"])
    fact = events.ClaimDropped(claim.pk, claim.work_order_id, claim.device_id, Code(why.value))
    record(fact, about=_about(claim), by=by, at=at, op=op)
    return claim
