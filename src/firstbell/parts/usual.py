"""Kinds of parts to begin with: list prices and days of delivery that districts were found to have.

Prices: published repair costs of districts (reference 2.5). Days: no district publishes them; ten is a guess, to be
corrected by what the supplier promises.
"""

from firstbell.parts.models import PartKind

LEAD_DAYS = 10
PRICES: dict[PartKind.Sort, int] = {
    PartKind.Sort.SCREEN: 5_200,
    PartKind.Sort.KEYBOARD: 3_500,
    PartKind.Sort.PLASTICS: 2_500,
    PartKind.Sort.PORT_BOARD: 3_000,
    PartKind.Sort.BATTERY: 4_500,
    PartKind.Sort.MAINBOARD: 15_500,
    PartKind.Sort.TRACKPAD: 3_000,
}
"""In cents, by sort of part."""
