"""Label sheets: each label a title, lines under it, a QR code and perhaps bars, in the places of a sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from firstbell.connectors.papers import marks, typeset
from firstbell.connectors.papers.sheets import Sheet


@dataclass(frozen=True)
class Label:
    """One label. ``address`` becomes the QR code, ``bars`` the Code 128 where the label has room for it."""

    title: str
    lines: tuple[str, ...]
    address: str
    bars: str = ""


@dataclass(frozen=True)
class Placing:
    """How the labels lie: the first free label (from 1), a printer's offset in millimetres, thin outlines."""

    first: int = 1
    right: float = 0.0
    down: float = 0.0
    outlines: bool = False


def values(labels: Sequence[Label], sheet: Sheet, placing: Placing) -> dict[str, Any]:
    """Return what the template reads."""
    return {
        "page": sheet.page,
        "label": [sheet.width, sheet.height, sheet.corner],
        "start": [sheet.left + placing.right, sheet.top + placing.down],
        "pitch": [sheet.across, sheet.down],
        "grid": [sheet.columns, sheet.rows],
        "skip": min(max(placing.first, 1), sheet.count) - 1,
        "outlines": placing.outlines,
        "labels": [_written(label) for label in labels],
    }


def _written(label: Label) -> dict[str, Any]:
    return {
        "title": label.title,
        "lines": label.lines,
        "qr": marks.square(label.address),
        "bars": marks.bars(label.bars) if label.bars else "",
    }


def label_pdf(labels: Sequence[Label], sheet: Sheet, placing: Placing | None = None) -> bytes:
    """Return the sheets. Thousands of labels are pictures without structure: tags would double the work."""
    return typeset.pdf("labels", values(labels, sheet, placing or Placing()), tagged=False)


def outline_pdf(sheet: Sheet, placing: Placing | None = None) -> bytes:
    """Return one page with the outlines only, to hold against a sheet before it is used."""
    asked = placing or Placing()
    whole = values([], sheet, Placing(1, asked.right, asked.down, outlines=True))
    return typeset.pdf("labels", whole, tagged=False)
