"""What publishing the plan asks for, and how two editions differ. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.register import Question
from firstbell.kernel.errors import Refused

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Change:
    """What differs between two editions under one key; None where one of them says nothing."""

    key: Key
    before: Any
    after: Any


def changes(before: dict[Key, Any], after: dict[Key, Any]) -> list[Change]:
    """Return what differs, by key: new, gone, or said otherwise."""
    keys = sorted(before.keys() | after.keys(), key=lambda key: tuple(str(part) for part in key))
    pairs = ((key, before.get(key), after.get(key)) for key in keys)
    return [Change(key, earlier, later) for key, earlier, later in pairs if earlier != later]


def check_words(statement: str, signed_as: str) -> None:
    """A plan says what leadership stands for, and who says so (S93)."""
    if len(statement.strip()) < 20:
        raise Refused("no_statement", _("Write what the district's leadership stands for: a sentence at least."))
    if not signed_as.strip():
        raise Refused("not_signed", _("Say who signs the plan: name and office."))


def check_decided(open_questions: Iterable[Question[Any]]) -> None:
    """What blocks a school from going live is decided before the plan is published (S15)."""
    missing = [str(question.title) for question in open_questions if question.blocks_go_live]
    if missing:
        sentence = _("The plan cannot be published yet. Not decided: {questions}")
        raise Refused("not_decided", sentence, questions=" ".join(missing))
