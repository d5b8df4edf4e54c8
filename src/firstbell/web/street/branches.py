"""The form of a report: the same for everybody but for a few slots.

It is drawn once a process for all that it depends on: this is the page that a whole school opens at once.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.translation import get_language

from firstbell.tickets.actions import NOTE_LIMIT
from firstbell.tickets.triage import Symptom, symptoms
from firstbell.web.asking import new_operation
from firstbell.web.street.spots import Spot
from firstbell.web.templatetags.firstbell import THEMES

OWN_WORDS = frozenset({"blocked", "other"})
"""Symptoms whose report is worth little without a few words: the field is open, not folded away."""
SLOT = re.compile(r"0-(code|path|token|op|said|site|model|tag)-0")


@dataclass(frozen=True)
class Branch:
    """One symptom as the page offers it, with operations of its own for its two forms."""

    symptom: Symptom
    steps: list[str]
    own_words: bool
    op: str
    works_op: str


@dataclass(frozen=True)
class Frame:
    """What the form depends on, besides its slots."""

    kind: str
    self_help: bool
    students: bool
    staff: bool
    minutes: int
    replaced: bool = False

    def context(self) -> dict[str, object]:
        """Return it as the template reads it."""
        doors = {"students": self.students, "staff": self.staff}
        return doors | {"minutes": self.minutes, "limit": NOTE_LIMIT, "symptoms": symptoms()}


def branch(one: Symptom, *, self_help: bool, op: str = "", works_op: str = "") -> Branch:
    """Return a symptom as the page offers it."""
    steps = one.steps if self_help and one.self_help else []
    return Branch(one, steps, one.code in OWN_WORDS, op or str(new_operation()), works_op or str(new_operation()))


def sheet(request: HttpRequest, here: Spot, frame: Frame) -> str:
    """Return the whole page for this spot and browser: each form with operations of its own."""
    theme = request.COOKIES.get("theme", "")
    pieces = _drawn(frame, get_language() or "", theme if theme in THEMES else "")
    said = _said(request, here)
    slots = (str(new_operation()) if name == "op" else said[name] for name in pieces[1::2])
    return "".join(part for pair in zip(pieces[::2], (*slots, ""), strict=True) for part in pair)


def _said(request: HttpRequest, here: Spot) -> dict[str, str]:
    device = {"model": here.device.model, "tag": here.device.tag} if here.device else {}
    spot = {"code": here.code, "said": here.said, "site": here.site.name} | device
    words = spot | {"path": request.get_full_path(), "token": get_token(request)}
    return {name: str(conditional_escape(str(word))) for name, word in words.items()}


@lru_cache(maxsize=256)
def _drawn(frame: Frame, language: str, theme: str) -> tuple[str, ...]:  # noqa: ARG001 -- the active language is part of the key
    """Return the page cut at its slots: text, a slot's name, text, a slot's name ... text."""
    device = SimpleNamespace(model="0-model-0", tag="0-tag-0") if frame.kind == "d" else None
    site = SimpleNamespace(name="0-site-0")
    context = frame.context() | {
        "request": SimpleNamespace(get_full_path="0-path-0", COOKIES={"theme": theme}),
        "spot": SimpleNamespace(
            kind=frame.kind, code="0-code-0", said="0-said-0", site=site, device=device, replaced=frame.replaced
        ),
        "branches": [branch(one, self_help=frame.self_help, op="0-op-0", works_op="0-op-0") for one in symptoms()],
        "csrf_token": "0-token-0",
    }
    return tuple(SLOT.split(render_to_string("street/report.html", context)))
