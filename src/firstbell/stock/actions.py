"""The one way in which a count changes."""

from datetime import datetime
from typing import Any, TypeVar

from firstbell.stock.models import CountedMovement, CountedStock

Kept = TypeVar("Kept", bound=CountedMovement)


def change_count(movements: type[Kept], stock: CountedStock, change: int, *, at: datetime, **about: Any) -> Kept:
    """Change a locked stock and write the movement down. The database refuses fewer than none."""
    stock.count += change
    stock.save(update_fields=["count"])
    return movements._default_manager.create(stock=stock, change=change, left=stock.count, at=at, **about)
