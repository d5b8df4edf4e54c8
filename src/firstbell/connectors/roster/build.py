"""Turns checked rows into what the reader hands out."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from firstbell.connectors.roster import privacy
from firstbell.connectors.roster.header import MISSING, Layout
from firstbell.connectors.roster.known import Known, Roles, kind_of
from firstbell.connectors.roster.records import Enrollment, Org, Person, RoleAt, SchoolClass, Session, UserId
from firstbell.connectors.roster.rows import REMOVED
from firstbell.connectors.roster.vocabulary import grade_code

Row = Sequence[str]

_USER_ID = re.compile(r"\{([^{}:]*):([^{}]*)\}")


def _list(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(",")) if cell else ()


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _grades(cell: str) -> tuple[str, ...]:
    return tuple(grade_code(item) for item in _list(cell))


def user_ids(cell: str) -> tuple[UserId, ...]:
    """Return the ``{type:id}`` pairs of a userIds cell; a cell without braces is one id without a type."""
    pairs = tuple(UserId(kind.strip(), value.strip()) for kind, value in _USER_ID.findall(cell))
    if pairs or not cell.strip() or "{" in cell:
        return pairs
    return (UserId("", cell.strip()),)


def _kept_ids(cell: str) -> tuple[UserId, ...]:
    return tuple(identifier for identifier in user_ids(cell) if not privacy.tells_too_much(identifier.type))


def org_reader(layout: Layout) -> Callable[[Row], Org]:
    """Return what makes an Org of a row of orgs.csv."""
    place = layout.places

    def read(row: Row) -> Org:
        return Org(
            id=row[place["sourcedId"]],
            name=row[place["name"]].strip(),
            kind=row[place["type"]],
            identifier=row[place["identifier"]],
            parent_id=row[place["parentSourcedId"]],
            removed=row[place["status"]] == REMOVED,
            details={name: row[at].strip() for name, at in layout.extensions.items() if row[at].strip()},
        )

    return read


def session_reader(layout: Layout) -> Callable[[Row], Session]:
    """Return what makes a Session of a row of academicSessions.csv."""
    place = layout.places

    def read(row: Row) -> Session:
        return Session(
            id=row[place["sourcedId"]],
            title=row[place["title"]].strip(),
            kind=row[place["type"]],
            begins=_day(row[place["startDate"]]),
            ends=_day(row[place["endDate"]]),
            parent_id=row[place["parentSourcedId"]],
            school_year=int(row[place["schoolYear"]] or 0),
            removed=row[place["status"]] == REMOVED,
        )

    return read


def class_reader(layout: Layout) -> Callable[[Row], SchoolClass]:
    """Return what makes a SchoolClass of a row of classes.csv."""
    place = layout.places

    def read(row: Row) -> SchoolClass:
        return SchoolClass(
            id=row[place["sourcedId"]],
            title=row[place["title"]].strip(),
            kind=row[place["classType"]] or "scheduled",
            code=row[place["classCode"]],
            location=row[place["location"]].strip(),
            grades=_grades(row[place["grades"]]),
            periods=_list(row[place["periods"]]),
            school_id=row[place["schoolSourcedId"]],
            session_ids=_list(row[place["termSourcedIds"]]),
            removed=row[place["status"]] == REMOVED,
        )

    return read


def enrollment_reader(layout: Layout) -> Callable[[Row], Enrollment]:
    """Return what makes an Enrollment of a row of enrollments.csv."""
    places = layout.places
    names = "sourcedId classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate status"
    places_in_order = [places[name] for name in names.split()]

    def read(row: Row) -> Enrollment:
        row_id, class_id, school_id, person_id, role, primary, begins, ends, status = [
            row[at] for at in places_in_order
        ]
        removed = status == REMOVED
        return Enrollment(
            row_id, class_id, school_id, person_id, role, primary == "true", _day(begins), _day(ends), removed
        )

    return read


def role_reader(layout: Layout) -> Callable[[Row], tuple[str, RoleAt]]:
    """Return what makes (person id, role) of a row of roles.csv (1.2)."""
    places = layout.places
    names = "userSourcedId role orgSourcedId roleType beginDate endDate"
    places_in_order = [places[name] for name in names.split()]

    def read(row: Row) -> tuple[str, RoleAt]:
        person_id, role, org_id, role_type, begins, ends = [row[at] for at in places_in_order]
        return person_id, RoleAt(role, org_id, role_type == "primary", _valid_day(begins), _valid_day(ends))

    return read


def roles_on_row(layout: Layout) -> Callable[[Row], list[RoleAt]]:
    """Return what makes the roles of a row of users.csv (1.1): one role, at every organisation listed."""
    role, orgs = layout.places["role"], layout.places["orgSourcedIds"]
    return lambda row: [RoleAt(row[role], org_id, at == 0, None, None) for at, org_id in enumerate(_list(row[orgs]))]


def _valid_day(cell: str) -> date | None:
    """Return the day; None for what is no day, which a strict reading has refused already."""
    try:
        return _day(cell)
    except ValueError:
        return None


class PersonReader:
    """Makes a Person of a row of users.csv and the roles known."""

    def __init__(self, layout: Layout, known: Known) -> None:
        place: Mapping[str, int] = layout.places
        self._known = known
        self._language = layout.extensions.get("language", MISSING)
        self._enabled, self._status = place["enabledUser"], place["status"]
        self._primary = place.get("primaryOrgSourcedId", MISSING)
        self._user_ids, self._agents, self._grades = place["userIds"], place["agentSourcedIds"], place["grades"]
        self._names = [
            place.get(name, MISSING)
            for name in (
                "username",
                "givenName",
                "familyName",
                "preferredGivenName",
                "preferredFamilyName",
                "identifier",
            )
        ]
        self._contacts = [place[name] for name in ("email", "sms", "phone")]
        self._id = place["sourcedId"]

    def __call__(self, row: Row) -> Person:
        row_id = row[self._id]
        roles = self._known.roles(row_id)
        username, given, family, preferred_given, preferred_family, identifier = [row[at].strip() for at in self._names]
        email, sms, phone = [row[at].strip() for at in self._contacts]
        return Person(
            row_id,
            kind_of(roles),
            row[self._enabled] != "false",
            username,
            given,
            family,
            preferred_given,
            preferred_family,
            identifier,
            _kept_ids(row[self._user_ids]),
            email,
            sms,
            phone,
            _grades(row[self._grades]),
            roles,
            row[self._primary] or _main_org(roles),
            _list(row[self._agents]),
            row[self._language].strip().casefold(),
            row[self._status] == REMOVED,
        )


def _main_org(roles: Roles) -> str:
    return next((role.org_id for role in roles if role.primary), roles[0].org_id if roles else "")
