"""Time is handed in: the running system uses ``utc_now``, tests and the demo use a clock of their own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(tz=UTC)
