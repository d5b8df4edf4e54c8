"""Letters leave the house: taken under a lease, sent, settled.

A worker that dies in between leaves them to another, which sends them as the same mail. A server that knows no such
person ends a letter; after any other trouble it is tried again, a few times.
"""

import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from firstbell.jobs.mails import mail
from firstbell.notices.actions import note_sent, note_trouble, take_letters
from firstbell.notices.models import Letter

logger = logging.getLogger(__name__)

BATCH = 10
"""Letters taken at once: with a mail server at its slowest they are through long before their lease ends."""
PERMANENT = 500


def post(*, at: datetime, limit: int = BATCH) -> int:
    """Send the letters that are due; return how many were taken, none when the mail server cannot be reached."""
    letters = take_letters(at=at, limit=limit)
    if not letters:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _in_vain(letters, error, at)
        return 0
    for bundle in _bundles(letters):
        _send(bundle, connection, at)
    connection.close()
    return len(letters)


def _bundles(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Put what can wait together by reader; what is urgent goes alone."""
    ordered = sorted(letters, key=_key)
    return [list(bundle) for _key_of, bundle in groupby(ordered, key=_key)]


def _key(letter: Letter) -> tuple[bool, int, int]:
    return (not letter.urgent, letter.user_id, letter.pk if letter.urgent else 0)


def _send(bundle: list[Letter], connection: BaseEmailBackend, at: datetime) -> None:
    try:
        connection.send_messages([mail(bundle)])
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _in_vain(bundle, error, at)
    else:
        note_sent(bundle, at=at)


def _in_vain(letters: list[Letter], error: Exception, at: datetime) -> None:
    """Note the trouble. The log names its type and the letters: a server's words may name people."""
    final = is_final(error)
    ids = ", ".join(str(letter.pk) for letter in letters)
    logger.warning("letters %s did not leave (%s)%s", ids, type(error).__name__, ": given up" if final else "")
    note_trouble(letters, final=final, at=at)


def is_final(error: Exception) -> bool:
    """Say whether trying again cannot help: the server knows no such person, or refuses what is written."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _said in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError)
