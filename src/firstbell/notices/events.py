"""What can be written in the ledger about notices."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Fact


@dataclass(frozen=True)
class NoticeRead(Fact):
    """Somebody has read what they were told."""

    kind = "notices.read"
    sentence = _("{user} read a notice")
    notice_id: int
    user_id: int
