"""What the state of a count allows, and what is a difference."""

from datetime import date

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.counts.models import Count, CountLine
from firstbell.kernel.errors import Refused

S = Count.Status
UNDER_WAY = frozenset({S.OPEN, S.SCANNING, S.RECONCILING})
OWN_EYES = (CountLine.Source.SCAN, CountLine.Source.SEEN)
"""Somebody saw it in a place; with every other source the record itself says where it went."""

EXPECTED = Q(expected=True)
MISSING = Q(expected=True, seen_at__isnull=True)
ELSEWHERE = ~Q(seen_place=F("place")) & Q(seen_place__isnull=False)
MISPLACED = Q(expected=True, held="place", source__in=OWN_EYES) & ELSEWHERE
UNEXPECTED = Q(expected=False)
DIFFERENCE = MISSING | MISPLACED | UNEXPECTED
UNRESOLVED = DIFFERENCE & Q(how="")
ESCALATED = DIFFERENCE & Q(how="escalated")
IN_PLACE = Q(expected=True, seen_at__isnull=False) & (
    ~Q(held="place") | ~Q(source__in=OWN_EYES) | Q(seen_place__isnull=True) | Q(seen_place=F("place"))
)

SOURCES: dict[str, CountLine.Source] = {
    "devices.seen": CountLine.Source.SEEN,
    "loans.lent": CountLine.Source.LOAN,
    "loans.returned": CountLine.Source.LOAN,
    "repairs.repaired": CountLine.Source.REPAIR,
    "repairs.checked": CountLine.Source.REPAIR,
    "devices.custody_changed": CountLine.Source.HAND_OVER,
}
"""Events at which somebody had the device before them."""
BY_REASON: dict[str, CountLine.Source | None] = {
    "lent": CountLine.Source.LOAN,
    "loan_returned": CountLine.Source.LOAN,
    "swapped": CountLine.Source.SWAP,
    "handed_in": CountLine.Source.SWAP,
    "received": CountLine.Source.RECEIVED,
    "sent": None,
    "registered": None,
}
"""Changes of custody tell apart by their reason. A box that is sent is not opened: nobody saw what is in it."""


def here(place_id: int) -> Q:
    """Return the condition for what is expected in a place or was found there."""
    return Q(place_id=place_id, expected=True) | Q(seen_place_id=place_id)


def source_of(kind: str, reason: str) -> CountLine.Source | None:
    """Return what an event counts as, or None when nobody saw the device."""
    if kind == "devices.custody_changed" and reason in BY_REASON:
        return BY_REASON[reason]
    return SOURCES.get(kind)


def check_under_way(count: Count) -> None:
    """A certified count is history."""
    if count.status not in UNDER_WAY:
        raise Refused("count_certified", _("“{name}” is certified. Open a new count."), name=count.name)


def check_reconciling(count: Count) -> None:
    """Differences are resolved once the scanning is done."""
    check_under_way(count)
    if count.status != S.RECONCILING:
        raise Refused("still_scanning", _("Finish the scanning first; then the differences are listed."))


def check_name(name: str) -> None:
    """A count is called something."""
    if not name.strip():
        raise Refused("name_missing", _("Give the count a name, such as “Spring count”."))


def check_due(due_on: date, today: date) -> None:
    """A count is due today or later."""
    if due_on < today:
        raise Refused("due_in_the_past", _("It cannot be due before today."))


def check_chosen(count: Count, *, places: int, models: int) -> None:
    """Some places or models are chosen where the scope is made of them."""
    if count.scope in {Count.Scope.PLACES, Count.Scope.STORE} and not places:
        raise Refused("no_place_chosen", _("Choose at least one place."))
    if count.scope == Count.Scope.MODELS and not models:
        raise Refused("no_model_chosen", _("Choose at least one model."))


def check_something_expected(expected: int) -> None:
    """There is something to count."""
    if not expected:
        raise Refused("nothing_expected", _("No device on record fits this scope. Choose another."))


def check_store(count: Count) -> None:
    """Only a storage place is counted by its number."""
    if count.scope != Count.Scope.STORE:
        raise Refused("not_a_store", _("Only a storage place is counted by number. Scan the devices here."))


def check_number(number: int, expected: int) -> None:
    """A number that differs says that something is wrong, but not what."""
    if number != expected:
        sentence = _("{expected} are on record, you counted {number}. Scan them, so that the difference has a name.")
        raise Refused("number_differs", sentence, expected=expected, number=number)


def check_seal(count: Count, seal: str) -> None:
    """A seal with another number was broken in between."""
    if seal.strip().upper() != count.seal.upper():
        raise Refused("seal_differs", _("This is another seal than on record. Scan the devices one by one."))


def check_resolves(line: CountLine, how: CountLine.How) -> None:
    """Each kind of difference has its own ways out."""
    if how not in ways_out(line):
        raise Refused("no_way_out", _("This difference cannot be resolved like that."))


def ways_out(line: CountLine) -> tuple[CountLine.How, ...]:
    """Return how a difference can be resolved: what is missing is not put anywhere, what was found is not missing."""
    if line.seen_at is None:
        return (CountLine.How.REPORTED, CountLine.How.FOUND, CountLine.How.ESCALATED)
    if line.device_id is None:
        return (CountLine.How.CARRIED, CountLine.How.ESCALATED)
    return (CountLine.How.PUT, CountLine.How.CARRIED, CountLine.How.ESCALATED)


def check_reason(reason: str) -> None:
    """Who hands a difference on says why."""
    if not reason.strip():
        raise Refused("reason_missing", _("Say in a few words why this stays open."))


def check_nothing_open(unresolved: int) -> None:
    """Nothing unresolved is certified."""
    if unresolved:
        sentence = _("{unresolved} differences are open. Resolve each, or hand it to somebody with a day and a reason.")
        raise Refused("differences_open", sentence, unresolved=unresolved)
