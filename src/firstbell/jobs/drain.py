"""The outbox is emptied: reactions run, and the row goes in the same transaction.

It is polled. LISTEN/NOTIFY would serialise every commit of the district behind one lock (docs/adr/0013).
"""

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, close_old_connections, connection, transaction

from firstbell.jobs.reactions import react
from firstbell.kernel.clock import Clock, utc_now
from firstbell.ledger.outbox import Waiting, postpone, settle, take_due

logger = logging.getLogger(__name__)

BATCH = 200
POLL_SECONDS = 0.25
TROUBLE_SECONDS = 5.0


def drain(*, at: datetime, limit: int = BATCH) -> int:
    """React to the events that are due; return how many were taken. Any number of workers may do this at once."""
    with transaction.atomic():
        waiting = take_due(limit)
        settle([event.event_id for event in waiting if _reacted(event, at)])
    return len(waiting)


def _reacted(event: Waiting, at: datetime) -> bool:
    """Run the reactions of one event; when one fails, none has happened and all are tried again later."""
    try:
        with transaction.atomic():
            react(event, at=at)
    except Exception:
        logger.exception("reaction to event %s (%s) failed, attempt %s", event.event_id, event.kind, event.attempts + 1)
        postpone(event)
        return False
    return True


def drain_all(*, at: datetime) -> int:
    """React to everything that is due; return how many events that was."""
    total = 0
    while taken := drain(at=at):
        total += taken
    return total


class Drainer(threading.Thread):
    """Drains the outbox as long as the worker lives, also through times without a database."""

    def __init__(self, clock: Clock = utc_now) -> None:
        """Take the time from ``clock``."""
        super().__init__(name="outbox", daemon=True)
        self._clock = clock
        self._ended = threading.Event()

    def run(self) -> None:
        """Drain, then rest for a moment when there was nothing to do."""
        pause = 0.0
        while not self._ended.wait(pause):
            pause = self._turn()
        connection.close()

    def _turn(self) -> float:
        try:
            close_old_connections()
            return 0.0 if drain(at=self._clock()) else POLL_SECONDS
        except DatabaseError:
            logger.exception("the outbox cannot be reached")
            connection.close()
            return TROUBLE_SECONDS

    def end(self) -> None:
        """Finish the batch in hand, then stop."""
        self._ended.set()
        self.join(timeout=30)
