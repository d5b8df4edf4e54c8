"""What a room's poster says: the live decision tree and a few sentences, in the languages that have all of them."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from firstbell.tickets.triage import FALLBACK, symptoms

TEXTS = Path(__file__).parent / "content" / "poster.json"
VERSION = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Facts:
    """What a poster says about its own room. ``hours`` are spans of weekdays (0 is Monday) and local times."""

    room: str
    site: str
    code: str
    desk: str
    triage_place: str
    hours: tuple[tuple[int, int, str, str], ...] = ()


@cache
def texts() -> dict[str, Any]:
    """Return the sentences of posters and hint cards in all languages."""
    loaded: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
    return loaded


@cache
def languages() -> tuple[str, ...]:
    """Return the languages in which the whole tree and every sentence is there, English first."""
    spoken = set(texts())
    for branch in symptoms():
        for part in (branch.texts["label"], branch.texts["hint"], branch.texts["next"], *branch.texts["steps"]):
            spoken &= set(part)
    return tuple(sorted(spoken, key=lambda language: (language != FALLBACK, language)))


@cache
def _tree() -> str:
    rows = [(branch.code, branch.go, branch.self_help, branch.texts) for branch in symptoms()]
    return json.dumps([rows, texts()], sort_keys=True)


def version_of(facts: Facts) -> str:
    """Return the version of a room's poster: it changes with the tree, a sentence, or a fact about the room."""
    whole = _tree() + json.dumps(asdict(facts), sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:8]


def said_in(language: str, facts: Facts) -> dict[str, Any]:
    """Return everything on the poster in one language."""
    words = texts()[language]
    return {
        "language": language,
        "title": words["title"],
        "steps": words["steps"],
        "see": words["see"],
        "do": words["do"],
        "desk": words["desk"].format(desk=facts.desk) if facts.desk else words["desk_plain"],
        "hours": [words["hours"].format(days=_days(words, one), start=one[2], end=one[3]) for one in facts.hours],
        "branches": [branch | {"where": words["go"][branch["go"]]} for branch in branches(language, facts)],
    }


def _days(words: dict[str, Any], span: tuple[int, int, str, str]) -> str:
    first, last = (words["days"][day] for day in span[:2])
    return first if first == last else f"{first}–{last}"


def branches(language: str, facts: Facts | None = None) -> list[dict[str, Any]]:
    """Return the branches of the tree in one language; ``first`` is the first thing to do."""
    triage_place = facts.triage_place if facts else "desk"
    return [
        {
            "code": branch.code,
            "label": branch.texts["label"][language],
            "hint": branch.texts["hint"][language],
            "steps": [step[language] for step in branch.texts["steps"]] if branch.self_help else [],
            "next": branch.texts["next"][language],
            "go": triage_place if branch.go == "plan" else branch.go,
        }
        for branch in symptoms()
    ]
