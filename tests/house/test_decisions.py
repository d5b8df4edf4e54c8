"""Every question of the plan is read by something that acts on it, and has a test that answers it and looks."""

import re

from firstbell.decisions import register
from firstbell.decisions.register import QUESTIONS, Question
from tests.house.reading import read_python, read_source

SHOWS = ("decisions/", "web/board/plan.py", "web/board/document.py", "web/street/families.py")
"""What only shows answers; to be shown is not to be read."""
NAMES = {value.key: name for name, value in vars(register).items() if isinstance(value, Question)}


def _sources() -> dict[str, str]:
    found = {"/".join(file.parts): file.text for file in read_source()}
    return {name: text for name, text in found.items() if not name.startswith(SHOWS)}


def unread(sources: dict[str, str]) -> list[str]:
    """Return the questions whose name stands in no module beyond an import."""
    lines = [line for text in sources.values() for line in text.splitlines() if not _imports(line)]
    told = "\n".join(lines)
    return [name for name in NAMES.values() if not re.search(rf"\b{name}\b", told)]


def _imports(line: str) -> bool:
    return (
        line.startswith("from firstbell.decisions.register import") or re.fullmatch(r" {4}[A-Z_]+,", line) is not None
    )


def unproven(tests: str) -> list[str]:
    """Return the questions that no test answers."""
    answered = r"(?:decision|decide|_answer|answer)\((?:[^()]|\([^()]*\))*?"
    several = r"for question in \([A-Z_, ]*?"
    return [
        key
        for key, name in NAMES.items()
        if not re.search(rf"{answered}(?:\b{name}\b|\"{re.escape(key)}\")|{several}\b{name}\b", tests)
    ]


def test_every_question_is_registered_under_its_name() -> None:
    assert set(NAMES) == {question.key for question in QUESTIONS}


def test_something_acts_on_every_answer() -> None:
    assert unread(_sources()) == []


def test_every_answer_is_tried_in_a_test() -> None:
    told = "\n".join(file.text for file in read_python("tests") if not file.path.endswith("test_plan.py"))
    assert unproven(told) == []


def test_the_check_can_fail() -> None:
    assert len(unread({"one.py": "from firstbell.decisions.register import LOAN_DAYS\n"})) == len(NAMES)
    assert "LOAN_DAYS" not in unread({"one.py": "says(LOAN_DAYS)"})
    assert "loans.days" not in unproven("make.decision(LOAN_DAYS.key, 3)")
    assert "loans.days" in unproven("LOAN_DAYS")
