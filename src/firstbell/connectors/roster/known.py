"""Which ids a package has, in memory that a million people fit into.

Ids are kept as 64-bit hashes (see ``seen.py``): a set costs about 65 bytes an id, where the texts themselves would cost
three times that. The files that nothing points at (enrollments, the largest) cost 8 bytes a row.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar, cast

from firstbell.connectors.roster.records import Mode, PersonKind, RoleAt
from firstbell.connectors.roster.schema import Table

_GUARDIANS = frozenset({"guardian", "parent", "relative"})

Roles = tuple[RoleAt, ...]
_T = TypeVar("_T")


class Known:
    """The ids of the tables that are pointed at, and every person's roles."""

    def __init__(self, tables: Mapping[str, Table], modes: Mapping[str, Mode]) -> None:
        self._modes = modes
        self.people: dict[int, Roles] = {}
        self._ids: dict[str, set[int]] = {
            column.target: set()
            for name, table in tables.items()
            if modes[name] is not Mode.ABSENT
            for column in table.columns
            if column.target and column.target != "users"
        }
        self._unreadable: set[str] = set()
        self._shared: dict[object, object] = {}

    def indexes(self, table: str) -> bool:
        """Say whether rows of the table are remembered one by one."""
        return table == "users" or table in self._ids

    def add(self, table: str, row_id: str) -> bool:
        """Remember an id; return False when the table has it already."""
        number = hash(row_id)
        ids: Collection[int] = self.people if table == "users" else self._ids[table]
        if number in ids:
            return False
        if table == "users":
            self.people[number] = ()
        else:
            self._ids[table].add(number)
        return True

    def give_up(self, table: str) -> None:
        """Remember that the table could not be read: what points at it can't be judged."""
        self._unreadable.add(table)

    def absent(self, table: str) -> bool:
        """Say whether the package lacks the table."""
        return self._modes.get(table, Mode.ABSENT) is Mode.ABSENT

    def judged(self, source: str, target: str) -> bool:
        """Say whether a dangling reference between the tables is a fault.

        It is only where both are the whole truth: a delta points at what was sent before.
        """
        if self._modes[source] is not Mode.BULK or target in self._unreadable:
            return False
        return self._modes.get(target, Mode.ABSENT) is not Mode.DELTA

    def ids(self, table: str) -> Collection[int]:
        """Return the hashes of the table's ids."""
        return self.people if table == "users" else self._ids.get(table, ())

    def give_role(self, person_id: str, role: RoleAt) -> bool:
        """Add a role to a person; return False when it is a second primary role at the same organisation.

        Equal roles and equal sets of roles are shared: a school has few kinds of them.
        """
        number = hash(person_id)
        had = self.people.get(number, ())
        roles = (*had, self._share(role))
        self.people[number] = self._share(roles)
        return not (role.primary and any(other.primary and other.org_id == role.org_id for other in had))

    def _share(self, thing: _T) -> _T:
        return cast("_T", self._shared.setdefault(thing, thing))

    def roles(self, person_id: str) -> Roles:
        """Return the person's roles."""
        return self.people.get(hash(person_id), ())

    def kind(self, person_id: str) -> PersonKind:
        """Return what a person is by the roles known."""
        return kind_of(self.roles(person_id))


def kind_of(roles: Roles) -> PersonKind:
    """Return what these roles make a person: a student before staff before a guardian."""
    words = {role.role for role in roles}
    if not words:
        return PersonKind.UNKNOWN
    if "student" in words:
        return PersonKind.STUDENT
    return PersonKind.GUARDIAN if words <= _GUARDIANS else PersonKind.STAFF
