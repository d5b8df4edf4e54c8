"""The verbs of vendors: their answers and words, cases opened, handed on and ended. Devices move in ``flows``."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Shipment
from firstbell.directory.models import Site
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.repairs.models import WorkOrder
from firstbell.vendors import events, rules
from firstbell.vendors.models import Feed, Parcel, StatusWord, VendorAnswer, VendorCase, VendorStatus
from firstbell.vendors.queries import vendors, words_of
from firstbell.vendors.questions import BY_KEY

MOST_ROWS = 5000


def _vendor(vendor_id: int) -> Site:
    found = vendors().filter(pk=vendor_id).first()
    if found is None:
        raise Missing("Site")
    return found


@verb
def note_answer(*, vendor_id: int, key: str, value: str, clause: str = "", by: Actor, at: datetime, op: Op) -> Site:
    """Write down what a vendor answers to one of our questions, and where that stands."""
    by.require_everywhere(Permission.DECIDE)
    vendor = _vendor(vendor_id)
    if key not in BY_KEY:
        raise Missing("Question")
    stored = BY_KEY[key].read(value.strip())
    rows = VendorAnswer.objects.select_for_update(no_key=True)
    earlier = rows.filter(vendor=vendor, key=key, until__isnull=True).first()
    if earlier and (earlier.value, earlier.clause) == (stored, clause.strip()[:120]):
        return vendor
    if earlier:
        earlier.until = max(at, earlier.since)
        earlier.save(update_fields=["until"])
    row = VendorAnswer.objects.create(
        vendor=vendor, key=key, value=stored, clause=clause.strip()[:120], since=at, noted_by_id=by.user_id
    )
    fact = events.VendorAnswered(vendor.pk, Code(key), Code(stored))
    record(fact, about=[vendor, row], by=by, at=at, op=op)
    return vendor


@verb
def map_word(*, vendor_id: int, word: str, means: VendorStatus, by: Actor, at: datetime, op: Op) -> StatusWord:
    """Say what a vendor's own word means; open cases that stand on it follow."""
    by.require_everywhere(Permission.TRANSPORT)
    vendor, kept = _vendor(vendor_id), rules.one_form(word)
    if not kept:
        raise Refused("word_missing", _("Write the word as the vendor writes it."))
    row, _made = StatusWord.objects.update_or_create(vendor=vendor, word=kept, defaults={"means": means})
    waiting = VendorCase.objects.visible_to(by).filter(vendor=vendor, outcome="", heard=kept)
    waiting.update(means=means)
    fact = events.WordMapped(vendor.pk, row.pk, Code(means.value))
    record(fact, about=[vendor, row], by=by, at=at, op=op)
    return row


def open_case(
    *, order: WorkOrder, vendor: Site, owner_id: int, return_to_id: int, number: str, by: Actor, at: datetime, op: Op
) -> VendorCase:
    """Open a case for a locked repair. Raises Stale when one is open."""
    if (
        VendorCase.objects.everyone(reason="the repair was loaded in reach")
        .filter(work_order=order, outcome="")
        .exists()
    ):
        raise Stale("case_open", _("{tag} has a case with a vendor already."), tag=order.device.tag)
    case = VendorCase.objects.create(
        work_order=order,
        device_id=order.device_id,
        vendor=vendor,
        site_id=order.site_id,
        owner_id=owner_id,
        return_to_id=return_to_id,
        number=number.strip()[:60],
        opened_at=at,
        opened_by_id=by.user_id,
    )
    back = "school" if return_to_id == order.site_id else "district"
    fact = events.CaseOpened(case.pk, order.pk, order.device_id, vendor.pk, Code(back))
    _record(fact, case, by=by, at=at, op=op)
    return case


def _record(fact: Any, case: VendorCase, *, by: Actor, at: datetime, op: Op) -> None:
    record(fact, about=[case, *linked(case, "device", "work_order")], by=by, at=at, op=op)


@verb
def set_number(*, case_id: int, number: str, by: Actor, at: datetime, op: Op) -> VendorCase:
    """Write down the number that a vendor gave a case."""
    case = load(VendorCase, case_id, by=by, permission=Permission.SHIP)
    rules.check_open(case)
    if not number.strip():
        raise Refused("number_missing", _("Write the number that the vendor gave."))
    case.number = number.strip()[:60]
    case.save(update_fields=["number"])
    _record(events.VendorSaid(case.pk, case.device_id, Code(case.means), case.promised_on), case, by=by, at=at, op=op)
    return case


