"""The closed lists of words of OneRoster 1.1 and 1.2, and what vendors write instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_EXTENSION = re.compile(r"ext:[A-Za-z0-9.\-_]{1,80}")

_SESSION = "gradingPeriod semester schoolYear term"
_ORG = "department school district local state national"
_ROLE_11 = "administrator aide guardian parent proctor relative student teacher"
_ROLE_12 = (
    "aide counselor districtAdministrator guardian parent principal proctor relative siteAdministrator student "
    "systemAdministrator teacher"
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of words, whether ``ext:`` words may be added (1.2 only), and common other spellings (lower case)."""

    words: frozenset[str]
    open: bool
    spellings: Mapping[str, str]

    def __contains__(self, word: str) -> bool:
        return word in self.words or (self.open and _EXTENSION.fullmatch(word) is not None)

    def spelling(self, word: str) -> str:
        """Return the word meant by a common other spelling, "" when none is."""
        return self.spellings.get(word.strip().casefold(), "")


def _vocabulary(words: str, *, extensible: bool = False, others: str = "", **spellings: str) -> Vocabulary:
    known = words.split()
    folded = {word.casefold(): word for word in (*others.split(), *known)}
    return Vocabulary(frozenset(known), extensible, MappingProxyType(folded | spellings))


_STAFF = {
    "admin": "siteAdministrator",
    "administrator": "siteAdministrator",
    "staff": "aide",
    "counsellor": "counselor",
}

VOCABULARIES: Mapping[tuple[str, str], Vocabulary] = MappingProxyType(
    {
        ("1.1", "session_type"): _vocabulary(_SESSION),
        ("1.2", "session_type"): _vocabulary(_SESSION, extensible=True),
        ("1.1", "org_type"): _vocabulary(_ORG),
        ("1.2", "org_type"): _vocabulary(_ORG, extensible=True),
        ("1.1", "class_type"): _vocabulary("homeroom scheduled"),
        ("1.2", "class_type"): _vocabulary("homeroom scheduled", extensible=True),
        ("1.1", "role_11"): _vocabulary(_ROLE_11, others=_ROLE_12, staff="aide", admin="administrator"),
        ("1.2", "role_12"): _vocabulary(_ROLE_12, extensible=True, **_STAFF),
        ("1.2", "enrollment_role_12"): _vocabulary(
            "administrator proctor student teacher", extensible=True, others="aide guardian parent relative"
        ),
        ("1.2", "role_type"): _vocabulary("primary secondary"),
        ("1.1", "sex_11"): _vocabulary("male female"),
        ("1.2", "sex_12"): _vocabulary("male female unspecified other", extensible=True),
        ("1.1", "importance"): _vocabulary("primary secondary"),
        ("1.2", "importance"): _vocabulary("primary secondary"),
        ("1.2", "objective_source"): _vocabulary("case unknown"),
    }
)
"""By version and kind. Score states hold blanks and resource roles are lists: ``values.py`` knows both."""

SCORE_STATES = frozenset({"exempt", "fully graded", "not submitted", "partially graded", "submitted"})
RESOURCE_ROLES = frozenset(_ROLE_11.split())

_GRADE_WORDS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
)
_GRADES = {word: f"{number:02}" for number, word in enumerate(_GRADE_WORDS, start=1)} | {
    "k": "KG",
    "0": "KG",
    "kindergarten": "KG",
    "-1": "PK",
    "prek": "PK",
    "pre-k": "PK",
    "prekindergarten": "PK",
    "preschool": "PR",
    "infant": "IT",
    "toddler": "IT",
    "transitional kindergarten": "TK",
    "ungraded": "UG",
    "postsecondary": "PS",
}


def grade_code(text: str) -> str:
    """Return the CEDS grade code (KG, 01 ... 13, PK, UG ...) for what vendors write: 9, "Ninth grade", K.

    What is not recognised is returned as sent.
    """
    word = text.strip().casefold().removesuffix(" grade").removeprefix("grade ")
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(_GRADE_WORDS):
        return f"{int(word):02}"
    return _GRADES.get(word, text.strip() if len(word) > 2 else word.upper())
