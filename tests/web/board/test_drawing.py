"""What the server draws: every word reachable for those who do not see it, nothing off the sheet."""

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from firstbell.web.board.drawing import FOOT, TOP, WIDTH, Bar, bars, cut

values = st.lists(st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False)), max_size=12)


def _drawn(heights: list[float | None], target: float = 30) -> ET.Element:
    rows = [Bar(f"Sep {number}", height, "<b>") for number, height in enumerate(heights)]
    return ET.fromstring(bars(rows, target=target, target_said=("target", "30 min"), said="said & done"))


def _height(drawing: ET.Element) -> int:
    return int(drawing.get("viewBox", "").split()[-1])


@given(values, st.integers(5, 2000))
def test_bars_stay_on_the_sheet_and_names_are_text(heights: list[float | None], target: int) -> None:
    drawing = _drawn(heights, target)
    assert drawing.get("aria-label") == "said & done"
    for bar in drawing.iter("rect"):
        left, width, upper, height = (float(bar.get(name, "0")) for name in ("x", "width", "y", "height"))
        assert 0 <= left <= left + width <= WIDTH
        assert TOP - 1 <= upper <= upper + height <= _height(drawing) - FOOT + 1
    assert {text.text for text in drawing.iter("text")} >= {"target", "30 min"}


def test_a_bar_far_above_the_target_is_cut_and_drawn_in_two() -> None:
    assert len(list(_drawn([10, 20]).iter("rect"))) == 2
    assert len(list(_drawn([10, 500]).iter("rect"))) == 3
    assert cut([Bar("", 500, "")], 30)
    assert not cut([Bar("", 120, ""), Bar("", None, "")], 30)


def test_nothing_measured_draws_only_the_line() -> None:
    drawing = _drawn([None, None])
    assert not list(drawing.iter("rect"))
    assert re.search(r"M4 \d", str(bars([], target=30, target_said=("a", "b"), said="")))


def test_a_drawing_grows_with_its_table_and_no_line_goes_through_a_value() -> None:
    few, many = _drawn([10, 20]), _drawn([20.0] * 12)
    assert _height(few) < _height(many)
    kinds = [part.get("class") for part in few]
    assert kinds.index("target") < kinds.index("text-strong")
