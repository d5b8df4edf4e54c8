"""Names for people and schools, from lists written for this purpose (data/names.json)."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """Names that go together. ``script`` and ``family_script`` give some of them in their own letters."""

    language: str
    given: tuple[str, ...]
    families: tuple[str, ...]
    script: Mapping[str, str]
    family_script: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """All lists. ``shares`` are cumulative weights of the groups."""

    groups: tuple[Group, ...]
    shares: tuple[int, ...]
    places: Mapping[str, Sequence[str]]

    def group(self, chance: Random) -> Group:
        """Draw a group by its share of the population."""
        return chance.choices(self.groups, cum_weights=self.shares)[0]


@cache
def load_names() -> Names:
    """Return the lists."""
    data: dict[str, Any] = json.loads(files("firstbell.demo").joinpath("data/names.json").read_text("utf-8"))
    groups = list(data["groups"].values())
    return Names(
        tuple(_group(entry) for entry in groups),
        tuple(accumulate(entry["share"] for entry in groups)),
        data["places"],
    )


def _group(entry: Mapping[str, Any]) -> Group:
    script = entry.get("script", {})
    return Group(
        language=entry["language"],
        given=(*entry["girls"], *entry["boys"]),
        families=tuple(entry["families"]),
        script=script,
        family_script=entry.get("family_script", script),
    )


@cache
def latin(name: str) -> str:
    """Return a name in the plain small letters of user names: "Đặng" becomes "dang"."""
    decomposed = unicodedata.normalize("NFKD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in decomposed.casefold() if letter.isascii() and letter.isalpha())
