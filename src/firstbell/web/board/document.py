"""The plan as a document: what the system does today, what was published, what changed in between."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from firstbell.connectors.papers import marks, typeset
from firstbell.decisions.models import Edition
from firstbell.decisions.queries import editions, latest_edition, plan
from firstbell.decisions.register import BY_KEY
from firstbell.decisions.rules import Change, changes
from firstbell.directory.models import Calendar, RoleHeld, Site
from firstbell.directory.queries import roles_on
from firstbell.flows.publishing import publish_plan
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission, Role
from firstbell.measures.clocks import Reading, shares
from firstbell.measures.reach import reach_of
from firstbell.measures.repairs import clocks_begun
from firstbell.measures.trips import trips
from firstbell.web.asking import act_of, new_operation
from firstbell.web.board import words
from firstbell.web.desk.case_clocks import name_of_clock
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper
from firstbell.web.plan_words import (
    Chapter,
    Content,
    Line,
    answer_said,
    chapters_of,
    fee_amount,
    fee_case,
    now_in_force,
)
from firstbell.web.refusing import attempt, status_of, told

LATELY = timedelta(weeks=4)
"""How far back the document says what happened."""


def said_changes(before: Content, after: Content) -> list[Line]:
    """Return what differs between two plans in words."""
    names = dict(Site.objects.values_list("pk", "name"))
    return [_said_change(change, names) for change in changes(before.keyed, after.keyed)]


def _said_change(change: Change, names: dict[int, str]) -> Line:
    if change.key[0] == "fee":
        before, after = (fee_amount(row) if row else _("no row") for row in (change.before, change.after))
        return Line(fee_case(change.after or change.before), after, _("before: {what}").format(what=before))
    _kind, key, site = change.key
    question = BY_KEY.get(key)
    if question is None:
        return Line(key, _("asked no more"))
    title = f"{question.title} ({names.get(site, _('a school'))})" if site else str(question.title)
    none = _("the district's answer") if site else _("not decided")
    before, after = (
        answer_said(question, value) if value is not None else none for value in (change.before, change.after)
    )
    return Line(title, after, _("before: {what}").format(what=before))


# --- What else belongs to it, as it is today ----------------------------------------------------------------------


def contacts(at: datetime) -> Chapter:
    """Return who answers for each school."""
    leads = roles_on(at.date()).filter(role=Role.IT_LEAD, site__isnull=False, user__is_active=True)
    found: dict[str, list[RoleHeld]] = {}
    for row in leads.select_related("user", "site").order_by("site__name", "deputy", "-share", "pk"):
        found.setdefault(str(row.site), []).append(row)
    return Chapter(_("Who answers for each school"), [_contact(name, rows) for name, rows in found.items()])


def _contact(name: str, rows: list[RoleHeld]) -> Line:
    first, deputies = (", ".join(str(row.user) for row in rows if row.deputy is side) for side in (False, True))
    return Line(name, first or "–", _("deputy: {who}").format(who=deputies) if deputies else "")


def school_year() -> Chapter:
    """Return the calendars by which every clock runs."""
    rows = Calendar.objects.prefetch_related("holidays").order_by("name")
    return Chapter(_("School year"), [_year_line(row) for row in rows])


def _year_line(row: Calendar) -> Line:
    first, last = (date_format(day, "DATE_FORMAT") if day else "…" for day in (row.first_day, row.last_day))
    days_off = row.holidays.all()
    off = ngettext("{n} day off", "{n} days off", len(days_off)).format(n=len(days_off))
    return Line(row.name, f"{first} – {last}", off)


def what_happened(by: Actor, at: datetime) -> Chapter:
    """Return how often each step was in time lately, as far as the reader sees figures."""
    reach = reach_of(by)
    since = at - LATELY
    begun = clocks_begun(trips(reach, since, at), Reading(at, plan(), reach.times), since, at)
    kept = shares((clock for _trip, clock in begun), lambda clock: clock.kind)
    lines = [
        Line(name_of_clock(kind), words.share(share.share), _late(share.late)) for kind, share in sorted(kept.items())
    ]
    return Chapter(_("What happened in the last four weeks"), lines)


def _late(number: int) -> str:
    return ngettext("{n} late", "{n} late", number).format(n=number)


# --- Pages -------------------------------------------------------------------------------------------------------


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the plan as it is today, and what changed since it was published."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    latest, now = latest_edition(), now_in_force(request.at)
    figures = request.actor.may(Permission.SEE_MEASURES)
    about = [contacts(request.at), school_year(), *([what_happened(request.actor, request.at)] if figures else [])]
    context: dict[str, Any] = {
        "latest": latest,
        "editions": editions(),
        "chapters": [*chapters_of(now), *about],
        "changes": said_changes(_content(latest), now) if latest else [],
        "may_publish": request.actor.sites(Permission.DECIDE) is None,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "board/document.html", context, status=status_of(refusal))


def _content(edition: Edition) -> Content:
    return Content.of(edition.answers, edition.fees)


@require_POST
def publish(request: FirstbellRequest) -> HttpResponse:
    """Publish the plan as it is."""
    made: list[Edition] = []
    sent = request.POST
    refusal = attempt(
        lambda: made.append(
            publish_plan(statement=sent.get("statement", ""), signed_as=sent.get("signed_as", ""), **act_of(request))
        )
    )
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Edition {number} is published.").format(number=made[0].number))
    return redirect("edition", number=made[0].number)


def _edition(number: int) -> Edition:
    found = Edition.objects.select_related("published_by").filter(number=number).first()
    if found is None:
        raise Missing("Edition")
    return found


def edition_page(request: FirstbellRequest, number: int) -> HttpResponse:
    """Show the plan as it was published, and how it differs from the edition before."""
    edition = _edition(number)
    earlier = Edition.objects.filter(number=number - 1).first()
    context = {
        "edition": edition,
        "earlier": earlier,
        "chapters": chapters_of(_content(edition)),
        "changes": said_changes(_content(earlier), _content(edition)) if earlier else [],
    }
    return render(request, "board/edition.html", context)


def edition_pdf(request: FirstbellRequest, number: int) -> HttpResponse:
    """Print an edition, with two lines to sign."""
    edition = _edition(number)
    address = request.build_absolute_uri(reverse("edition", args=[number]))
    return paper(typeset.pdf("plan", plan_values(edition, address)), f"plan-{number}")


def plan_values(edition: Edition, address: str) -> dict[str, Any]:
    """Return what the template of a plan reads."""
    return {
        "title": _("Support plan, edition {number}").format(number=edition.number),
        "head": _("Support plan"),
        "about": [_("Edition {number}").format(number=edition.number), _day(edition.published_at.date())],
        "qr": marks.square(address),
        "statement": edition.statement,
        "signed": edition.signed_as,
        "chapters": [
            {"title": chapter.title, "rows": [[line.label, line.value, line.note] for line in chapter.lines]}
            for chapter in chapters_of(_content(edition))
        ],
        "signs": [_("For the district, date"), _("For the schools, date")],
    }


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
