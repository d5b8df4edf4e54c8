"""Rows are reached through an actor. A query that names none raises instead of answering."""

from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar, cast

from django.db import models
from django.db.models import Q, QuerySet

from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Permission

M_co = TypeVar("M_co", bound="ScopedModel", covariant=True)
Row = TypeVar("Row", bound="ScopedModel")


class Unscoped(RuntimeError):
    """A scoped table was read without ``visible_to(actor)``: a mistake in the code, never an empty answer."""


class ScopedQuerySet(QuerySet[M_co]):
    """A queryset that answers only once an actor's reach is part of it.

    Rows reached through a row that was itself in scope (``device.custodies``) need no second question.
    """

    _scoped = False

    def visible_to(self, actor: Actor, permission: Permission | None = None) -> Self:
        """Keep the rows that the actor's roles reach for this permission (the table's own by default)."""
        reach = self.model.reach(actor, permission or self.model.see)
        kept = self.all() if reach is None else self.filter(reach)
        kept._scoped = True  # noqa: SLF001 - our own class
        return kept

    def everyone(self, *, reason: str) -> Self:
        """Answer without a reach, for machinery that serves no reader: the reason is for the reviewer."""
        if not reason:
            raise Unscoped("everyone() needs a reason")
        kept = self.all()
        kept._scoped = True  # noqa: SLF001 - our own class
        return kept

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # private in the stubs
        clone._scoped = self._scoped
        return clone

    def _ask(self) -> None:
        if not self._scoped and not self._hints.get("instance"):  # type: ignore[attr-defined]  # private in the stubs
            raise Unscoped(f"{self.model.__name__} was read without an actor")

    def _fetch_all(self) -> None:
        self._ask()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M_co]:
        self._ask()
        return super().iterator(chunk_size)

    def count(self) -> int:
        self._ask()
        return super().count()

    def exists(self) -> bool:
        self._ask()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._ask()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._ask()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._ask()
        return super().delete()


ScopedManager = models.Manager.from_queryset(ScopedQuerySet)


class ScopedModel(models.Model):
    """A table whose rows belong to sites. ``see`` is the permission to read it, ``within`` its reach."""

    see: Permission = Permission.SEE_DEVICES

    objects = ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def reach(cls, actor: Actor, permission: Permission) -> Q | None:
        """Return the condition for the rows that an actor reaches; None means all of them."""
        sites = actor.sites(permission)
        return None if sites is None else cls.within(sites)

    @classmethod
    def within(cls, sites: frozenset[int]) -> Q:
        """Return the condition for rows of these sites."""
        return Q(site_id__in=sites)


def _locking(rows: ScopedQuerySet[Row]) -> ScopedQuerySet[Row]:
    """Lock against change, not against being referred to: a report about a device need not wait for the desk.

    The order in which verbs lock: shipment, devices by id, person, pool entry, loan, work order, ticket.
    """
    return rows.select_for_update(of=("self",), no_key=True)


def load(model: type[Row], pk: int, *, by: Actor, permission: Permission | None = None, lock: bool = True) -> Row:
    """Return one row within the actor's reach, locked for change by default.

    Raises Missing when there is none in reach, whether or not it exists elsewhere.
    """
    rows = model.objects.visible_to(by, permission)
    found = (_locking(rows) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise Missing(model.__name__)
    return cast("Row", found)


def load_all(
    model: type[Row], pks: Iterable[int], *, by: Actor, permission: Permission | None = None
) -> dict[int, Row]:
    """Return rows within the actor's reach by id, locked in the order of their ids: two verbs never wait in a circle.

    Raises Missing when one of them is not in reach.
    """
    wanted = set(pks)
    rows = _locking(model.objects.visible_to(by, permission)).filter(pk__in=wanted).order_by("pk")
    found = {row.pk: cast("Row", row) for row in rows}
    if found.keys() != wanted:
        raise Missing(model.__name__)
    return found


def lock(model: type[Row], pk: int) -> Row:
    """Return a row locked for change, for verbs whose reach was asked already (a public report, an inner verb)."""
    rows = model.objects.everyone(reason="the caller has asked for the reach")
    found = _locking(rows).filter(pk=pk).first()
    if found is None:
        raise Missing(model.__name__)
    return cast("Row", found)
