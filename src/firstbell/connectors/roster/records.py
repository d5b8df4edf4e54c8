"""What the reader hands out. Rows that come by the million are named tuples; the few are frozen dataclasses.

Ids are the sender's ``sourcedId``. End dates are exclusive, as OneRoster has them. ``removed`` means the sender marked
the row ``tobedeleted``: safe to end, never a command to erase.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Mode(StrEnum):
    """How a file of the package is to be taken."""

    BULK = "bulk"
    """The file is the whole truth: what it does not list has gone."""
    DELTA = "delta"
    """The file lists changes: what it does not list is unchanged."""
    ABSENT = "absent"


class PersonKind(StrEnum):
    """What a person is to the district. Who is both pupil and parent is a student; both teacher and parent, staff."""

    STUDENT = "student"
    STAFF = "staff"
    GUARDIAN = "guardian"
    UNKNOWN = "unknown"
    """The package gives this person no role (a delta package may list a person without them)."""


@dataclass(frozen=True, slots=True)
class Org:
    """A district, school or department. ``kind`` is OneRoster's org type; ``identifier`` often the NCES number.

    ``details`` holds address extensions where sent: address1, address2, city, state, postCode, latitude, longitude,
    timeZone.
    """

    id: str
    name: str
    kind: str
    identifier: str
    parent_id: str
    removed: bool
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Session:
    """A school year, semester, term or grading period. ``school_year`` is the year it ends in; 0 when not sent."""

    id: str
    title: str
    kind: str
    begins: date | None
    ends: date | None
    parent_id: str
    school_year: int
    removed: bool


class RoleAt(NamedTuple):
    """One role of a person at one organisation."""

    role: str
    org_id: str
    primary: bool
    begins: date | None
    ends: date | None


class UserId(NamedTuple):
    """An identifier of a person in another system, such as type "LDAP"."""

    type: str
    value: str


class Person(NamedTuple):
    """A student, staff member or guardian, with the roles merged from roles.csv (1.2) or the row itself (1.1).

    ``agent_ids`` are as listed on this row; ``Package.guardianships`` makes pairs of them in either direction.
    ``language`` is the sender's tag (metadata.language), lower case, "" when not sent.
    """

    id: str
    kind: PersonKind
    enabled: bool
    username: str
    given_name: str
    family_name: str
    preferred_given_name: str
    preferred_family_name: str
    identifier: str
    user_ids: tuple[UserId, ...]
    email: str
    sms: str
    phone: str
    grades: tuple[str, ...]
    roles: tuple[RoleAt, ...]
    primary_org_id: str
    agent_ids: tuple[str, ...]
    language: str
    removed: bool

    @property
    def org_ids(self) -> tuple[str, ...]:
        """The organisations of this person, each once, the primary one first."""
        ids = (self.primary_org_id, *(role.org_id for role in self.roles))
        return tuple(dict.fromkeys(org_id for org_id in ids if org_id))


class SchoolClass(NamedTuple):
    """A homeroom or scheduled class. ``kind`` is "homeroom", "scheduled" or an ``ext:`` word; ``location`` the room."""

    id: str
    title: str
    kind: str
    code: str
    location: str
    grades: tuple[str, ...]
    periods: tuple[str, ...]
    school_id: str
    session_ids: tuple[str, ...]
    removed: bool


class Enrollment(NamedTuple):
    """A person's place in a class, as student, teacher, proctor or administrator."""

    id: str
    class_id: str
    school_id: str
    person_id: str
    role: str
    primary: bool
    begins: date | None
    ends: date | None
    removed: bool


class Guardianship(NamedTuple):
    """A student and one of the people who answer for that student."""

    student_id: str
    guardian_id: str
