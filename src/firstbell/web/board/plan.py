"""The plan as pages: every question with its answer, who gave it and why; undecided ones can't be overlooked."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.decisions.actions import decide, withdraw
from firstbell.decisions.models import Answer
from firstbell.decisions.queries import Plan, answers_in_force, earlier_answers, plan
from firstbell.decisions.register import BY_KEY, CHAPTERS, QUESTIONS, Question
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import new_operation, operation, whole
from firstbell.web.middleware import FirstbellRequest


@dataclass
class Row:
    """One question as the overview shows it."""

    question: Question[Any]
    answer: str
    decided: bool
    about: Answer | None
    overrides: int


@dataclass
class Chapter:
    """One chapter with its questions."""

    title: Any
    rows: list[Row] = field(default_factory=list)


def overview(request: FirstbellRequest) -> HttpResponse:
    """Show the whole plan by chapters, undecided questions first in each."""
    answers, current = plan(), answers_in_force()
    chapters = {key: Chapter(title) for key, title in CHAPTERS.items()}
    for question in QUESTIONS:
        chapters[question.chapter].rows.append(_row(question, answers, current))
    undecided = [question for question in QUESTIONS if not answers.decided(question)]
    context = {
        "chapters": [chapter for chapter in chapters.values() if chapter.rows],
        "undecided": undecided,
        "blocking": [question for question in undecided if question.blocks_go_live],
        "later": [question for question in undecided if not question.blocks_go_live],
    }
    return render(request, "board/plan.html", context)


def _row(question: Question[Any], answers: Plan, current: list[Answer]) -> Row:
    mine = [answer for answer in current if answer.key == question.key]
    return Row(
        question=question,
        answer=question.in_words(answers.says(question)),
        decided=answers.decided(question),
        about=next((answer for answer in mine if answer.site_id is None), None),
        overrides=sum(answer.site_id is not None for answer in mine),
    )


def _question(key: str) -> Question[Any]:
    if key not in BY_KEY:
        raise Missing("Question")
    return BY_KEY[key]


def _open_to(request: FirstbellRequest) -> list[Site]:
    return list(sites_of(request.actor, Permission.DECIDE).filter(kind=Site.Kind.SCHOOL))


def question_page(request: FirstbellRequest, key: str) -> HttpResponse:
    """Show one question: what it means, its options, its answers so far, and the form to decide it."""
    return _render(request, _question(key))


def _render(request: FirstbellRequest, question: Question[Any], error: str = "", status: int = 200) -> HttpResponse:
    history = earlier_answers(question.key)
    for answer in history:
        answer.words = question.in_words(question.read(answer.value))  # type: ignore[attr-defined]  # for the page
    context = {
        "question": question,
        "value": plan([question.key]).says(question),
        "decided": any(row.site_id is None and row.until is None for row in history),
        "safe": question.in_words(question.safe),
        "overrides": [row for row in history if row.site_id and row.until is None],
        "history": history,
        "schools": _open_to(request) if question.per_school else [],
        "may_decide": request.actor.may(Permission.DECIDE),
        "kind": _kind(question),
        "error": error,
        "op": new_operation(),
        "sent": request.POST,
    }
    return render(request, "board/question.html", context, status=status)


def _kind(question: Question[Any]) -> str:
    if isinstance(question.safe, bool):
        return "yes_no"
    if isinstance(question.safe, int):
        return "number"
    return "several" if isinstance(question.safe, frozenset) else "one"


def _review_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError as error:
        raise Refused("review_day", _("The review date is no day of the calendar.")) from error


@require_POST
def answer(request: FirstbellRequest, key: str) -> HttpResponse:
    """Answer a question, for the district or one school. A refusal is shown beside the form."""
    question = _question(key)
    value = request.POST.getlist("value") if _kind(question) == "several" else request.POST.get("value", "")
    try:
        decide(
            key=key,
            value=value,
            site_id=whole(request.POST.get("site")),
            reason=request.POST.get("reason", ""),
            alternatives=request.POST.get("alternatives", ""),
            review_on=_review_day(request.POST.get("review_on", "")),
            by=request.actor,
            at=request.at,
            op=operation(request),
        )
    except Refused as refusal:
        return _render(request, question, refusal.sentence, 422)
    return redirect("question", key=key)


@require_POST
def withdrawal(request: FirstbellRequest, key: str, site_id: int) -> HttpResponse:
    """Withdraw a school's own answer."""
    withdraw(key=_question(key).key, site_id=site_id, by=request.actor, at=request.at, op=operation(request))
    return redirect("question", key=key)
