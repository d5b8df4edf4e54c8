"""The decision tree, as data in two languages: from symptom to steps, outcome and level."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

TREE = Path(__file__).parent / "content" / "triage.json"
FALLBACK = "en"


@dataclass(frozen=True)
class Symptom:
    """One branch of the tree. ``texts`` hold every language; the properties answer in the reader's.

    ``go`` says where the person goes: "desk", "adult", "plan" (where the plan says), or "stay".
    """

    code: str
    icon: str
    outcome: str
    level: int
    unusable: bool
    self_help: bool
    go: str
    texts: dict[str, Any]

    @property
    def label(self) -> str:
        """Return what a person would call it."""
        return _in_language(self.texts["label"])

    @property
    def hint(self) -> str:
        """Return what belongs to it."""
        return _in_language(self.texts["hint"])

    @property
    def next(self) -> str:
        """Return what happens next, for the receipt."""
        return _in_language(self.texts["next"])

    @property
    def steps(self) -> list[str]:
        """Return the self-help steps, empty where self-help would be wrong (damage, loss, danger)."""
        return [_in_language(step) for step in self.texts["steps"]]


def _in_language(text: dict[str, str]) -> str:
    language = (get_language() or FALLBACK).split("-")[0]
    return text.get(language, text[FALLBACK])


@cache
def _tree() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TREE.read_text(encoding="utf-8"))
    return loaded


def version() -> int:
    """Return the version of the live tree: posters say which one they show."""
    return int(_tree()["version"])


@cache
def symptoms() -> tuple[Symptom, ...]:
    """Return the branches of the tree, most frequent first."""
    return tuple(
        Symptom(
            code=row["code"],
            icon=row["icon"],
            outcome=row["outcome"],
            level=row["level"],
            unusable=row["unusable"],
            self_help=row["self_help"],
            go=row["go"],
            texts={key: row[key] for key in ("label", "hint", "steps", "next")},
        )
        for row in _tree()["symptoms"]
    )


def symptom(code: str) -> Symptom | None:
    """Return one branch, or None when the code is none of the tree's."""
    return next((branch for branch in symptoms() if branch.code == code), None)
