"""What is never kept of a roster. Everything dropped is counted by reason, so that the district can show it.

Extension columns (``metadata.*`` and vendors' own) are dropped unless they stand on a short list: a column nobody
thought of can't slip through. Law: lunch status may not be used for device fees without consent (42 USC 1758(b)(6)).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Dropped(StrEnum):
    """Why content was dropped."""

    PASSWORD = "password"  # noqa: S105 -- the name of a reason
    LUNCH = "lunch"
    """Free or reduced meals and other signs of income."""
    PROGRAMME = "programme"
    """Special education, language learner, health, discipline and such flags."""
    DEMOGRAPHICS = "demographics"
    """Birth date, sex, race, pronouns, where a person was born or lives."""
    NAME_PART = "name_part"
    """Middle names: nobody is called by them at a help desk."""
    IDENTIFIER = "identifier"
    """Master identifiers of state or nation."""
    GRADES = "grades"
    """Marks and scores."""
    OTHER = "other"
    """Everything else that device support has no use for."""


_LUNCH = re.compile(
    r"lunch|meal|frl|frpl|free|reduced|snap|tanf|income|poverty|(?<!s)econ|disadvantag|title.?1|titlei|direct.?cert"
)
_PROGRAMME = re.compile(
    r"iep|504|ell$|^ell|esl|lep|sped|special|disab|homeless|migrant|foster|immigrant|health|medic|allerg|immun|disciplin|"
    r"suspen|gifted|program|flag"
)
_DEMOGRAPHIC = re.compile(
    r"birth|dob|gender|^sex|race|ethnic|hispanic|latino|(?<!cla)ssn|social.?security|pronoun|religio|citizen|address|street|zip|"
    r"residen"
)

FILES: Mapping[str, Dropped] = MappingProxyType(
    {
        "demographics": Dropped.DEMOGRAPHICS,
        "userProfiles": Dropped.PASSWORD,
        "categories": Dropped.GRADES,
        "lineItems": Dropped.GRADES,
        "results": Dropped.GRADES,
        "scoreScales": Dropped.GRADES,
        "lineItemLearningObjectiveIds": Dropped.GRADES,
        "lineItemScoreScales": Dropped.GRADES,
        "resultLearningObjectiveIds": Dropped.GRADES,
        "resultScoreScales": Dropped.GRADES,
    }
)
"""Files dropped whole: each row counts one. Files not named here hold nothing about a person."""

COLUMNS: Mapping[str, Dropped] = MappingProxyType(
    {
        "password": Dropped.PASSWORD,
        "name_part": Dropped.NAME_PART,
        "identifier": Dropped.IDENTIFIER,
        "pronouns": Dropped.DEMOGRAPHICS,
    }
)
"""Standard columns whose content is dropped, by the mark in the schema."""

KEPT_EXTENSIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "users": MappingProxyType(
            dict.fromkeys(("language", "homelanguage", "preferredlanguage", "communicationlanguage"), "language")
        ),
        "orgs": MappingProxyType(
            {
                name.casefold(): name
                for name in ("address1", "address2", "city", "state", "postCode", "latitude", "longitude", "timeZone")
            }
        ),
    }
)
"""The extension columns that are kept, lower case without ``metadata.``, and the name they get."""


@lru_cache(maxsize=1024)
def reason_for(name: str) -> Dropped:
    """Return why an extension column or identifier type of this name is dropped."""
    name = name.casefold()
    for pattern, reason in (
        (_LUNCH, Dropped.LUNCH),
        (_PROGRAMME, Dropped.PROGRAMME),
        (_DEMOGRAPHIC, Dropped.DEMOGRAPHICS),
    ):
        if pattern.search(name):
            return reason
    return Dropped.PASSWORD if "password" in name or "pwd" in name else Dropped.OTHER


def tells_too_much(identifier_type: str) -> bool:
    """Say whether a ``{type:value}`` identifier is none, but a status in disguise."""
    return reason_for(identifier_type) is not Dropped.OTHER
