"""Reads that every counted thing shares."""

from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from firstbell.directory.scope import ScopedQuerySet


def with_over(stocks: ScopedQuerySet[Any]) -> ScopedQuerySet[Any]:
    """Add ``over``: by how much a stock is above its reorder point; zero or less means that more are ordered."""
    return stocks.annotate(over=F("count") - F("reorder_at"))


def run_low(stocks: QuerySet[Any]) -> QuerySet[Any]:
    """Keep the stocks that have reached their reorder point."""
    return stocks.filter(count__lte=F("reorder_at"))


def that_differ(stocks: ScopedQuerySet[Any]) -> list[int]:
    """Return the stocks whose count is not the sum of their movements; there should be none."""
    rows = stocks.annotate(moved=Coalesce(Sum("movements__change"), 0))
    return list(rows.exclude(moved=F("count")).order_by("pk").values_list("pk", flat=True))
