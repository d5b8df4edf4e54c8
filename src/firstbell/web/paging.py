"""Lists are read by key, not by number: the next page starts after the last row, however long the list is."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
PAGE = 25


class Among(Func):
    """“This id is one of those chosen”, chosen first and once, so that only their rows are joined to anything."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, chosen: QuerySet[Any, Any]) -> None:
        super().__init__(F("pk"), ArraySubquery(chosen.values("pk")))


@dataclass(frozen=True)
class Column:
    """One column of the order: its name, how a stored key is read, and whether it runs downwards."""

    name: str
    read: Callable[[Any], Any]
    down: bool = False

    @property
    def order(self) -> str:
        """Return the column as ``order_by`` wants it."""
        return f"-{self.name}" if self.down else self.name


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the keys to what comes next."""

    rows: list[Row]
    after: str

    def next_address(self, asked: QueryDict) -> str:
        """Return the address of the next page, or nothing at the end."""
        return self._address(asked, self.after) if self.after else ""

    def first_address(self, asked: QueryDict) -> str:
        """Return the address of the first page, or nothing when this is it."""
        return self._address(asked, "") if asked.get("after") else ""

    def _address(self, asked: QueryDict, after: str) -> str:
        query = asked.copy()
        query.pop("after", None)
        query.pop("open", None)
        if after:
            query["after"] = after
        return f"?{query.urlencode()}"


def page_of(
    rows: QuerySet[Row],
    columns: Sequence[Column],
    after: str,
    size: int = PAGE,
    dress: Callable[[Among], QuerySet[Row]] | None = None,
) -> Page[Row]:
    """Return one page in the order of the columns, in one query. The last column makes the order unique.

    ``dress`` takes the ids of the page's rows and fetches along what is shown of them: only for these.
    """
    order = [column.order for column in columns]
    key = _read(after, columns)
    chosen = (rows.filter(_beyond(columns, key)) if key else rows).order_by(*order)[: size + 1]
    found = list(dress(Among(chosen)).order_by(*order) if dress else chosen)
    more = len(found) > size
    kept = found[:size]
    return Page(kept, _write(kept[-1], columns) if more else "")


def _beyond(columns: Sequence[Column], key: list[Any]) -> Q:
    """Return the condition for rows after the key: greater in the first column in which they differ."""
    beyond, same = Q(), Q()
    for column, value in zip(columns, key, strict=True):
        step = "lt" if column.down else "gt"
        beyond |= same & Q(**{f"{column.name}__{step}": value})
        same &= Q(**{column.name: value})
    return beyond


def _write(row: Model, columns: Sequence[Column]) -> str:
    values = [_value(row, column.name) for column in columns]
    plain = [value.isoformat() if isinstance(value, (date, datetime)) else value for value in values]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _value(row: object, name: str) -> Any:
    """Return a column of a row, also of one it refers to (``device__tag``)."""
    return reduce(getattr, name.split("__"), row)


def _read(after: str, columns: Sequence[Column]) -> list[Any] | None:
    """Return the key, or None when somebody has changed the address: then the list starts from its beginning."""
    try:
        values = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return [column.read(value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError):
        return None
