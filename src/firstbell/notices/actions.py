"""The verbs of notices. ``tell`` is called by reactions and the schedule: once for one effect, however often asked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from firstbell.directory.actions import set_address, set_language
from firstbell.directory.models import User
from firstbell.directory.queries import address_of
from firstbell.directory.scope import ScopedQuerySet, load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.sealed import Sealed
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code
from firstbell.notices import events, rules
from firstbell.notices.models import Letter, MailWish, Notice
from firstbell.notices.queries import wishes

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
    """Tell these users, once per user and cause. No event: a notice only repeats what the ledger holds.

    Who wants it by mail gets a letter, written with the notice; a worker sends it later.
    """
    rows = {f"{message.kind}:{message.cause}:{user_id}": user_id for user_id in to}
    known = set(_by_effect(rows).values_list("effect_id", flat=True))
    fresh = {effect: user_id for effect, user_id in rows.items() if effect not in known}
    notices = [_notice(message, effect, user_id, at) for effect, user_id in fresh.items()]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if fresh and settings.MAIL_ON:
        _write_letters(fresh, at)


def _by_effect(effects: Collection[str]) -> ScopedQuerySet[Notice]:
    return Notice.objects.everyone(reason="telling serves no reader").filter(effect_id__in=effects)


def _notice(message: Message, effect: str, user_id: int, at: datetime) -> Notice:
    return Notice(
        user_id=user_id,
        kind=message.kind,
        effect_id=effect,
        event_id=message.event_id,
        site_id=message.site_id,
        ticket_id=message.ticket_id,
        device_id=message.device_id,
        shipment_id=message.shipment_id,
        number=message.number,
        created_at=at,
    )


def _write_letters(effects: Collection[str], at: datetime) -> None:
    """Write a letter for each notice whose reader has an address and wants it. Two workers at once write one."""
    told = list(_by_effect(effects).select_related("user__person"))
    wanted = wishes({notice.user_id for notice in told})
    mailed = [notice for notice in told if wanted[notice.user_id][_group(notice)] and address_of(notice.user)]
    Letter.objects.bulk_create([_letter(notice, at) for notice in mailed], ignore_conflicts=True)


def _group(notice: Notice) -> MailWish.Group:
    return rules.GROUP_OF[Notice.Kind(notice.kind)]


def _letter(notice: Notice, at: datetime) -> Letter:
    urgent = _group(notice) is MailWish.Group.URGENT
    due = at if urgent else at + rules.TOGETHER
    return Letter(user_id=notice.user_id, notice=notice, urgent=urgent, next_try_at=due, made_at=at)


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


@verb
def choose_mail(*, wanted: Collection[str], language: str, by: Actor, at: datetime, op: Op) -> User:
    """Choose which groups of notices come by mail, and in which language."""
    groups = [group for group in MailWish.Group if group.value in wanted]
    user = set_language(language=language, by=by, at=at, op=op)
    MailWish.objects.bulk_create(
        [MailWish(user=user, group=group, wanted=group in groups) for group in MailWish.Group],
        update_conflicts=True,
        unique_fields=["user", "group"],
        update_fields=["wanted"],
    )
    record(events.MailChosen(user.pk, [Code(group.value) for group in groups]), about=[user], by=by, at=at, op=op)
    return user


@verb
def ask_address(*, address: Sealed, by: Actor, at: datetime, op: Op) -> Letter:
    """Name the address to be written to. A letter asks whether it is theirs; until then nothing else goes there."""
    rules.check_address(address.word, by)
    if not settings.MAIL_ON:
        raise Refused("no_mail", _("No mail leaves here, so an address could not be confirmed."))
    own = Letter.objects.visible_to(by).filter(notice__isnull=True)
    rules.check_few(own.filter(made_at__gt=at - timedelta(days=1)).count())
    own.filter(state=Letter.State.WAITING).update(state=Letter.State.LATE, ended_at=at)
    own.update(address="")
    letter = Letter.objects.create(
        user_id=by.user_id or 0, address=address.word, urgent=True, next_try_at=at, made_at=at
    )
    record(events.AddressAsked(letter.user_id, letter.pk), about=[("user", letter.user_id)], by=by, at=at, op=op)
    return letter


@verb
def confirm_address(*, letter_id: int, by: Actor, at: datetime, op: Op) -> User:
    """Keep the address that one's own letter went to: who opened its link reads what arrives there."""
    letter = load(Letter, letter_id, by=by)
    if not letter.address:
        raise Refused("address_settled", _("This link was used before, or another address was named since."))
    user = set_address(address=Sealed(letter.address), by=by, at=at, op=op)
    letter.address = ""
    letter.save(update_fields=["address"])
    return user


def take_letters(*, at: datetime, limit: int) -> list[Letter]:
    """Take the letters whose time has come, and what else waits for the same readers, for as long as a lease lasts.

    What needn't be sent any more is settled and not returned. Any number of workers may do this at once.
    """
    with transaction.atomic():
        letters = list(_due(at, limit))
        _waiting([letter.pk for letter in letters]).update(attempts=F("attempts") + 1, next_try_at=at + rules.LEASE)
        ended = {letter.pk: state for letter in letters if (state := rules.unneeded(letter, at))}
        for pk, state in ended.items():
            _waiting([pk]).update(state=state, ended_at=at)
    for letter in letters:
        letter.attempts += 1
    return [letter for letter in letters if letter.pk not in ended]


def _due(at: datetime, limit: int) -> ScopedQuerySet[Letter]:
    rows = Letter.objects.everyone(reason="a worker serves no reader").filter(state=Letter.State.WAITING)
    due = rows.filter(next_try_at__lte=at).order_by("-urgent", "next_try_at", "pk")
    chosen = list(due.values_list("pk", "user_id")[:limit])
    ready = Q(pk__in=[pk for pk, _user in chosen], next_try_at__lte=at)
    together = Q(user_id__in=[user for _pk, user in chosen], attempts=0, urgent=False)
    names = ("user__person", "notice__site", "notice__ticket__place", "notice__device", "notice__shipment")
    found = rows.filter(ready | together).select_related(*names).order_by("-urgent", "pk")
    return found.select_for_update(skip_locked=True, of=("self",))


def _waiting(letter_ids: Collection[int]) -> ScopedQuerySet[Letter]:
    rows = Letter.objects.everyone(reason="a worker serves no reader")
    return rows.filter(pk__in=letter_ids, state=Letter.State.WAITING)


def note_sent(letters: Iterable[Letter], *, at: datetime) -> None:
    """Note that letters left."""
    _waiting([letter.pk for letter in letters]).update(state=Letter.State.SENT, ended_at=at)


def note_trouble(letters: Iterable[Letter], *, final: bool, at: datetime) -> None:
    """Note that letters did not leave: they are tried again later, or given up."""
    for letter in letters:
        again = None if final else rules.next_try(letter, at)
        change = {"next_try_at": again} if again else {"state": Letter.State.FAILED, "ended_at": at}
        _waiting([letter.pk]).update(**change)


def forget_questions(*, at: datetime) -> int:
    """Remove old questions about addresses, with the addresses; letters of notices go with their notices."""
    rows = Letter.objects.everyone(reason="housekeeping").filter(notice__isnull=True)
    return rows.filter(made_at__lt=at - rules.FORGOTTEN).delete()[0]
