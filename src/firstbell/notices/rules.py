"""What goes by mail, how often it is tried, and whose address may be given."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from firstbell.directory.queries import address_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.notices.models import Letter, MailWish, Notice

K, G = Notice.Kind, MailWish.Group

GROUP_OF: dict[Notice.Kind, MailWish.Group] = {
    K.CLASS_STOPPER: G.URGENT,
    K.NEW_TICKET: G.TICKETS,
    K.HANDED_UP: G.TICKETS,
    K.SHIPMENT_SHORT: G.DEVICES,
    K.REPAIR_CHECKED: G.DEVICES,
    K.REPAIRS_AT_SCHOOL: G.DEVICES,
    K.SILENT: G.DEVICES,
    K.NOT_RECEIVED: G.DEVICES,
    K.CLOSET: G.WAITING,
    K.LOAN_OVERDUE: G.WAITING,
    K.PICKUP_LATE: G.WAITING,
    K.HAND_BACK_LATE: G.WAITING,
    K.UNTOUCHED: G.WAITING,
    K.PICKUP_SOON: G.WAITING,
    K.VENDOR_OVERDUE: G.WAITING,
    K.KIT_SHORT: G.WAITING,
    K.STORE_UNCOUNTED: G.WAITING,
    K.CASE_STEP: G.CASES,
    K.REFERRED: G.CASES,
}
USUAL: Mapping[MailWish.Group, bool] = {
    G.URGENT: True,
    G.DEVICES: True,
    G.WAITING: True,
    G.CASES: True,
    G.TICKETS: False,
}
"""What goes by mail until somebody chooses: all but what lies in the queue, which its owner works from anyway."""

TOGETHER = timedelta(minutes=10)
"""What can wait goes out together, this long after the first: one mail, not thirty."""
LEASE = timedelta(minutes=5)
"""For so long a letter belongs to the worker that took it. One that was killed leaves it to another."""
TRIES = 8
LONGEST = timedelta(days=1)
"""After so many tries, or so long, a letter is given up: the notice stands in Firstbell."""
MOST_ASKED = 5
"""Addresses that one user may name in a day."""
FORGOTTEN = timedelta(days=30)
"""How long a question about an address is kept."""


def unneeded(letter: Letter, at: datetime) -> Letter.State | None:
    """Return how a letter ends that is due and need not or cannot leave: read already, too old, no address."""
    if letter.notice and letter.notice.read_at:
        return Letter.State.READ
    if at - letter.made_at >= LONGEST:
        return Letter.State.LATE
    reachable = letter.user.is_active and (letter.address or (letter.notice and address_of(letter.user)))
    return None if reachable else Letter.State.FAILED


def next_try(letter: Letter, at: datetime) -> datetime | None:
    """Return when a letter is tried again, 1, 2, 4 ... minutes later; None when it is given up."""
    if letter.attempts >= TRIES or at - letter.made_at >= LONGEST:
        return None
    return at + timedelta(minutes=2 ** (letter.attempts - 1))


def may_name_address(by: Actor) -> bool:
    """Say whether somebody may name an address: not a student, of whom no further one is collected."""
    return not by.holds(Role.STUDENT_TECH)


def check_address(address: str, by: Actor) -> None:
    """An address looks like one, and is no student's private one."""
    if not may_name_address(by):
        raise Refused("students_address", _("Student helpers get mail at their school address only."))
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused("no_address", _("That is no mail address. It looks like name@district.org.")) from error


def check_few(asked: int) -> None:
    """Nobody is bothered through us: a few addresses a day are enough to get one's own right."""
    if asked >= MOST_ASKED:
        raise Refused("too_many_addresses", _("That were many addresses for one day. Try again tomorrow."))
