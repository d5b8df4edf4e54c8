"""A vendor's list: looked through first, line by line, then taken over by the same verb as news noted by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from firstbell.flows.outside import hear
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.vendors.actions import end_feed
from firstbell.vendors.models import Feed, VendorCase, VendorStatus
from firstbell.vendors.queries import cases, words_of
from firstbell.vendors.rules import one_form


class What(StrEnum):
    """What becomes of one line."""

    NEWS = "news"
    UNMAPPED = "unmapped"
    SAME = "same"
    UNKNOWN = "unknown"
    TWICE = "twice"
    NOT_SENT = "not_sent"


LEFT_OUT = frozenset({What.UNKNOWN, What.TWICE, What.NOT_SENT, What.SAME})
"""Nothing is written down for these. A word that nobody knows is news all the same: it is listed until it is known."""


@dataclass(frozen=True)
class Line:
    """One line of a vendor's list, with the case that it means and what becomes of it."""

    row: dict[str, str]
    case: VendorCase | None
    means: str
    what: What

    @property
    def named(self) -> str:
        """Return what the vendor calls it by."""
        return self.row.get("number") or self.row.get("serial") or self.row.get("tag") or ""

    @property
    def promised(self) -> date | None:
        """Return the day that the vendor promises."""
        return date.fromisoformat(self.row["promised"]) if "promised" in self.row else None

    @property
    def meaning(self) -> str:
        """Return what its word means, in words."""
        return str(VendorStatus(self.means).label) if self.means else ""


def look_through(feed: Feed, *, by: Actor) -> list[Line]:
    """Return every line with what would become of it; two queries, nothing is changed."""
    known, words = _known(feed, by), words_of(feed.vendor_id)
    seen: set[int] = set()
    found = []
    for row in feed.rows:
        case = _meant(row, known)
        means = words.get(one_form(row.get("status", "")), "")
        found.append(Line(row, case, means, _what(row, case, means, seen)))
        seen |= {case.pk} if case else set()
    return found


def _known(feed: Feed, by: Actor) -> dict[str, VendorCase]:
    """Return the vendor's open cases in reach by everything that it may call them by."""
    rows = cases(by=by).filter(vendor_id=feed.vendor_id, outcome="")
    found: dict[str, VendorCase] = {}
    for case in rows:
        names = (_name(case.number), case.code, normalise_serial(case.device.serial), normalise_tag(case.device.tag))
        found |= {name: case for name in names if name}
    return found


def _name(number: str) -> str:
    return "".join(number.upper().split())


def _meant(row: dict[str, str], known: dict[str, VendorCase]) -> VendorCase | None:
    wanted = (
        _name(row.get("number", "")),
        normalise_serial(row.get("serial", "")),
        normalise_tag(row.get("tag", "")),
    )
    return next((known[name] for name in wanted if name in known), None)


def _what(row: dict[str, str], case: VendorCase | None, means: str, seen: Iterable[int]) -> What:
    if case is None:
        return What.UNKNOWN
    if case.pk in seen:
        return What.TWICE
    if case.sent_at is None:
        return What.NOT_SENT
    promised = row.get("promised") in {None, str(case.promised_on)}
    if one_form(row.get("status", "")) in {"", case.heard} and promised and means == case.means:
        return What.SAME
    return What.NEWS if means or not row.get("status") else What.UNMAPPED


@verb
def take_feed(*, feed_id: int, by: Actor, at: datetime, op: Op) -> Feed:
    """Take a vendor's list over as it was looked through; a line that no longer fits is left out and counted."""
    by.require_everywhere(Permission.TRANSPORT)
    feed = Feed.objects.select_for_update(no_key=True).filter(pk=feed_id).first()
    if feed is None:
        raise Missing("Feed")
    if feed.taken_at is not None:
        raise Stale("feed_taken", _("This list was taken over already."))
    lines = look_through(feed, by=by)
    taken = sum(_take(line, by=by, at=at, op=op) for line in lines if line.what not in LEFT_OUT)
    end_feed(feed=feed, taken=taken, left_out=len(lines) - taken, by=by, at=at, op=op)
    return feed


def _take(line: Line, *, by: Actor, at: datetime, op: Op) -> bool:
    if line.case is None:
        return False
    said: dict[str, Any] = {
        "word": line.row.get("status", ""),
        "number": line.row.get("number", ""),
        "carrier": line.row.get("carrier", ""),
        "tracking": line.row.get("tracking", ""),
        "promised_on": line.promised,
    }
    try:
        with transaction.atomic():
            hear(case_id=line.case.pk, **said, by=by, at=at, op=op)
    except Refused:
        return False
    return True
