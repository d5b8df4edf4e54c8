"""A migration says what it does, and each area has one line of them."""

import re
from collections import Counter
from collections.abc import Iterable

from tests.house.reading import SOURCE

AREAS = {folder.parent.name: [path.stem for path in folder.glob("[0-9]*.py")] for folder in SOURCE.glob("*/migrations")}


def find_faults(names: Iterable[str]) -> list[str]:
    return [name for name in names if re.search(r"_auto_\d|_auto$", name) or not re.match(r"\d{4}_[a-z]", name)]


def find_forks(names: Iterable[str]) -> list[str]:
    return [number for number, count in Counter(name[:4] for name in names).items() if count > 1]


def test_migrations_have_names():
    assert find_faults(name for names in AREAS.values() for name in names) == []


def test_each_area_has_one_line_of_migrations():
    assert {area: find_forks(names) for area, names in AREAS.items() if find_forks(names)} == {}


def test_the_check_can_fail():
    assert find_faults(["0002_auto_20261101_1200", "0001_initial", "second"]) == ["0002_auto_20261101_1200", "second"]
    assert find_forks(["0001_initial", "0002_seats", "0002_rooms"]) == ["0002"]
