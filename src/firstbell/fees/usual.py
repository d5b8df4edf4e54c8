"""Rows to begin with: what districts in the United States were found to ask, with where each amount comes from.

None of them is in force until somebody takes them over. Every case has a row for students and one for staff (S137).
"""

from firstbell.fees.actions.policy import Line
from firstbell.fees.models import Cover, FeePolicy
from firstbell.kernel.damage import Cause

LADDER = "Ladder found: first free, then $20 (district agreements, 2023-24)"
LADDER_CAP = "Ladder found: first free, then $20; family cap of $80 (district agreements, 2023-24)"
TIERS = "Price tiers found: $25, $50, $100, $200 (published repair costs, Howard County)"
REPLACEMENT = "Replacement found: $200 to $280 (published price lists, 2023-24)"
REPORTED = "Plans found: theft with a police report is covered"

_CASES: tuple[tuple[Cause, Cover, int, int, int, int | None, str], ...] = (
    (Cause.ACCIDENTAL, Cover.PLAN, 1, 0, 5_000, 8_000, LADDER_CAP),
    (Cause.ACCIDENTAL, Cover.PLAN, 2, 2_000, 5_000, 8_000, LADDER_CAP),
    (Cause.ACCIDENTAL, Cover.NONE, 1, 2_500, 10_000, 20_000, TIERS),
    (Cause.ACCIDENTAL, Cover.NONE, 2, 5_000, 10_000, 20_000, TIERS),
    (Cause.LIQUID, Cover.PLAN, 1, 2_000, 5_000, 8_000, LADDER),
    (Cause.LIQUID, Cover.NONE, 1, 5_000, 20_000, 20_000, TIERS),
    (Cause.LOST, Cover.PLAN, 1, 20_000, 28_000, None, REPLACEMENT),
    (Cause.LOST, Cover.NONE, 1, 20_000, 28_000, None, REPLACEMENT),
    (Cause.STOLEN, Cover.PLAN, 1, 0, 0, None, REPORTED),
    (Cause.STOLEN, Cover.NONE, 1, 20_000, 28_000, None, REPLACEMENT),
)
"""Cause, cover, which time within a year, what is asked, the cap of one incident, of a year (cents), and the source.

Wear and faults of the device have no row: nothing is asked for them.
"""

USUAL = tuple(
    Line(
        cause=cause.value,
        holder_kind=holder.value,
        amount_cents=amount,
        cap_cents=cap,
        cover=cover.value,
        occurrence=occurrence,
        year_cap_cents=year_cap,
        source=source,
    )
    for cause, cover, occurrence, amount, cap, year_cap, source in _CASES
    for holder in FeePolicy.Holder
)
