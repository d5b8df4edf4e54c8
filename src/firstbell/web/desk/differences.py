"""The differences of a count, each with its ways out, until it is certified."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.counts import rules
from firstbell.counts.actions import certify, escalate, resolve
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import differences_of, tally
from firstbell.directory.models import User
from firstbell.directory.queries import roles_on
from firstbell.flows.counting import put_where_found, report_missing
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission, Role
from firstbell.web.asking import act_of, whole
from firstbell.web.desk.counting import count_of, verdict
from firstbell.web.desk.counts import day_in
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

OPEN_FIRST = (Column("how", str), Column("pk", int))
BY_TAG = (Column("device__tag", str), Column("stranger", str), Column("pk", int))
PAGE = 50
ANSWERING = (Role.IT_LEAD, Role.SCHOOL_ADMIN, Role.DISTRICT_TECH, Role.DISTRICT_IT)
How = CountLine.How


@dataclass(frozen=True)
class Line:
    """One difference: what it is, and the ways out that are offered."""

    line: CountLine
    kind: str
    words: str
    ways: tuple[CountLine.How, ...]

    @property
    def tag(self) -> str:
        """The device's tag, or what was scanned when no device has it."""
        return self.line.device.tag if self.line.device else self.line.stranger

    @property
    def one_tap(self) -> list[tuple[str, str]]:
        """The ways out that need nothing else, with their words."""
        said = {How.REPORTED: _("Report it missing"), How.PUT: self._put, How.CARRIED: _("Carried back")}
        return [(how.value, str(said[how])) for how in self.ways if how in said]

    @property
    def _put(self) -> str:
        return _("Record it in {place}").format(place=self.line.seen_place)


def differences(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show what differs, open ones first."""
    return _show(request, count_of(request.actor, code))


def _show(request: FirstbellRequest, count: Count, refusal: Refused | None = None) -> HttpResponse:
    found, lines = _lines(count).page(request.GET.get("after", ""), PAGE)
    reconciling = count.status == Count.Status.RECONCILING
    may_resolve = reconciling and request.actor.may(Permission.COUNT, count.site_id)
    context: dict[str, Any] = {
        "count": count,
        "tally": tally(count),
        "lines": lines,
        "may_resolve": may_resolve,
        "may_certify": reconciling and request.actor.may(Permission.CERTIFY, count.site_id),
        "people": _answering(count, request) if may_resolve else (),
        "later": found.next_address(request.GET),
        "earlier": found.first_address(request.GET),
        "refusal": told(refusal),
    }
    return render(request, "desk/count_differences.html", context, status=status_of(refusal))


def _lines(count: Count) -> Lines[CountLine, Line]:
    return Lines(differences_of(count), OPEN_FIRST, lambda rows: [line_of(row) for row in rows])


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(count_of(asked.by, asked.about["code"])))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda row: row.tag),
    Field(gettext_lazy("Model"), lambda row: str(row.line.device.model) if row.line.device else ""),
    Field(gettext_lazy("Expected in"), lambda row: str(row.line.place or "")),
    Field(gettext_lazy("Seen in"), lambda row: str(row.line.seen_place or "")),
    Field(gettext_lazy("Seen"), lambda row: row.line.seen_at, Sort.MOMENT),
    Field(gettext_lazy("Difference"), lambda row: row.words),
    Field(gettext_lazy("Resolved"), lambda row: How(row.line.how).label if row.line.how else ""),
    Field(gettext_lazy("Reason"), lambda row: row.line.reason),
    Field(gettext_lazy("Ticket"), lambda row: row.line.ticket.code if row.line.ticket else ""),
)
LISTING = listing("count_differences", gettext_lazy("Differences"), "count_differences", _sheet)


def line_of(line: CountLine) -> Line:
    """Return a difference in words, with the ways out that are left."""
    kind, words = verdict(line)
    if line.expected and line.seen_at is not None:
        words = _("{words}, found in {seen}").format(words=words, seen=line.seen_place)
    return Line(line, "fine" if line.how else kind, words, () if line.how else rules.ways_out(line))


def _answering(count: Count, request: FirstbellRequest) -> QuerySet[User]:
    """Return who a difference can be handed to: those who answer for the school or the district."""
    held = roles_on(request.at.date()).filter(role__in=ANSWERING)
    there = held.filter(Q(site_id=count.site_id) | Q(site__isnull=True))
    return User.objects.filter(pk__in=there.values("user_id"), is_active=True).order_by("display_name")


@require_POST
def answer(request: FirstbellRequest, code: str, line_id: int) -> HttpResponse:
    """Resolve one difference, or hand it to somebody."""
    count = count_of(request.actor, code, Permission.COUNT)
    if not count.lines.filter(pk=line_id).exists():
        raise Missing("CountLine")
    refusal = attempt(lambda: _answer(request, line_id))
    if refusal:
        return _show(request, count, refusal)
    return HttpResponseRedirect(reverse("count_differences", args=[count.code]))


def _answer(request: FirstbellRequest, line_id: int) -> None:
    how, act = request.POST.get("how", ""), act_of(request) | {"line_id": line_id}
    reason = request.POST.get("reason", "")
    ways: dict[str, Callable[[], object]] = {
        How.PUT: lambda: put_where_found(**act),
        How.REPORTED: lambda: report_missing(**act),
        How.CARRIED: lambda: resolve(how=How.CARRIED, **act),
        How.FOUND: lambda: resolve(how=How.FOUND, reason=reason, **act),
        How.ESCALATED: lambda: escalate(
            user_id=whole(request.POST.get("user")) or 0,
            due_on=day_in(request.POST.get("due", "")),
            reason=reason,
            **act,
        ),
    }
    if how not in ways:
        raise Refused("no_way_out", _("This difference cannot be resolved like that."))
    ways[how]()


@require_POST
def certification(request: FirstbellRequest, code: str) -> HttpResponse:
    """Certify a count and show its certificate."""
    count = count_of(request.actor, code, Permission.CERTIFY)
    refusal = attempt(lambda: certify(count_id=count.pk, **act_of(request)))
    if refusal:
        return _show(request, count, refusal)
    messages.success(request, _("“{name}” is certified.").format(name=count.name))
    return HttpResponseRedirect(reverse("count_certificate", args=[count.code]))
