"""Text that a spreadsheet must not run as a formula."""

import re

RISKY = re.compile(r"[\s\"'\u2018-\u201f\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""What a spreadsheet may run: also behind quotes and blanks, also in full width."""


def defuse(cell: str) -> str:
    """Return text that no spreadsheet runs: a sign in front keeps it text."""
    return f"'{cell}" if RISKY.match(cell) else cell