@verb
def hand_case_over(*, case_id: int, site_id: int, by: Actor, at: datetime, op: Op) -> VendorCase:
    """Let the school, or the depot, look after a case from now on: it has one owner (S65)."""
    case = load(VendorCase, case_id, by=by, permission=Permission.SHIP)
    by.require(Permission.SHIP, case.owner_id)
    rules.check_open(case)
    depots = Site.objects.filter(kind=Site.Kind.DEPOT, closed_on__isnull=True)
    if site_id != case.site_id and not depots.filter(pk=site_id).exists():
        raise Missing("Site")
    case.owner_id = site_id
    case.save(update_fields=["owner"])
    _record(events.CaseHandedOver(case.pk, case.device_id, site_id), case, by=by, at=at, op=op)
    return case


def note_parcel(
    *, shipment: Shipment, carrier: str, number: str, box: str = "", cents: int = 0, by: Actor, at: datetime, op: Op
) -> Parcel:
    """Write down what a carrier knows of a shipment that just left."""
    row = Parcel.objects.create(
        shipment=shipment, carrier=carrier.strip()[:40], number=number.strip()[:60], box=box.strip()[:40], cents=cents
    )
    fact = events.BoxSent(shipment.pk, shipment.to_site_id, shipment.items.count(), bool(row.number), cents)
    record(fact, about=[shipment], by=by, at=at, op=op)
    return row


def note_sent(*, case: VendorCase, shipment: Shipment, at: datetime) -> None:
    """Note with which shipment a locked case's device left; the shipment is on record by itself."""
    case.sent_at, case.out = at, shipment
    case.save(update_fields=["sent_at", "out"])


def note_back(*, case: VendorCase, shipment: Shipment) -> None:
    """Note with which shipment a locked case's device comes back."""
    case.back = shipment
    case.save(update_fields=["back"])


def note_news(
    *,
    case: VendorCase,
    word: str,
    means: VendorStatus | None,
    promised_on: date | None,
    number: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> VendorStatus | None:
    """Note what a vendor says of a locked case; return what it means, or None while nobody has said so.

    ``means`` is what somebody heard by phone; a vendor's own ``word`` means what was said of it.
    """
    rules.check_open(case)
    kept = rules.one_form(word)
    if not kept and not means and promised_on is None:
        raise Refused("no_news", _("Write what the vendor says, or the day it promises."))
    if kept or means:
        case.heard, case.means = kept, means or words_of(case.vendor_id).get(kept, "")
    case.heard_at, case.promised_on = at, promised_on or case.promised_on
    case.number = case.number or number.strip()[:60]
    case.save(update_fields=["heard", "means", "heard_at", "promised_on", "number"])
    fact = events.VendorSaid(case.pk, case.device_id, Code(case.means), promised_on)
    _record(fact, case, by=by, at=at, op=op)
    return VendorStatus(case.means) if (kept or means) and case.means else None


def end_case(*, case: VendorCase, outcome: VendorCase.Outcome, cents: int, by: Actor, at: datetime, op: Op) -> None:
    """End a locked case."""
    rules.check_open(case)
    if not outcome:
        raise Refused("outcome_unknown_case", _("Say how it came back."))
    case.outcome, case.cents = outcome, cents
    case.ended_at, case.ended_by_id = at, by.user_id
    case.save(update_fields=["outcome", "cents", "ended_at", "ended_by"])
    fact = events.CaseEnded(case.pk, case.work_order_id, case.device_id, Code(outcome.value), cents)
    _record(fact, case, by=by, at=at, op=op)


@verb
def keep_feed(*, vendor_id: int, rows: Sequence[dict[str, str]], by: Actor, at: datetime, op: Op) -> Feed:
    """Keep a vendor's list as it was read; nothing is changed by it before somebody takes it over."""
    by.require_everywhere(Permission.TRANSPORT)
    vendor = _vendor(vendor_id)
    if not rows:
        raise Refused("feed_empty", _("No row of it names a case or a device with a status."))
    if len(rows) > MOST_ROWS:
        raise Refused("feed_too_long", _("The list holds more than {most} rows. Split it."), most=MOST_ROWS)
    feed = Feed.objects.create(vendor=vendor, rows=list(rows), handed_in_at=at, handed_in_by_id=by.user_id)
    record(events.FeedKept(feed.pk, vendor.pk), about=[feed, vendor], by=by, at=at, op=op)
    return feed


def end_feed(*, feed: Feed, taken: int, left_out: int, by: Actor, at: datetime, op: Op) -> None:
    """Note that a locked list was taken over."""
    feed.taken_at = at
    feed.save(update_fields=["taken_at"])
    record(events.FeedTaken(feed.pk, feed.vendor_id, taken, left_out), about=[feed], by=by, at=at, op=op)
