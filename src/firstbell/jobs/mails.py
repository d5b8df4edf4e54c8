"""The words of a mail: in its reader's language, with codes and places only. Who wants to know more signs in."""

from dataclasses import dataclass
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.directory.queries import address_of, language_of
from firstbell.notices.links import token_of
from firstbell.notices.models import Letter, Notice
from firstbell.notices.texts import in_words

MOST_LINES = 20


@dataclass(frozen=True)
class Line:
    """One notice in a mail: its sentence, its school, and where it leads."""

    text: str
    site: str
    url: str


def mail(bundle: list[Letter]) -> EmailMultiAlternatives:
    """Return the mail that some letters to one reader make."""
    first = bundle[0]
    with translation.override(language_of(first.user)):
        told = [letter.notice for letter in bundle if letter.notice]
        return _told(first, told) if told else _question(first)


def _told(first: Letter, told: list[Notice]) -> EmailMultiAlternatives:
    lines = [_line(notice) for notice in reversed(told)]
    context: dict[str, object] = {
        "lines": lines[:MOST_LINES],
        "more": max(0, len(lines) - MOST_LINES),
        "notices": _address("/notices"),
        "choice": _address("/notices/mail"),
    }
    return _mail(first, _subject(told), "mail/notices", context, to=address_of(first.user))


def _subject(told: list[Notice]) -> str:
    if len(told) == 1:
        return f"{Notice.Kind(told[0].kind).label} · {told[0].site.name}"
    return ngettext("{number} notice", "{number} notices", len(told)).format(number=len(told))


def _line(notice: Notice) -> Line:
    return Line(in_words(notice), notice.site.name, _address(f"/notices/{notice.pk}"))


def _question(letter: Letter) -> EmailMultiAlternatives:
    context: dict[str, object] = {"link": _address(f"/notices/mail/address/{token_of(letter.pk)}")}
    return _mail(letter, _("Is this your address?"), "mail/address", context, to=letter.address)


def _mail(
    letter: Letter, subject: str, template: str, context: dict[str, object], *, to: str
) -> EmailMultiAlternatives:
    context |= {"language": translation.get_language()}
    sent = EmailMultiAlternatives(
        subject=" ".join(f"Firstbell: {subject}".split()),
        body=render_to_string(f"{template}.txt", context),
        to=[to],
        headers=_headers(letter),
    )
    sent.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return sent


def _headers(letter: Letter) -> dict[str, str]:
    """Return what makes it the same mail when it is sent a second time, and what keeps machines from answering."""
    return {
        "Message-ID": f"<letter-{letter.pk}@{settings.SITE_HOST}>",
        "Date": format_datetime(letter.made_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
