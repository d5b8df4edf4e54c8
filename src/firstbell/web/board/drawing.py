"""Drawings as SVG, made by the server: no script, readable in print, in the dark and by those who don't see them.

Coordinates are those of a 400 wide sheet; every word in it stands in the table beside it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 400
LEFT, RIGHT, TOP = 4, 344, 24
"""Right of the bars there is room for the words of the target."""
LEAST, HEAD, ROW, FOOT = 170, 28, 29, 36
"""A drawing is about as high as its table: its head and a row for each bar; below the axis stand the days."""
GAP = 0.28
"""The share of its step that a bar leaves free."""
WIDEST = 64
"""A step never takes more room, however few bars there are."""
EVERY = 3
"""Days are written under every third bar, counted from the last."""
HIGHEST = 4
"""Times the target; what is higher is cut, so that the rest can be told apart."""


@dataclass(frozen=True)
class Bar:
    """One bar: what stands under and above it, and its height; None where there was nothing to measure."""

    label: str
    value: float | None
    said: str
    marked: bool = False


@dataclass(frozen=True)
class Sheet:
    """What a drawing measures by: the value at its top, where the axis lies, and the width of one step."""

    top: float
    bottom: int
    step: float

    def y(self, value: float) -> float:
        """Return how far down a value lies."""
        return self.bottom - (self.bottom - TOP) * value / self.top

    def above(self, row: Bar) -> float:
        """Return where the upper edge of a bar lies."""
        return max(TOP, self.y(row.value or 0))


def cut(rows: Sequence[Bar], target: float) -> bool:
    """Say whether a bar is too high for the drawing and is cut."""
    return any((row.value or 0) > HIGHEST * target for row in rows)


def bars(rows: Sequence[Bar], *, target: float, target_said: tuple[str, str], said: str) -> SafeString:
    """Return bars over time with a target line and its words; ``said`` tells what it shows to those who hear it."""
    top = max([target * 1.4, *(min(row.value or 0, HIGHEST * target) for row in rows)])
    step, height = min(WIDEST, (RIGHT - LEFT) / max(1, len(rows))), max(LEAST, HEAD + ROW * len(rows))
    sheet = Sheet(top, height - FOOT, step)
    places = [(row, LEFT + step * place) for place, row in enumerate(rows) if row.value is not None]
    labels = [
        (f"{LEFT + step * (place + 0.5):.1f}", row.label)
        for place, row in enumerate(rows)
        if (len(rows) - 1 - place) % EVERY == 0
    ]
    line = sheet.y(target)
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<path class="axis" d="M{} {}H{}"/>'
        '<path class="target" d="M{} {}H{}"/>{}{}{}</svg>',
        WIDTH, height, said,
        format_html_join("", "{}", ((_bar(row, x, sheet),) for row, x in places)),
        LEFT, sheet.bottom, RIGHT, LEFT, f"{line:.1f}", RIGHT,
        format_html_join("", "{}", ((_value(row, x, sheet),) for row, x in places)),
        format_html_join(
            "", '<text class="text-soft" x="348" y="{}">{}</text>',
            ((f"{line + 4 + 14 * place:.1f}", word) for place, word in enumerate(target_said)),
        ),
        format_html_join(
            "", '<text class="text-soft" x="{}" y="{}" text-anchor="middle">{}</text>',
            ((x, sheet.bottom + 20, label) for x, label in labels),
        ),
    )  # fmt: skip


def _bar(row: Bar, x: float, sheet: Sheet) -> SafeString:
    upper, bottom, width = sheet.above(row), sheet.bottom, sheet.step * (1 - GAP)
    body = [(upper, bottom)] if (row.value or 0) <= sheet.top else [(upper, upper + 8), (upper + 13, bottom)]
    return format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
        (
            ("bar-marked" if row.marked else "bar-main", f"{x + sheet.step * GAP / 2:.1f}", f"{start:.1f}",
             f"{width:.1f}", f"{max(1.0, end - start):.1f}")
            for start, end in body
        ),
    )  # fmt: skip


def _value(row: Bar, x: float, sheet: Sheet) -> SafeString:
    """Return what stands above a bar; drawn after the target line, so that no line goes through it."""
    return format_html(
        '<text class="text-strong" x="{}" y="{}" text-anchor="middle">{}</text>',
        f"{x + sheet.step / 2:.1f}", f"{sheet.above(row) - 5:.1f}", row.said,
    )  # fmt: skip
