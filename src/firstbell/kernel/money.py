"""Amounts of money: whole cents of US dollars, so that nothing is lost in rounding."""

import re
from dataclasses import dataclass

_TYPED = re.compile(r"\$?\s*(\d{1,7})(?:\.(\d{1,2}))?")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in cents. It may be below zero: a refund is."""

    cents: int

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + other.cents)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - other.cents)

    def percent(self, share: int) -> "Money":
        """Return a share in percent, half a cent rounded up."""
        return Money((self.cents * share + 50) // 100)

    def capped(self, cap: "Money") -> "Money":
        """Return the amount, or the cap where that is less."""
        return min(self, cap)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        dollars, cents = divmod(abs(self.cents), 100)
        return f"{sign}${dollars:,}.{cents:02}"


def read_money(text: str) -> Money | None:
    """Return the amount that somebody typed ("12", "12.5", "$12.50"); None when it is no amount."""
    typed = _TYPED.fullmatch(text.strip())
    if typed is None:
        return None
    return Money(int(typed[1]) * 100 + int((typed[2] or "0").ljust(2, "0")))
