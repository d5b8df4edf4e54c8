"""Words that the pages about money share."""

from django.utils.translation import gettext_lazy as _

from firstbell.kernel.damage import Cause

CAUSES = {
    Cause.ACCIDENTAL: _("accident"),
    Cause.LIQUID: _("liquid"),
    Cause.LOST: _("loss"),
    Cause.STOLEN: _("theft"),
    Cause.WEAR: _("wear"),
    Cause.DEFECT: _("fault of the device"),
    Cause.UNKNOWN: _("not known"),
}


def cause_said(cause: str) -> str:
    """Return the word for a cause."""
    return str(CAUSES[Cause(cause)]) if cause in set(Cause) else cause
