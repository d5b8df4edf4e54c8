"""Every code has its sentence, every sentence its code; problems stay few and identifiers cost little."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.connectors import inventory, roster
from firstbell.connectors.problems import Problem, ProblemLog, Severity
from firstbell.connectors.seen import Seen

SOURCE = Path(roster.__file__).parents[1]
AREAS = {
    "roster": ("package|manifest|csv|table|schema|row|reference|semantic", [SOURCE / "roster", SOURCE / "zips.py"]),
    "inventory": (
        "file|header|row|cell|tag|serial|date|price|warranty|imei|iccid|mdn|eid|owner",
        [SOURCE / "inventory", SOURCE / "days.py"],
    ),
}
COMPUTED = {"tag.repeated", "serial.repeated"}
NO_CODES = {"manifest.csv", "manifest.version"}


def codes_in_source(area: str) -> set[str]:
    words, places = AREAS[area]
    files = [file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place])]
    text = "\n".join(file.read_text() for file in files if file.name != "sentences.py")
    text = re.sub(r'"""(?:.|\n)*?"""', "", text)
    return set(re.findall(rf'"((?:{words})\.[a-z_]+)"', text)) - NO_CODES


@pytest.mark.parametrize(("area", "sentences"), [("roster", roster.SENTENCES), ("inventory", inventory.SENTENCES)])
def test_every_code_has_its_sentence_and_every_sentence_its_code(area, sentences):
    codes = codes_in_source(area) | (COMPUTED if area == "inventory" else set())

    assert codes == set(sentences)


def test_a_sentence_is_filled_with_the_facts():
    problem = Problem("serial.repeated", Severity.ROW, "devices", 5, "serial", (("other", 3),))

    assert problem.sentence(inventory.SENTENCES).startswith("Row 3 has the same serial number.")


def test_a_log_keeps_few_and_counts_all():
    log = ProblemLog(keep=2)
    for row in range(5):
        log.add(Problem("row.invalid_enum", Severity.ROW, "roles.csv", row, "role"))
    log.add(Problem("row.invalid_enum", Severity.REFUSED, "users.csv", 1, "role"))

    assert len(log.kept) == 3
    assert log.counts["row.invalid_enum", Severity.ROW] == 5
    assert log.refused


@given(st.lists(st.text(max_size=3)))
def test_what_came_twice_is_found(texts):
    seen = Seen()
    for text in texts:
        seen.add(text)

    assert seen.repeated() == {hash(text) for text in texts if texts.count(text) > 1}
