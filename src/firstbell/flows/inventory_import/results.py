"""What becomes of a row, and why."""

from dataclasses import dataclass
from enum import StrEnum

from firstbell.kernel.errors import Refused


class What(StrEnum):
    """What a row led to."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a row that somebody should know. ``column`` is a field of the reader, "" for the whole row.

    Sentences may name what the row holds (a site, a tag): they are for the person who imports, never for logs.
    """

    code: str
    sentence: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row of the list, counted as a spreadsheet does. ``notes`` say why it was refused, or what was mended."""

    row: int
    what: What
    tag: str = ""
    notes: tuple[Note, ...] = ()


def note_of(refusal: Refused, column: str = "") -> Note:
    """Return a refusal of the house as a note."""
    return Note(refusal.code, refusal.sentence, column)
