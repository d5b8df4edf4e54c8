"""Reads of notices: always a user's own."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from firstbell.kernel.actor import Actor
from firstbell.notices.models import Letter, MailWish, Notice
from firstbell.notices.rules import USUAL

SHOWN = 50


def recent(*, by: Actor, limit: int = SHOWN) -> QuerySet[Notice]:
    """Return the actor's newest notices, read and unread, with what their sentences name."""
    rows = Notice.objects.visible_to(by).select_related("site", "ticket__place", "device", "shipment")
    return rows.order_by("-created_at", "-pk")[:limit]


def unread(*, by: Actor) -> QuerySet[Notice]:
    """Return the actor's unread notices, newest first, with what their sentences name."""
    rows = Notice.objects.visible_to(by).filter(read_at__isnull=True)
    return rows.select_related("site", "ticket__place", "device", "shipment").order_by("-created_at", "-pk")


def wishes(user_ids: Collection[int]) -> Mapping[int, Mapping[MailWish.Group, bool]]:
    """Return for each user which groups of notices they want by mail."""
    found: defaultdict[int, dict[MailWish.Group, bool]] = defaultdict(lambda: dict(USUAL))
    for user_id, group, wanted in MailWish.objects.filter(user_id__in=user_ids).values_list("user", "group", "wanted"):
        found[user_id][MailWish.Group(group)] = wanted
    return found


def asked_address(*, by: Actor) -> Letter | None:
    """Return the newest question about an address that its user has not answered yet."""
    rows = Letter.objects.visible_to(by).filter(notice__isnull=True).exclude(address="")
    return rows.order_by("-pk").first()


def undelivered(*, by: Actor) -> Letter | None:
    """Return the actor's last letter, when it could not be delivered."""
    last = (
        Letter.objects.visible_to(by).filter(state__in=[Letter.State.SENT, Letter.State.FAILED]).order_by("-pk").first()
    )
    return last if last and last.state == Letter.State.FAILED else None
