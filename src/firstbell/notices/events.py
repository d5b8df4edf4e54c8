"""What can be written in the ledger about notices."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class NoticeRead(Fact):
    """Somebody has read what they were told."""

    kind = "notices.read"
    sentence = _("{user} read a notice")
    notice_id: int
    user_id: int


@dataclass(frozen=True)
class MailChosen(Fact):
    """Somebody chose what they get by mail."""

    kind = "notices.mail_chosen"
    sentence = _("{user} chose what comes by mail")
    user_id: int
    wanted: list[Code]


@dataclass(frozen=True)
class AddressAsked(Fact):
    """Somebody named a mail address; a letter asks whether it is theirs."""

    kind = "notices.address_asked"
    sentence = _("{user} named a mail address, which is to be confirmed")
    user_id: int
    letter_id: int
