"""Figures as people say them: minutes, shares, hours; and the words of codes."""

from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.loans.readiness import GAP_WORDS, Gap
from firstbell.measures.alarms import Alarm
from firstbell.tickets.triage import symptom

NOTHING = "–"
LONG_MINUTES = 120
DAY_MINUTES = 8 * 60
DAYS = 3


def minutes(number: int | None) -> str:
    """Return school minutes: "34 min", from two hours on "5.5 h", from three school days on "12 school days"."""
    if number is None:
        return NOTHING
    if number < LONG_MINUTES:
        return _("{n} min").format(n=number)
    if number < DAYS * DAY_MINUTES:
        return _("{n} h").format(n=number_format(number / 60, 1))
    days = number // DAY_MINUTES
    return ngettext("{n} school day", "{n} school days", days).format(n=days)


def share(part: float | None) -> str:
    """Return a share from 0 to 1 as a percentage; never 100 % unless it is all, never 0 % unless it is none."""
    if part is None:
        return NOTHING
    percent = round(100 * part)
    if percent == 100 and part < 1:
        percent = 99
    if percent == 0 and part > 0:
        percent = 1
    return _("{n}%").format(n=percent)


def hours(number: float | None) -> str:
    """Return hours with one decimal."""
    return NOTHING if number is None else _("{n} h").format(n=number_format(number, 1))


def day(moment: date) -> str:
    """Return a day of the running year, short."""
    return date_format(moment, _("M j"))  # the order of a short day differs by language


def cause(code: str) -> str:
    """Return what was reported."""
    found = symptom(code)
    return found.label if found else code


def alarm(kind: Alarm, number: int) -> str:
    """Return an alarm as a sentence."""
    said = {
        Alarm.NO_LEAD: ngettext("{n} school has no IT lead today", "{n} schools have no IT lead today", number),
        Alarm.CLOSET: ngettext("{n} broken device lies idle too long", "{n} broken devices lie idle too long", number),
        Alarm.UNTOUCHED: ngettext(
            "{n} report of a broken device nobody has looked at",
            "{n} reports of broken devices nobody has looked at",
            number,
        ),
        Alarm.SILENT: ngettext("{n} repair without news", "{n} repairs without news", number),
        Alarm.PICKUP: ngettext(
            "{n} device waits too long for the courier", "{n} devices wait too long for the courier", number
        ),
        Alarm.HAND_BACK: ngettext(
            "{n} repaired device waits too long for its person",
            "{n} repaired devices wait too long for their people",
            number,
        ),
        Alarm.LOAN: ngettext("{n} loaner is overdue", "{n} loaners are overdue", number),
    }
    return said[kind].format(n=number)


def gap(kind: Gap) -> str:
    """Return what a school still lacks."""
    return str(GAP_WORDS[kind])


Row = dict[str, Any]
