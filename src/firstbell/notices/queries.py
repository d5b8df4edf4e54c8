"""Reads of notices: always a user's own."""

from django.db.models import QuerySet

from firstbell.kernel.actor import Actor
from firstbell.notices.models import Notice

SHOWN = 50


def recent(*, by: Actor, limit: int = SHOWN) -> QuerySet[Notice]:
    """Return the actor's newest notices, read and unread, with what their sentences name."""
    rows = Notice.objects.visible_to(by).select_related("site", "ticket__place", "device", "shipment")
    return rows.order_by("-created_at", "-pk")[:limit]


def unread(*, by: Actor) -> QuerySet[Notice]:
    """Return the actor's unread notices, newest first, with what their sentences name."""
    rows = Notice.objects.visible_to(by).filter(read_at__isnull=True)
    return rows.select_related("site", "ticket__place", "device", "shipment").order_by("-created_at", "-pk")
