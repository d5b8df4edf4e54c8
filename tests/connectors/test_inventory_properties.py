"""Whatever stands in a device list, reading it neither crashes nor repeats a cell in a message."""

import io
import zipfile

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell.connectors.inventory import ALIASES, SENTENCES, DayOrder, read_devices
from firstbell.connectors.inventory.reader import DeviceFile
from tests.connectors.rosters import csv_text, pack

CANARY = "zqx7canary"
HEADERS = [names[0] for names in ALIASES.values()]
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

any_text = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from('",;\t|\r\n\0\ufeff=+-@#')), max_size=30
)
near_misses = st.sampled_from(
    ["1.234", "3/4/2026", "490154203237519", "6.3E+15", "12-Sep", "#N/A", "n/a", "a b", "8901"]
)
cells = (any_text | near_misses).map(lambda text: text + CANARY) | near_misses
orders = st.none() | st.sampled_from(DayOrder)


def assert_discreet(found: DeviceFile) -> None:
    problems = [*found.problems, *(problem for outcome in found.outcomes() for problem in outcome.problems)]
    for problem in problems:
        assert CANARY not in repr(problem)
        assert CANARY not in problem.sentence(SENTENCES)


@slow
@given(st.lists(st.lists(cells, max_size=len(HEADERS)), max_size=5), orders)
def test_any_cells_are_taken_or_refused_without_being_repeated(rows, order):
    text = csv_text([HEADERS, *rows])

    assert_discreet(read_devices(io.BytesIO(text.encode()), day_order=order))


@slow
@given(st.lists(st.lists(cells, max_size=8), max_size=5), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
def test_any_table_is_taken_or_refused_without_being_repeated(rows, encoding):
    """A list without a header: its first row is somebody's data."""
    assert_discreet(read_devices(io.BytesIO(csv_text(rows).encode(encoding))))


@slow
@given(st.binary(max_size=500))
def test_any_bytes_are_taken_or_refused(content):
    assert_discreet(read_devices(io.BytesIO(content)))


@slow
@given(st.binary(max_size=500))
def test_any_bytes_below_a_header_are_taken_or_refused(content):
    assert_discreet(read_devices(io.BytesIO(b"Asset Tag,Serial,Notes\n" + content)))


def sound_workbook() -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Asset Tag", "Serial", "Price"])
        page.write_row(1, 0, ["WF1", "5CD1", 277])
    return packed.getvalue()


WORKBOOK = sound_workbook()


@slow
@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=30))
def test_any_damage_to_a_workbook_is_survived(place, damage):
    packed = WORKBOOK[:place] + damage + WORKBOOK[place + len(damage) :]

    assert_discreet(read_devices(io.BytesIO(packed)))


PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml")
pieces = st.sampled_from([b"<", b">", b'"', b"9" * 13, b"-1", b"&#0;", b"XFD1048576", b"\xff", b""]) | st.binary(
    max_size=6
)


@slow
@given(st.sampled_from(PARTS), st.integers(0, 10**6), st.integers(0, 12), pieces)
def test_any_damage_to_the_content_of_a_workbook_is_survived(part, place, gone, piece):
    """A number too many in the right place would spread the sheet over all memory there is."""
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    start = place % len(parts[part])
    parts[part] = parts[part][:start] + piece + parts[part][start + gone :]

    assert_discreet(read_devices(pack(parts)))


@slow
@given(st.lists(st.tuples(st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True), st.booleans()), max_size=30))
def test_of_each_tag_either_one_row_is_taken_or_none(rows):
    written = [[f" {tag.lower()}" if untidy else tag] for tag, untidy in rows]
    found = read_devices(io.BytesIO(csv_text([["Tag"], *written]).encode()))

    taken = [outcome.device.tag for outcome in found.outcomes() if outcome.device]
    tags = [tag for tag, _untidy in rows]
    assert taken == [tag for tag in tags if tags.count(tag) == 1]
