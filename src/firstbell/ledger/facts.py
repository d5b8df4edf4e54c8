"""Fact: the base of everything that can be written in the ledger, and the register of kinds.

A fact holds ids, codes, numbers and dates: no names and no free text, so that history stays whole when personal
data is erased.
"""

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, NewType

Code = NewType("Code", str)
"""A short code from a table of ours: a status, a cause, a reason. Never what somebody typed."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{0,64}")
_PLAIN = (bool, int, date, type(None))

KINDS: dict[str, type["Fact"]] = {}


class NotAFact(ValueError):
    """A fact was about to hold something that could be a name or free text."""


@dataclass(frozen=True)
class Fact:
    """One kind of event. Subclasses set ``kind`` and ``sentence`` and declare fields of ids and codes."""

    kind: ClassVar[str] = ""
    sentence: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        if not cls.kind or cls.kind in KINDS:
            raise NotAFact(f"{cls.__name__} needs a kind of its own")
        KINDS[cls.kind] = cls

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; raise NotAFact for anything that is not an id, a code or a date."""
        return {field.name: _plain(getattr(self, field.name), field.name) for field in fields(self)}


def _plain(value: object, name: str) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(part, name) for part in value]
    if isinstance(value, str):
        if not _CODE.fullmatch(value):
            raise NotAFact(f"{name} holds text that is not a code")
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, _PLAIN):
        return value
    raise NotAFact(f"{name} holds a {type(value).__name__}")
