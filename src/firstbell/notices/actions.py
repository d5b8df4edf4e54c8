"""The verbs of notices. ``tell`` is called by reactions and the schedule: once for one effect, however often asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.ledger.actions import Op, record, verb
from firstbell.notices import events
from firstbell.notices.models import Notice

KEPT = timedelta(days=400)
"""A school year and the summer after it: who was told what, and when."""


@dataclass(frozen=True)
class Message:
    """What is told. ``cause`` names the one thing that led to it, such as ``event:12``: a second telling is none."""

    kind: Notice.Kind
    cause: str
    site_id: int
    event_id: int | None = None
    ticket_id: int | None = None
    device_id: int | None = None
    shipment_id: int | None = None
    number: int = 0


def tell(*, message: Message, to: Iterable[int], at: datetime) -> None:
    """Tell these users, once per user and cause. No event: a notice only repeats what the ledger holds."""
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=user_id,
                kind=message.kind,
                effect_id=f"{message.kind}:{message.cause}:{user_id}",
                event_id=message.event_id,
                site_id=message.site_id,
                ticket_id=message.ticket_id,
                device_id=message.device_id,
                shipment_id=message.shipment_id,
                number=message.number,
                created_at=at,
            )
            for user_id in dict.fromkeys(to)
        ],
        ignore_conflicts=True,
    )


@verb
def mark_read(*, notice_id: int, by: Actor, at: datetime, op: Op) -> Notice:
    """Note that its reader has seen a notice."""
    notice = load(Notice, notice_id, by=by)
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
        record(events.NoticeRead(notice.pk, notice.user_id), about=[notice], by=by, at=at, op=op)
    return notice


@verb
def mark_all_read(*, by: Actor, at: datetime, op: Op) -> None:
    """Note that a reader has seen all their notices."""
    rows = Notice.objects.visible_to(by).filter(read_at__isnull=True).select_for_update(of=("self",))
    for pk in sorted(rows.values_list("pk", flat=True)):
        mark_read(notice_id=pk, by=by, at=at, op=op)


def forget_old(*, at: datetime) -> int:
    """Remove notices nobody needs any more; return how many."""
    rows = Notice.objects.everyone(reason="housekeeping").filter(created_at__lt=at - KEPT)
    return rows.delete()[0]
