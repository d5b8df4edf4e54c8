"""Events that wait for their reactions. Taken under a lock, settled in the transaction of what the reactions wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Now

from firstbell.ledger.models import Event, Outbox

LONGEST_WAIT = timedelta(hours=1)
STUCK = 5
"""Failed attempts after which an operator is told."""


@dataclass(frozen=True)
class Waiting:
    """One event whose reactions have not run yet."""

    event_id: int
    kind: str
    facts: dict[str, Any]
    actor_user_id: int | None
    happened_at: datetime
    attempts: int


@dataclass(frozen=True)
class OutboxState:
    """What an operator wants to know: how many wait, how long the oldest has been due, how many keep failing."""

    waiting: int
    oldest_seconds: int
    stuck: int


def take_due(limit: int) -> list[Waiting]:
    """Lock and return events whose time has come, longest due first; those in other hands are passed over.

    Belongs inside a transaction: the lock ends with it.
    """
    due = Outbox.objects.filter(next_try_at__lte=Now()).order_by("next_try_at", "event_id")
    rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("event")[:limit]
    return [_waiting(row.event, row.attempts) for row in rows]


def _waiting(event: Event, attempts: int) -> Waiting:
    return Waiting(event.pk, event.kind, event.facts, event.actor_user_id, event.happened_at, attempts)


def settle(event_ids: Iterable[int]) -> None:
    """Remove events from the outbox, in the transaction of what their reactions wrote."""
    Outbox.objects.filter(pk__in=list(event_ids)).delete()


def postpone(waiting: Waiting) -> None:
    """Try an event again later: after 1, 2, 4 ... seconds, at most an hour."""
    wait = min(timedelta(seconds=2 ** min(waiting.attempts, 12)), LONGEST_WAIT)
    Outbox.objects.filter(pk=waiting.event_id).update(attempts=F("attempts") + 1, next_try_at=Now() + wait)


def state(*, at: datetime) -> OutboxState:
    """Return how the outbox stands."""
    row = Outbox.objects.aggregate(
        waiting=Count("pk"), since=Min("next_try_at"), stuck=Count("pk", filter=Q(attempts__gte=STUCK))
    )
    late = (at - row["since"]).total_seconds() if row["since"] else 0
    return OutboxState(row["waiting"], max(0, int(late)), row["stuck"])
