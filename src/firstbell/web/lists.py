"""A page's list is declared once: its query, its order, what is said of a row. Page and export both come from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.web.paging import PAGE, Among, Column, Page, page_of

Row = TypeVar("Row", bound=Model)
Line = TypeVar("Line")
BATCH = 1000
"""Rows that are put into words at a time."""


class Sort(StrEnum):
    """What a field holds. A person's field is left out for whoever sees nobody's name."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    PERSON = "person"


@dataclass(frozen=True)
class Field(Generic[Line]):
    """One column of a file: its header, what stands in it, and of what sort that is."""

    head: str | Promise
    read: Callable[[Line], object]
    sort: Sort = Sort.TEXT


@dataclass(frozen=True)
class Asked:
    """Who asks, when, with which filters, and about what (the words of the address)."""

    by: Actor
    at: datetime
    query: QueryDict = field(default_factory=QueryDict)
    about: Mapping[str, str] = field(default_factory=dict)


def asked_by(request: HttpRequest, **about: object) -> Asked:
    """Return what a request asks for."""
    by, at = request.actor, request.at  # type: ignore[attr-defined]  # set by the middleware
    return Asked(by, at, request.GET, {name: str(value) for name, value in about.items()})


class LongList(Generic[Line]):
    """A list that may be long: it is never held whole, and can say whether it is long without being read."""

    def __iter__(self) -> Iterator[Line]:
        """Yield the lines."""
        raise NotImplementedError

    def more_than(self, number: int) -> bool:
        """Say whether there are more lines; looks no further than needed."""
        raise NotImplementedError


class Lines(LongList[Line], Generic[Row, Line]):
    """The rows of a query, put into words some at a time. ``dress`` fetches along what is shown of chosen rows."""

    def __init__(
        self,
        rows: QuerySet[Row],
        order: Sequence[Column],
        say: Callable[[list[Row]], list[Line]],
        dress: Callable[[Any], QuerySet[Row]] | None = None,
    ) -> None:
        self._rows = rows
        self._order = order
        self._say = say
        self._dress = dress

    def chosen(self, after: str, size: int = PAGE) -> Page[Row]:
        """Return one page of the rows."""
        dress: Callable[[Among], QuerySet[Row]] | None = self._dress
        return page_of(self._rows, self._order, after, size, dress)

    def page(self, after: str, size: int = PAGE) -> tuple[Page[Row], list[Line]]:
        """Return one page of them, as rows and in words."""
        page = self.chosen(after, size)
        return page, self._say(page.rows)

    def __iter__(self) -> Iterator[Line]:
        """Yield all of them: ids are read once through a cursor, what is said of them a batch at a time."""
        ordered = self._rows.order_by(*(column.order for column in self._order)).prefetch_related(None)
        ids = ordered.values_list("pk", flat=True).iterator(chunk_size=BATCH)
        while batch := list(islice(ids, BATCH)):
            yield from self._say(self._fetch(batch))

    def _fetch(self, ids: list[int]) -> list[Row]:
        these = Q(pk__in=ids)
        rows = self._dress(these) if self._dress else self._rows.filter(these).order_by()
        found = {row.pk: row for row in rows}
        return [found[pk] for pk in dict.fromkeys(ids) if pk in found]

    def more_than(self, number: int) -> bool:
        first = self._rows.order_by().prefetch_related(None).values("pk")[: number + 1]
        return len(first) > number


@dataclass(frozen=True)
class Sheet(Generic[Line]):
    """A list as somebody sees it: its columns and its lines."""

    fields: Sequence[Field[Line]]
    lines: Iterable[Line]

    def seen_by(self, by: Actor) -> "Sheet[Line]":
        """Return it without what this reader may not see."""
        names = by.may(Permission.SEE_PEOPLE)
        return Sheet([part for part in self.fields if names or part.sort is not Sort.PERSON], self.lines)

    @property
    def head(self) -> list[str | Promise]:
        """The headers."""
        return [part.head for part in self.fields]

    def rows(self) -> Iterator[list[object]]:
        """Yield the rows."""
        for line in self.lines:
            yield [part.read(line) for part in self.fields]

    def more_than(self, number: int) -> bool:
        """Say whether there are more rows; a list that is worked out whole is never too long to be sent at once."""
        return isinstance(self.lines, LongList) and self.lines.more_than(number)


@dataclass(frozen=True)
class Listing:
    """The list of a page. ``page`` is the name of its door, which is the export's door too."""

    key: str
    title: str | Promise
    page: str
    make: Callable[[Asked], Sheet[Any]]


LISTINGS: dict[str, Listing] = {}


def listing(key: str, title: str | Promise, page: str, make: Callable[[Asked], Sheet[Any]]) -> Listing:
    """Declare the list of a page."""
    LISTINGS[key] = found = Listing(key, title, page, make)
    return found


def table(fields: Sequence[str | Promise], rows: Iterable[Sequence[object]]) -> Sheet[Sequence[object]]:
    """Return rows that are cells already as a list."""
    return Sheet([Field(head, _place(number)) for number, head in enumerate(fields)], rows)


def _place(number: int) -> Callable[[Sequence[object]], object]:
    return lambda row: row[number]
