"""Drawings as SVG, made by the server: no script, readable in print, in the dark and by those who don't see them.

Coordinates are those of a 400 wide sheet; every word in it stands in the table beside it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 4, 344, 24, 184
"""Right of the bars there is room for the words of the target."""
GAP = 0.28
"""The share of its step that a bar leaves free."""
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


def cut(rows: Sequence[Bar], target: float) -> bool:
    """Say whether a bar is too high for the drawing and is cut."""
    return any((row.value or 0) > HIGHEST * target for row in rows)


def bars(rows: Sequence[Bar], *, target: float, target_said: tuple[str, str], said: str) -> SafeString:
    """Return bars over time with a target line and its words; ``said`` tells what it shows to those who hear it."""
    top = max([target * 1.4, *(min(row.value or 0, HIGHEST * target) for row in rows)])
    step = (RIGHT - LEFT) / max(1, len(rows))
    parts = [_bar(row, LEFT + step * place, step, top) for place, row in enumerate(rows)]
    labels = [
        (f"{LEFT + step * (place + 0.5):.1f}", row.label)
        for place, row in enumerate(rows)
        if (len(rows) - 1 - place) % EVERY == 0
    ]
    line = _y(target, top)
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<path class="axis" d="M{} {}H{}"/>'
        '<path class="target" d="M{} {}H{}"/>{}{}</svg>',
        WIDTH, HEIGHT, said,
        format_html_join("", "{}", ((part,) for part in parts)),
        LEFT, BOTTOM, RIGHT, LEFT, f"{line:.1f}", RIGHT,
        format_html_join(
            "", '<text class="text-soft" x="348" y="{}">{}</text>',
            ((f"{line + 4 + 14 * place:.1f}", word) for place, word in enumerate(target_said)),
        ),
        format_html_join("", '<text class="text-soft" x="{}" y="204" text-anchor="middle">{}</text>', labels),
    )  # fmt: skip


def _y(value: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top


def _bar(row: Bar, x: float, step: float, top: float) -> SafeString:
    if row.value is None:
        return SafeString("")
    y, width = max(TOP, _y(row.value, top)), step * (1 - GAP)
    sides = f"{x + step * GAP / 2:.1f}", f"{width:.1f}"
    body = [(y, BOTTOM)] if row.value <= top else [(y, y + 8), (y + 13, BOTTOM)]
    return format_html(
        '{}<text class="text-strong" x="{}" y="{}" text-anchor="middle">{}</text>',
        format_html_join(
            "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>',
            (
                ("bar-marked" if row.marked else "bar-main", sides[0], f"{upper:.1f}", sides[1],
                 f"{max(1.0, lower - upper):.1f}")
                for upper, lower in body
            ),
        ),
        f"{x + step / 2:.1f}", f"{y - 5:.1f}", row.said,
    )  # fmt: skip
