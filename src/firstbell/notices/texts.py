"""The words of a notice, made when it is read: in the reader's language, from rows that may have changed since."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from firstbell.notices.models import Notice

K = Notice.Kind

SENTENCES = {
    K.CLASS_STOPPER: _("A class at {site} cannot go on: {place}. Please go there now."),
    K.NEW_TICKET: _("A new ticket at {site} is yours: {ticket}."),
    K.HANDED_UP: _("Ticket {ticket} has been with the student team long enough. It is yours now."),
    K.REPAIR_CHECKED: _("{device} is repaired and checked. The courier brings it back to {site}."),
    K.CLOSET: _("{device} lies broken at {site} and nobody has planned what happens next."),
    K.LOAN_OVERDUE: _("Loaner {device} is overdue. Ask for it back, or lend it for longer."),
}


def in_words(notice: Notice) -> str:
    """Return the sentence of a notice, fetched by ``queries.recent`` with what it names."""
    if notice.kind in SENTENCES:
        return str(SENTENCES[K(notice.kind)]).format(**_names(notice))
    return _counted(notice).format(number=notice.number, **_names(notice))


def _counted(notice: Notice) -> str:
    if notice.kind == K.SHIPMENT_SHORT:
        return ngettext(
            "{number} device of shipment {shipment} to {site} has not arrived. Look for it on both sides.",
            "{number} devices of shipment {shipment} to {site} have not arrived. Look for them on both sides.",
            notice.number,
        )
    if notice.kind == K.REPAIRS_AT_SCHOOL:
        return ngettext(
            "{number} repaired device has arrived at {site}. Its owner can have it back.",
            "{number} repaired devices have arrived at {site}. Their owners can have them back.",
            notice.number,
        )
    return ngettext(
        "Nobody has heard of {device} for {number} school day. Ask where its repair stands.",
        "Nobody has heard of {device} for {number} school days. Ask where its repair stands.",
        notice.number,
    )


def _names(notice: Notice) -> dict[str, str]:
    place = notice.ticket.place if notice.ticket else None
    return {
        "site": notice.site.name,
        "place": place.name if place else notice.site.name,
        "ticket": notice.ticket.code if notice.ticket else "",
        "device": notice.device.tag if notice.device else "",
        "shipment": notice.shipment.code if notice.shipment else "",
    }
