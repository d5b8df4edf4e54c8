"""What can be written in the ledger about vendors. Case numbers and a vendor's own words are typed: never in here."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class VendorAnswered(Fact):
    """A vendor's answer to one of our questions was written down."""

    kind = "vendors.answered"
    sentence = _("{site} answered a question")
    site_id: int
    question: Code
    answer: Code


@dataclass(frozen=True)
class WordMapped(Fact):
    """It was said what a vendor's own status means."""

    kind = "vendors.word_mapped"
    sentence = _("A status of {site} means: {vendor_status}")
    site_id: int
    word_id: int
    vendor_status: Code


@dataclass(frozen=True)
class CaseOpened(Fact):
    """A repair was handed to a vendor."""

    kind = "vendors.case_opened"
    sentence = _("Handed to {site} for repair")
    case_id: int
    work_order_id: int
    device_id: int
    site_id: int
    return_to: Code


@dataclass(frozen=True)
class CaseHandedOver(Fact):
    """Somebody else looks after a case at a vendor from now on."""

    kind = "vendors.case_handed_over"
    sentence = _("{site} looks after the case at the vendor now")
    case_id: int
    device_id: int
    site_id: int


@dataclass(frozen=True)
class BoxSent(Fact):
    """A box left for a vendor, or came from one. The cost in cents."""

    kind = "vendors.box_sent"
    sentence = _("A box left for {to_site}")
    shipment_id: int
    to_site_id: int
    devices: int
    tracked: bool
    cents: int


@dataclass(frozen=True)
class VendorSaid(Fact):
    """A vendor said where a device stands; empty where nobody has said yet what its word means."""

    kind = "vendors.said"
    sentence = _("The vendor says: {vendor_status}")
    case_id: int
    device_id: int
    vendor_status: Code
    promised_on: date | None


@dataclass(frozen=True)
class FeedKept(Fact):
    """A vendor's list was handed in, to be looked through."""

    kind = "vendors.feed_kept"
    sentence = _("News of {site} handed in")
    feed_id: int
    site_id: int


@dataclass(frozen=True)
class FeedTaken(Fact):
    """A list of a vendor was taken over."""

    kind = "vendors.feed_taken"
    sentence = _("News of {site} taken over: {taken} devices")
    feed_id: int
    site_id: int
    taken: int
    left_out: int


@dataclass(frozen=True)
class CaseEnded(Fact):
    """A case at a vendor ended. The cost in cents."""

    kind = "vendors.case_ended"
    sentence = _("Back from the vendor: {case_outcome}")
    case_id: int
    work_order_id: int
    device_id: int
    case_outcome: Code
    cents: int
