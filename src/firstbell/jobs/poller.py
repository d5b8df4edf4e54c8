"""A thread of the worker that asks again and again whether there is something to do."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, close_old_connections, connection

from firstbell.kernel.clock import Clock, utc_now

logger = logging.getLogger(__name__)

TROUBLE_SECONDS = 5.0


class Poller(threading.Thread):
    """Does one kind of work as long as the worker lives, also through times without a database.

    ``work`` returns how much it did: after nothing the thread rests for ``pause`` seconds.
    """

    def __init__(self, work: Callable[[datetime], int], *, name: str, pause: float, clock: Clock = utc_now) -> None:
        """Take the time from ``clock``."""
        super().__init__(name=name, daemon=True)
        self._work = work
        self._pause = pause
        self._clock = clock
        self._ended = threading.Event()

    def run(self) -> None:
        """Work, then rest for a moment when there was nothing to do."""
        pause = 0.0
        while not self._ended.wait(pause):
            pause = self._turn()
        connection.close()

    def _turn(self) -> float:
        try:
            close_old_connections()
            return 0.0 if self._work(self._clock()) else self._pause
        except DatabaseError:
            logger.exception("%s: the database cannot be reached", self.name)
            connection.close()
            return TROUBLE_SECONDS

    def end(self) -> None:
        """Finish what is in hand, then stop."""
        self._ended.set()
        self.join(timeout=30)
