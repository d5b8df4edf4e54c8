"""What is wrong with a file, said so that nobody's data is in the message.

A problem carries a code and places (file, row, column), never the content of a cell: problems are logged, mailed
and shown to people who may not see the row. Sentences stand in each connector's ``SENTENCES``.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a problem costs."""

    REFUSED = "refused"
    """The whole file or package is not taken."""
    ROW = "row"
    """This row is left out, the others are taken."""
    WARNING = "warning"
    """Everything is taken; somebody should know."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``row`` counts from 1 with the header as row 1, as a spreadsheet shows it; 0 means the whole file.

    ``column`` is a name of the format or ``#n``, the n-th column counted from 1: a header cell that we don't know may
    be somebody's name. ``facts`` fill the placeholders of the sentence: numbers and words of the format only.
    """

    code: str
    severity: Severity
    file: str = ""
    row: int = 0
    column: str = ""
    facts: tuple[tuple[str, int | str], ...] = ()

    def sentence(self, sentences: Mapping[str, str]) -> str:
        """Return the code's sentence from this table, with the facts filled in."""
        return sentences[self.code].format(**dict(self.facts))


class Broken(Exception):
    """The rest of a file cannot be read. Becomes a Problem where the file's name is known."""

    def __init__(self, code: str, row: int = 0, column: str = "", **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.row = row
        self.column = column
        self.facts = tuple(facts.items())

    def problem(self, file: str) -> Problem:
        """Return the refusal of this file."""
        return Problem(self.code, Severity.REFUSED, file, self.row, self.column, self.facts)


class Unreadable(Exception):
    """A cell cannot be understood. Carries a code, never the cell."""

    def __init__(self, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = tuple(facts.items())


class ProblemLog:
    """Collects problems in bounded memory: all are counted, the first few of each kind and place are kept."""

    def __init__(self, keep: int = 20) -> None:
        self.counts: Counter[tuple[str, Severity]] = Counter()
        self._keep = keep
        self._kept: list[Problem] = []
        self._places: Counter[tuple[str, str, str]] = Counter()

    def add(self, problem: Problem) -> None:
        """Count the problem; keep it while fewer than ``keep`` like it (same code, file and column) are kept."""
        self.counts[problem.code, problem.severity] += 1
        place = (problem.code, problem.file, problem.column)
        if self._places[place] < self._keep:
            self._places[place] += 1
            self._kept.append(problem)

    @property
    def kept(self) -> tuple[Problem, ...]:
        """The kept problems in the order found."""
        return tuple(self._kept)

    @property
    def refused(self) -> bool:
        """Whether anything was found that refuses the whole file."""
        return any(severity is Severity.REFUSED for _code, severity in self.counts)
