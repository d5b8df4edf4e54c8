"""What holds for every counted thing."""

from django.utils.translation import gettext_lazy as _

from firstbell.kernel.errors import Refused

MOST = 100_000
"""More than this in one place is a slip of the scanner."""


def check_number(number: int, least: int) -> None:
    """A number of pieces is a whole one, and believable."""
    if not least <= number <= MOST:
        raise Refused("pieces", _("Give a whole number from {least} to {most}."), least=least, most=MOST)
