"""Whatever stands in a roster, reading it neither crashes nor repeats a cell in a message."""

import io
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell.connectors.roster import SENTENCES, Package, read_package
from firstbell.connectors.roster.leniency import Leniency
from firstbell.connectors.roster.lines import read_rows
from tests.connectors.rosters import csv_text, files_of, header, pack, package_of, sample

CANARY = "zqx7canary"
TABLES = tuple(sample())
COLUMNS = [
    (table, at, column) for table, rows in sample().items() for at in range(len(rows)) for column in header(table)
]
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

cells = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from('",{}:;\r\n\0\ufeff=+-@')), max_size=40
).map(lambda text: CANARY + text)
leniencies = st.sampled_from(Leniency)


def exhaust(package: Package) -> None:
    if package.refused:
        return
    rows = (
        package.orgs(),
        package.sessions(),
        package.people(),
        package.classes(),
        package.enrollments(),
        package.guardianships(),
    )
    for reader in rows:
        list(reader)


def assert_discreet(package: Package) -> None:
    for problem in package.problems:
        assert CANARY not in repr(problem)
        assert CANARY not in problem.sentence(SENTENCES)


def spoiled(changes: Mapping[tuple[str, int, str], str]) -> io.BytesIO:
    tables = sample()
    for (table, row, column), cell in changes.items():
        tables[table][row][column] = cell
    return package_of(tables)


@slow
@given(st.dictionaries(st.sampled_from(COLUMNS), cells, max_size=6), leniencies)
def test_any_cells_are_read_or_refused_without_being_repeated(changes, leniency):
    package = read_package(spoiled(changes), leniency=leniency)

    exhaust(package)
    assert_discreet(package)


@slow
@given(st.sampled_from(TABLES), st.lists(st.lists(cells, max_size=8), max_size=5), leniencies)
def test_any_table_is_read_or_refused_without_being_repeated(table, rows, leniency):
    """A file without a header: its first row is somebody's data."""
    package = read_package(package_of({**sample(), table: csv_text(rows)}), leniency=leniency)

    exhaust(package)
    assert_discreet(package)


@slow
@given(st.sampled_from([*TABLES, "manifest"]), st.binary(max_size=300), leniencies)
def test_any_bytes_in_a_file_are_read_or_refused(table, content, leniency):
    exhaust(read_package(pack({**files_of(sample()), f"{table}.csv": content}), leniency=leniency))


@slow
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40), leniencies)
def test_any_damage_to_the_zip_is_survived(place, damage, leniency):
    packed = bytearray(package_of(sample()).getvalue())
    start = place % len(packed)
    packed[start : start + len(damage)] = damage

    package = read_package(io.BytesIO(bytes(packed)), leniency=leniency)

    if not package.refused:
        list(package.people())


@slow
@given(st.binary(max_size=400))
def test_any_bytes_for_a_zip_are_refused(content):
    assert read_package(io.BytesIO(content)).refused


plain_cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff"), max_size=12)


@slow
@given(st.lists(st.lists(plain_cells, min_size=1, max_size=6), min_size=1, max_size=6))
def test_what_a_csv_writer_writes_is_what_is_read(rows):
    lines = csv_text(rows).encode().splitlines(keepends=True)

    assert [cells for _number, cells in read_rows(lines)] == rows
