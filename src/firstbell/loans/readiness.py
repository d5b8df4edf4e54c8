"""What a school needs before it goes live: a lead, places, a calendar, loaners, and a plan without holes (S1, S56)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import Question
from firstbell.directory.models import BellPeriod, Place, Site
from firstbell.directory.queries import roles_on
from firstbell.kernel.roles import Role
from firstbell.loans.models import PoolDevice

PLACES = (Place.Kind.DESK, Place.Kind.PICKUP_BOX, Place.Kind.RETURN_SHELF, Place.Kind.LOANER_SHELF)


class Gap(StrEnum):
    """What keeps a school from going live, the first one first."""

    LEAD = "lead"
    DESK = "desk"
    PICKUP_BOX = "pickup_box"
    RETURN_SHELF = "return_shelf"
    LOANER_SHELF = "loaner_shelf"
    CALENDAR = "calendar"
    LOANERS = "loaners"
    DECISIONS = "decisions"


GAP_WORDS = {
    Gap.LEAD: _("an IT lead"),
    Gap.DESK: _("a tech desk"),
    Gap.PICKUP_BOX: _("a pick-up box"),
    Gap.RETURN_SHELF: _("a return shelf"),
    Gap.LOANER_SHELF: _("a loaner shelf"),
    Gap.CALENDAR: _("a calendar with bell times"),
    Gap.LOANERS: _("loaners"),
    Gap.DECISIONS: _("answers in the plan"),
}


def blocking(answers: Plan, site_id: int) -> tuple[Question[Any], ...]:
    """Return the questions nobody has answered yet without which a school does not go live."""
    return tuple(question for question in answers.undecided(site_id) if question.blocks_go_live)


def gaps(
    *, leads: int, places: Collection[str], periods: int, loaners: int, undecided: Sequence[Question[Any]]
) -> list[Gap]:
    """Return what is missing of what there should be."""
    missing = {
        Gap.LEAD: leads == 0,
        **{Gap(kind.value): kind.value not in places for kind in PLACES},
        Gap.CALENDAR: periods == 0,
        Gap.LOANERS: loaners == 0,
        Gap.DECISIONS: bool(undecided),
    }
    return [gap for gap in Gap if missing[gap]]


def missing_at(site: Site, *, at: datetime) -> list[str]:
    """Return in words what one school lacks; the open questions of the plan by their titles."""
    undecided = blocking(plan(), site.pk)
    lead = roles_on(at.date()).filter(role=Role.IT_LEAD, site=site, deputy=False, user__is_active=True)
    pool = PoolDevice.objects.everyone(reason="the school was loaded in reach").filter(until__isnull=True)
    found = gaps(
        leads=lead.count(),
        places=set(Place.objects.filter(site=site, closed_at__isnull=True).values_list("kind", flat=True)),
        periods=BellPeriod.objects.filter(calendar_id=site.calendar_id).count() if site.calendar_id else 0,
        loaners=pool.filter(site=site).count(),
        undecided=undecided,
    )
    named = [str(GAP_WORDS[gap]) for gap in found if gap is not Gap.DECISIONS]
    return named + [_quoted(question) for question in undecided]


def _quoted(question: Question[Any]) -> str:
    return str(_("an answer to “{question}”")).format(question=question.title)
