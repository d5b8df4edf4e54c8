"""The second steps of a report, one for each symptom: the same for everybody but for a few slots.

They are drawn once a process and language: this is the page that a whole school opens at once.
"""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from firstbell.tickets.actions import NOTE_LIMIT
from firstbell.tickets.triage import Symptom, symptom, symptoms
from firstbell.web.asking import new_operation
from firstbell.web.street.spots import Spot

OWN_WORDS = frozenset({"blocked", "other"})
"""Symptoms whose report is worth little without a few words: the field is open, not folded away."""
CODE, TOKEN, OP, WORKS_OP = "0-code-0", "0-token-0", UUID(int=1), UUID(int=2)
"""What stands in the slots until a page is made: the spot's code, the form's token, the operations of its two forms."""


@dataclass(frozen=True)
class Branch:
    """One symptom as the page offers it, with an operation of its own."""

    symptom: Symptom
    steps: list[str]
    own_words: bool
    op: UUID
    works_op: UUID


@dataclass(frozen=True)
class Frame:
    """What the second steps depend on, besides their slots."""

    kind: str
    self_help: bool
    students: bool
    staff: bool
    minutes: int


def branch(one: Symptom, *, self_help: bool, op: UUID | None = None, works_op: UUID | None = None) -> Branch:
    """Return a symptom as the page offers it."""
    steps = one.steps if self_help and one.self_help else []
    return Branch(one, steps, one.code in OWN_WORDS, op or new_operation(), works_op or new_operation())


def second_steps(request: HttpRequest, here: Spot, frame: Frame) -> SafeString:
    """Return the second steps of all symptoms for this page: each form with operations of its own."""
    token, language = get_token(request), get_language() or ""
    drawn = (_drawn(one.code, frame, language) for one in symptoms())
    return mark_safe("".join(_filled(text, here, token) for text in drawn))  # noqa: S308 -- our templates  # nosec B308 B703


def _filled(text: str, here: Spot, token: str) -> str:
    text = text.replace(CODE, here.code).replace(TOKEN, token)
    return text.replace(str(OP), str(new_operation())).replace(str(WORKS_OP), str(new_operation()))


@lru_cache(maxsize=1024)
def _drawn(code: str, frame: Frame, language: str) -> str:  # noqa: ARG001 -- the active language is part of the key
    one = symptom(code)
    assert one, "codes come from the tree"
    context = {
        "one": one,
        "branch": branch(one, self_help=frame.self_help, op=OP, works_op=WORKS_OP),
        "spot": {"kind": frame.kind, "code": CODE, "device": frame.kind == "d"},
        "students": frame.students,
        "staff": frame.staff,
        "minutes": frame.minutes,
        "limit": NOTE_LIMIT,
        "csrf_token": TOKEN,
    }
    return render_to_string("street/answer.html", context)
