"""Who acts. Every verb takes an actor as ``by=``; there is no ambient user."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from firstbell.kernel.errors import Denied
from firstbell.kernel.roles import BARRED, PERMISSIONS, Permission, Role


class ActorKind(StrEnum):
    """What sort of actor wrote an event."""

    USER = "user"
    REPORTER = "reporter"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at one site, or for the whole district when ``site_id`` is None."""

    role: Role
    site_id: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an anonymous reporter or the system, with the roles held at this moment."""

    kind: ActorKind
    user_id: int | None = None
    name: str = ""
    grants: frozenset[Grant] = field(default_factory=frozenset)

    def sites(self, permission: Permission) -> frozenset[int] | None:
        """Return the ids of the sites where the actor may do this; None means every site."""
        if self.kind is ActorKind.SYSTEM:
            return None
        giving = [grant for grant in self.grants if permission in PERMISSIONS[grant.role]]
        barred = {grant.site_id for grant in self.grants if permission in BARRED.get(grant.role, frozenset())}
        if None in barred:
            return frozenset()
        if any(grant.site_id is None for grant in giving) and not barred:
            return None
        return frozenset(grant.site_id for grant in giving if grant.site_id is not None) - barred

    def may(self, permission: Permission, site_id: int | None = None) -> bool:
        """Say whether the actor may do this at the site (at any site when none is named)."""
        sites = self.sites(permission)
        if sites is None:
            return True
        return bool(sites) if site_id is None else site_id in sites

    def require(self, permission: Permission, site_id: int | None = None) -> None:
        """Raise Denied unless the actor may do this at the site."""
        if not self.may(permission, site_id):
            raise Denied(permission, barred_role=self.barred_by(permission))

    def require_everywhere(self, permission: Permission) -> None:
        """Raise Denied unless the actor may do this in the whole district: what touches every school asks for it."""
        if self.sites(permission) is not None:
            raise Denied(permission, barred_role=self.barred_by(permission))

    def barred_by(self, permission: Permission) -> Role | None:
        """Return the role that takes this permission away, if one does: the refusal says so."""
        return next(
            (grant.role for grant in self.grants if permission in BARRED.get(grant.role, frozenset())),
            None,
        )

    def holds(self, *roles: Role) -> bool:
        """Say whether the actor holds one of the roles anywhere."""
        return any(grant.role in roles for grant in self.grants)


def user_actor(user_id: int, name: str, grants: Iterable[Grant]) -> Actor:
    """Return the actor for a signed-in user."""
    return Actor(ActorKind.USER, user_id, name, frozenset(grants))


SYSTEM = Actor(ActorKind.SYSTEM, name="Firstbell")
REPORTER = Actor(ActorKind.REPORTER)
"""Anybody with a QR code: may open a ticket, reaches nothing else."""
