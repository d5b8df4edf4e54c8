"""Words that the pages about money share."""

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.fees.models import Charge, Cover
from firstbell.kernel.damage import Cause

CAUSES = {
    Cause.ACCIDENTAL: gettext_lazy("accident"),
    Cause.LIQUID: gettext_lazy("liquid"),
    Cause.LOST: gettext_lazy("loss"),
    Cause.STOLEN: gettext_lazy("theft"),
    Cause.WEAR: gettext_lazy("wear"),
    Cause.DEFECT: gettext_lazy("fault of the device"),
    Cause.UNKNOWN: gettext_lazy("not known"),
}
NOTHING_ASKED = {
    "not_theirs": gettext_lazy("it was not in their care"),
    "device": gettext_lazy("the device was at fault"),
    "policy": gettext_lazy("by district policy"),
}
"""Why nothing is asked, as a choice: whatever a family's means are, nobody can write them down here."""


def cause_said(cause: str) -> str:
    """Return the word for a cause."""
    return str(CAUSES[Cause(cause)]) if cause in set(Cause) else cause


def rule_said(charge: Charge) -> str:
    """Return the rule behind a charge in plain words: what the district asks in such a case, and since when."""
    words = {
        "cause": capfirst(cause_said(charge.cause)),
        "cover": str(Cover(charge.cover).label),
        "n": charge.occurrence,
        "asked": charge.policy.amount,
        "cap": charge.policy.cap,
        "since": date_format(charge.policy.since, "DATE_FORMAT"),
    }
    if charge.occurrence == 1:
        return _(
            "{cause}, {cover}: the district asks {asked}, and never more than {cap}. In force since {since}."
        ).format(**words)
    return _(
        "{cause}, {cover}, number {n} within a year: the district asks {asked}, and never more than {cap}."
        " In force since {since}."
    ).format(**words)
