"""What cover and claims allow."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from firstbell.claims.engine import Verdict, Why
from firstbell.claims.models import Claim, Coverage, Terms
from firstbell.kernel.damage import Cause
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.money import Money
from firstbell.repairs.fixes import fix

MOST_AT_ONCE = 5000
"""Devices that get a cover in one go."""
SAYS = {
    Why.COVERED: _("covered"),
    Why.NOT_YET: _("the cover had not begun"),
    Why.LAPSED: _("the cover had ended"),
    Why.WAITING: _("the cover was still in its waiting time"),
    Why.FAULT: _("this fault is not covered"),
    Why.CAUSE: _("this cause is not covered"),
    Why.NO_CLAIMS_LEFT: _("no claim is left this year"),
    Why.NO_MONEY_LEFT: _("the limit of the year is reached"),
    Why.BELOW_DEDUCTIBLE: _("it costs no more than what the district bears itself"),
}
"""Why a cover pays or does not, in words."""


def check_covers_something(faults: Iterable[str], causes: Iterable[str]) -> None:
    """Terms name what they cover, in codes that we know."""
    named, why = set(faults), set(causes)
    if not named or not why:
        raise Refused("covers_nothing", _("Choose at least one fault and one cause that are covered."))
    if any(fix(code) is None for code in named) or not why <= set(Cause):
        raise Refused("not_an_option", _("Choose one of the answers offered."))


def check_sums(*, deductible: int, limit: int | None, year: int | None, claims: int | None) -> None:
    """Limits leave room for something."""
    if limit is not None and limit <= deductible:
        raise Refused(
            "limit_below_deductible", _("The limit must be more than what the district bears itself of each claim.")
        )
    if 0 in {year, claims}:
        raise Refused("limit_zero", _("A limit of nothing covers nothing. Leave it empty if there is none."))


def check_after(earlier: Terms, since: date) -> None:
    """Terms last at least a day, and no claim was decided by terms that did not apply."""
    if since <= earlier.since:
        raise Stale("terms_newer", _("Terms of this cover begin on {since} already."), since=earlier.since)
    if earlier.claims.filter(happened_on__gte=since).exists():
        raise Stale("terms_used", _("A claim stands on these terms already. Let the new ones begin later."))


def check_span(since: date, until: date | None) -> None:
    """The last day comes after the first."""
    if until is not None and until <= since:
        raise Refused("cover_order", _("The last day must come after the first."))


def check_few(number: int) -> None:
    """So many at once, and no more: everything in one go is one transaction."""
    if number == 0:
        raise Refused("nobody_to_cover", _("None of these devices can get this cover. Look at the list again."))
    if number > MOST_AT_ONCE:
        raise Refused("too_many_at_once", _("At most {most} devices at once. Narrow it down."), most=MOST_AT_ONCE)


def check_status(claim: Claim, *wanted: Claim.Status) -> None:
    """A claim goes from draft to sent to decided."""
    if claim.status not in wanted:
        raise Stale("claim_moved_on", _("This claim is “{status}” by now."), status=Claim.Status(claim.status).label)


def check_still_covered(verdict: Verdict, coverage: Coverage) -> None:
    """What was left when the claim was prepared may be used up when it is sent."""
    if not verdict.covered:
        sentence = _("{cover} does not pay any more: {why}.")
        raise Refused("not_covered_now", sentence, cover=coverage.cover, why=SAYS[verdict.why])


def check_last_one(verdict: Verdict, *, confirmed: bool) -> None:
    """The last claim of a year is used on purpose (S82)."""
    if verdict.last and not confirmed:
        raise Refused(
            "last_claim", _("This is the last claim of this device in its year. Tick that you want to use it.")
        )


def check_paid(claim: Claim, paid: Money) -> None:
    """What is paid lies above nothing and not above what the terms allow."""
    if not Money(0) < paid <= claim.expected:
        raise Refused("paid_wrong", _("The terms allow at most {most} for it. Write what came."), most=claim.expected)
