"""Words that the pages about vendors share: where a case stands, and how its day looks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.devices.models import Custody
from firstbell.kernel.actor import Actor
from firstbell.repairs.fixes import fix
from firstbell.vendors.models import VendorCase
from firstbell.vendors.rules import Answers, due_back
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.depot.due import Signal
from firstbell.web.desk.words import said_day, where_is


def day_signal(case: VendorCase, answers: Answers, at: datetime) -> Signal | None:
    """Return how the day looks on which a vendor's device is due back; None where no day is known."""
    due = due_back(case, answers)
    if due is None or case.outcome:
        return None
    today = at.astimezone(ZoneInfo(case.owner.timezone)).date()
    late = (today - due).days
    if late > 0:
        return Signal("late", ngettext("%(n)d day overdue", "%(n)d days overdue", late) % {"n": late})
    return (
        Signal("soon", _("due today")) if late == 0 else Signal("fine", _("due {day}").format(day=said_day(due, today)))
    )


def news_of(case: VendorCase) -> str:
    """Return what the vendor says, in our words, else in its own."""
    if case.outcome:
        return str(case.get_outcome_display())
    if case.means:
        return str(case.get_means_display())
    if case.heard:
        return _("“{word}”: nobody has said yet what it means").format(word=case.heard)
    return _("no news yet") if case.sent_at else _("to be sent")


def place_of(case: VendorCase, by: Actor) -> str:
    """Return where its device is."""
    custodies: list[Custody] = getattr(case.device, "open_custodies", [])
    return where_is(custodies[0] if custodies else None, by).where


def fault_said(case: VendorCase) -> str:
    """Return what is wrong with it."""
    found = fix(case.work_order.fault)
    return found.fault if found else said_symptom(case.work_order.symptom)
