"""One table of figures, as pages show it and downloads hold it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table: its key in addresses, its title (the finding where there is one), columns, rows and what to know.

    The first ``words_until`` columns hold words, the rest numbers.
    """

    key: str
    title: str
    columns: list[str]
    rows: Sequence[list[str]]
    note: str = ""
    words_until: int = 1
    empty: str = ""
