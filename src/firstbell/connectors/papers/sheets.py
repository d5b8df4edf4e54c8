"""The label sheets that a stationer sells, in millimetres."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "sheets.json"
PAPER = {"letter": (215.9, 279.4), "a4": (210.0, 297.0)}
"""Width and height of a page in millimetres."""


@dataclass(frozen=True)
class Sheet:
    """One kind of sheet. ``left`` and ``top`` lead to the first label, ``across`` and ``down`` from one to the next.

    ``sure`` is false where the sources of the measures disagree: print the outlines on plain paper first.
    """

    part: str
    paper: str
    width: float
    height: float
    columns: int
    rows: int
    left: float
    top: float
    across: float
    down: float
    corner: float = 0.0
    also: tuple[str, ...] = ()
    sure: bool = True

    @property
    def count(self) -> int:
        """Return how many labels are on one sheet."""
        return self.columns * self.rows

    @property
    def page(self) -> tuple[float, float]:
        """Return width and height of the page in millimetres."""
        return PAPER[self.paper]


@cache
def sheets() -> dict[str, Sheet]:
    """Return the known sheets by part number, as listed."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return {row["part"]: Sheet(**row | {"also": tuple(row.get("also", ()))}) for row in rows}
