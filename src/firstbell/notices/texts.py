"""The words of a notice, made when it is read: in the reader's language, from rows that may have changed since."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from firstbell.notices.models import Notice
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptom

K = Notice.Kind

SENTENCES = {
    K.CLASS_STOPPER: _("A class at {site} cannot go on: {place}. Please go there now."),
    K.NEW_TICKET: _("{what}, {place}: a new ticket is yours."),
    K.HANDED_UP: _("{what}, {place}: the student team has had its time. The ticket is yours now."),
    K.REPAIR_CHECKED: _("{device} is repaired and checked. The courier brings it back to {site}."),
    K.CASE_STEP: _("{device} is missing, and a step of its case is due. Look at what is still to be done."),
    K.REFERRED: _("{device} was damaged, and you are asked to look at the facts. The repair goes on."),
    K.LOAN_OVERDUE: _("Loaner {device} is overdue. Ask for it back, or lend it for longer."),
}


WALKS = frozenset({K.KIT_SHORT, K.STORE_UNCOUNTED})
DAILY = (
    frozenset({K.PICKUP_SOON, K.PICKUP_LATE, K.HAND_BACK_LATE, K.UNTOUCHED, K.NOT_RECEIVED, K.VENDOR_OVERDUE}) | WALKS
)
"""What is told once a day for a whole school, with how many there are."""


def in_words(notice: Notice) -> str:
    """Return the sentence of a notice, fetched by ``queries.recent`` with what it names."""
    if notice.kind == K.LOAN_OVERDUE and notice.number:
        return _still_out(notice).format(number=notice.number, **_names(notice))
    if notice.kind in SENTENCES:
        return str(SENTENCES[K(notice.kind)]).format(**_names(notice))
    return _counted(notice).format(number=notice.number, **_names(notice))


def _still_out(notice: Notice) -> str:
    return ngettext(
        "Loaner {device} of {site} is {number} school day overdue and still out. Ask for it back once more.",
        "Loaner {device} of {site} is {number} school days overdue and still out. Ask for it back once more.",
        notice.number,
    )


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
    if notice.kind in DAILY:
        return _daily(notice)
    if notice.kind == K.CLOSET:
        return ngettext(
            "{device} has lain broken in one place for more than {number} school day. Move it on.",
            "{device} has lain broken in one place for more than {number} school days. Move it on.",
            notice.number,
        )
    return ngettext(
        "Nobody has heard of {device} for {number} school day. Ask where its repair stands.",
        "Nobody has heard of {device} for {number} school days. Ask where its repair stands.",
        notice.number,
    )


def _walked(notice: Notice) -> str:
    if notice.kind == K.KIT_SHORT:
        return ngettext(
            "The kit of the morning round at {site} is {number} loaner short. Fill it today.",
            "The kit of the morning round at {site} is {number} loaners short. Fill it today.",
            notice.number,
        )
    return ngettext(
        "{number} storage place at {site} was not counted on the last school day. Count it today.",
        "{number} storage places at {site} were not counted on the last school day. Count them today.",
        notice.number,
    )


def _daily(notice: Notice) -> str:
    if notice.kind in WALKS:
        return _walked(notice)
    if notice.kind == K.PICKUP_LATE:
        return ngettext(
            "{number} device at {site} waits too long for the courier. Fetch it, or say why not.",
            "{number} devices at {site} wait too long for the courier. Fetch them, or say why not.",
            notice.number,
        )
    if notice.kind == K.PICKUP_SOON:
        return ngettext(
            "{number} device at {site} is late for the courier soon, and no van is planned in time. Plan a run.",
            "{number} devices at {site} are late for the courier soon, and no van is planned in time. Plan a run.",
            notice.number,
        )
    if notice.kind == K.HAND_BACK_LATE:
        return ngettext(
            "{number} repaired device at {site} waits too long for its person. Hand it back.",
            "{number} repaired devices at {site} wait too long for their people. Hand them back.",
            notice.number,
        )
    if notice.kind == K.UNTOUCHED:
        return ngettext(
            "{number} report of a broken device at {site} nobody has looked at. Please look at it.",
            "{number} reports of broken devices at {site} nobody has looked at. Please look at them.",
            notice.number,
        )
    if notice.kind == K.VENDOR_OVERDUE:
        return ngettext(
            "{number} device that {site} sent to a vendor should be back by now. Ask the vendor.",
            "{number} devices that {site} sent to a vendor should be back by now. Ask the vendor.",
            notice.number,
        )
    return ngettext(
        "{number} shipment to {site} was never scanned in. Look for it on both sides.",
        "{number} shipments to {site} were never scanned in. Look for them on both sides.",
        notice.number,
    )


def _names(notice: Notice) -> dict[str, str]:
    place = notice.ticket.place if notice.ticket else None
    return {
        "site": notice.site.name,
        "what": _problem(notice.ticket) if notice.ticket else "",
        "place": place.name if place else notice.site.name,
        "device": notice.device.tag if notice.device else "",
        "shipment": notice.shipment.code if notice.shipment else "",
    }


def _problem(ticket: Ticket) -> str:
    branch = symptom(ticket.symptom)
    return branch.label if branch else ticket.symptom
