"""The outbox is emptied: reactions run, and the row goes in the same transaction.

It is polled. LISTEN/NOTIFY would serialise every commit of the district behind one lock (docs/adr/0013).
"""

import logging
from datetime import datetime

from django.db import transaction

from firstbell.jobs.reactions import react
from firstbell.ledger.outbox import Waiting, postpone, settle, take_due

logger = logging.getLogger(__name__)

BATCH = 200


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
