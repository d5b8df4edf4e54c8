"""The go-live board: which schools have a lead, a desk, loaners and a plan, and which do not yet."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import plan
from firstbell.directory.models import RoleHeld
from firstbell.flows.golive import go_live
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission, Role
from firstbell.loans.readiness import Gap
from firstbell.measures.coverage import Coverage, School, coverage
from firstbell.web.asking import operation
from firstbell.web.board import words
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.office.roles import ROLE_WORDS

CURED_BY = {
    Gap.LEAD: ("roles", Permission.GRANT_ROLES),
    Gap.CALENDAR: ("calendars", Permission.GRANT_ROLES),
    Gap.DESK: ("places", Permission.MOVE_DEVICES),
    Gap.PICKUP_BOX: ("places", Permission.MOVE_DEVICES),
    Gap.RETURN_SHELF: ("places", Permission.MOVE_DEVICES),
    Gap.LOANER_SHELF: ("places", Permission.MOVE_DEVICES),
    Gap.LOANERS: ("loans", Permission.LEND),
    Gap.DECISIONS: ("plan", Permission.DECIDE),
}
"""Where a gap is closed, and who may."""


@dataclass(frozen=True)
class Missing:
    """One gap in words, with the page that closes it for those who may."""

    text: str
    url: str


@dataclass(frozen=True)
class Line:
    """One school as a row."""

    school: School
    gaps: tuple[Missing, ...]
    today: str
    today_kind: str
    leads: str
    may_start: bool


def page(request: FirstbellRequest) -> HttpResponse:
    """Show which schools are live and ready, what the others lack, and what was recorded as an exception."""
    return _render(request)


@require_POST
def start(request: FirstbellRequest, site_id: int) -> HttpResponse:
    """Let a school go live; a refusal lists what is missing."""
    reason = request.POST.get("reason", "")
    try:
        site = go_live(site_id=site_id, reason=reason, by=request.actor, at=request.at, op=operation(request))
    except Refused as refusal:
        return _render(request, refusal.sentence, 422)
    messages.success(request, _("{site} is live.").format(site=site.name))
    return redirect("coverage")


def _render(request: FirstbellRequest, error: str = "", status: int = 200) -> HttpResponse:
    found = coverage(request.actor, plan(), request.at)
    lines = [_line(school, request.actor) for school in found.schools]
    context: dict[str, Any] = {
        "lines": sorted(lines, key=lambda line: (not line.gaps, -len(line.gaps), line.school.site.name)),
        "ready": found.ready,
        "live": found.live,
        "error": error,
        "all": len(found.schools),
        "boxes": _boxes(found),
        "undecided": found.schools[0].undecided if found.schools else (),
        "exceptions": [(row, ROLE_WORDS[Role(row.role)]) for row in found.exceptions],
        "early": [school.site for school in found.schools if school.site.live_reason],
        "stood_in": found.stood_in,
        "shared": found.shared,
        "unsupervised": found.unsupervised,
    }
    return render(request, "board/coverage.html", context, status=status)


def _boxes(found: Coverage) -> list[dict[str, Any]]:
    counts = [
        (_("Schools without an IT lead"), sum(not school.leads for school in found.schools)),
        (_("Open tickets that fall to nobody"), found.unowned),
        (_("Large schools without a full-time lead"), sum(school.short_of_staff for school in found.schools)),
        (_("Student helpers without a supervisor in office"), len(found.unsupervised)),
    ]
    return [{"label": label, "number": number} for label, number in counts]


def _line(school: School, by: Actor) -> Line:
    kind, said = _today(school)
    return Line(
        school=school,
        gaps=tuple(Missing(words.gap(gap), _cure(gap, by, school.site.pk)) for gap in school.gaps),
        today=said,
        today_kind=kind,
        leads=", ".join(_with_share(row) for row in school.leads),
        may_start=school.site.live_on is None and by.may(Permission.DECIDE, school.site.pk),
    )


def _with_share(row: RoleHeld) -> str:
    return (
        str(row.user) if row.share == 100 else _("{name} ({share} % of a week)").format(name=row.user, share=row.share)
    )


def _today(school: School) -> tuple[str, str]:
    answers = school.answers_today
    if answers is None:
        return "late", _("nobody: tickets go to district IT")
    if school.lead_away:
        return "soon", _("{name}, deputy: the lead is away").format(name=answers.user)
    if school.lead_elsewhere:
        return "soon", _("{name}, deputy: the lead is at another school").format(name=answers.user)
    if answers.deputy:
        return "soon", _("{name}, deputy").format(name=answers.user)
    return "fine", str(answers.user)


def _cure(gap: Gap, by: Actor, site_id: int) -> str:
    if gap not in CURED_BY:
        return ""
    name, needs = CURED_BY[gap]
    return reverse(name) if by.may(needs, site_id) else ""


def _sheet(asked: Asked) -> Sheet[School]:
    return Sheet(FIELDS, coverage(asked.by, plan(), asked.at).schools)


FIELDS: tuple[Field[School], ...] = (
    Field(gettext_lazy("School"), lambda school: school.site.name),
    Field(gettext_lazy("Enrolment"), lambda school: school.site.enrolment or "", Sort.NUMBER),
    Field(gettext_lazy("Leads"), lambda school: _names(school.leads)),
    Field(gettext_lazy("Percent of a week"), lambda school: school.share, Sort.NUMBER),
    Field(gettext_lazy("Hours present a week"), lambda school: school.hours_present, Sort.NUMBER),
    Field(gettext_lazy("Hours needed a week"), lambda school: school.hours_needed or "", Sort.NUMBER),
    Field(gettext_lazy("Deputies"), lambda school: _names(school.deputies)),
    Field(gettext_lazy("Answers today"), lambda school: _today(school)[1]),
    Field(gettext_lazy("Coaches"), lambda school: _names(school.coaches)),
    Field(gettext_lazy("Student helpers"), lambda school: school.helpers, Sort.NUMBER),
    Field(gettext_lazy("Loaners"), lambda school: school.loaners, Sort.NUMBER),
    Field(gettext_lazy("Unowned tickets"), lambda school: school.unowned, Sort.NUMBER),
    Field(gettext_lazy("Live since"), lambda school: school.site.live_on, Sort.DAY),
    Field(gettext_lazy("Still missing"), lambda school: ", ".join(words.gap(gap) for gap in school.gaps)),
)
LISTING = listing("coverage", gettext_lazy("Coverage"), "coverage", _sheet)


def _names(rows: tuple[RoleHeld, ...]) -> str:
    return ", ".join(str(row.user) for row in rows)
