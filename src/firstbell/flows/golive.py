"""A school goes live once it has what support needs, or with the reason why it starts without (S1, S56)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import Site
from firstbell.flows import events
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.loans.readiness import missing_at


@verb
def go_live(*, site_id: int, reason: str = "", by: Actor, at: datetime, op: Op) -> Site:
    """Let a school go live today. A school that is live already is answered as it is."""
    site = Site.objects.select_for_update(no_key=True).filter(pk=site_id, kind=Site.Kind.SCHOOL).first()
    if site is None or site.closed_on or not by.may(Permission.DECIDE, site_id):
        raise Missing("Site")
    if site.live_on:
        return site
    missing = missing_at(site, at=at)
    if missing and not reason.strip():
        sentence = _("{site} cannot go live yet. It lacks: {missing}. If it must, say why.")
        raise Refused("not_ready", sentence, site=site.name, missing=", ".join(missing))
    site.live_on = at.astimezone(ZoneInfo(site.timezone)).date()
    site.live_reason = reason.strip()[:300] if missing else ""
    site.save(update_fields=["live_on", "live_reason"])
    record(events.WentLive(site.pk, len(missing)), about=[site], by=by, at=at, op=op)
    return site
