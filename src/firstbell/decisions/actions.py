"""The verbs of the plan: decide, and withdraw a school's own answer."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from firstbell.decisions import events
from firstbell.decisions.models import Answer
from firstbell.decisions.register import BY_KEY, Question
from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code


@verb
def decide(
    *,
    key: str,
    value: Any,
    site_id: int | None = None,
    reason: str = "",
    alternatives: str = "",
    review_on: date | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Answer:
    """Answer a question of the plan, for the district or as one school's own answer. The earlier answer is kept."""
    by.require(Permission.DECIDE, site_id)
    question = _question(key)
    if site_id is not None and not question.per_school:
        raise Refused("district_only", _("This question has one answer for the whole district."))
    stored = as_json(question.read(value))
    if site_id is not None and not Site.objects.filter(pk=site_id).exists():
        raise Missing("Site")
    _close(key, site_id, at)
    answer = Answer(
        key=key,
        site_id=site_id,
        value=stored,
        reason=reason.strip(),
        alternatives=alternatives.strip(),
        decided_by_id=by.user_id,
        since=at,
        review_on=review_on,
    )
    _put_in_force(answer)
    record(events.Decided(Code(key), site_id, stored), about=[answer], by=by, at=at, op=op)
    return answer


@verb
def withdraw(*, key: str, site_id: int, by: Actor, at: datetime, op: Op) -> Answer | None:
    """Withdraw a school's own answer: the district's holds again."""
    by.require(Permission.DECIDE, site_id)
    _question(key)
    answer = _close(key, site_id, at)
    if answer:
        record(events.Withdrawn(Code(key), site_id), about=[answer], by=by, at=at, op=op)
    return answer


def _put_in_force(answer: Answer) -> None:
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError as error:
        raise Stale("decided_meanwhile", _("Somebody has just answered this question. Look again first.")) from error


def as_json(value: Any) -> Any:
    """Return a typed answer as it is stored."""
    return sorted(value) if isinstance(value, frozenset) else value


def _question(key: str) -> Question[Any]:
    if key not in BY_KEY:
        raise Missing("Question")
    return BY_KEY[key]


def _in_force(key: str, site_id: int | None) -> QuerySet[Answer]:
    rows = Answer.objects.filter(key=key, until__isnull=True)
    return rows.filter(site__isnull=True) if site_id is None else rows.filter(site_id=site_id)


def _close(key: str, site_id: int | None, at: datetime) -> Answer | None:
    answer = _in_force(key, site_id).select_for_update().first()
    if answer:
        answer.until = max(at, answer.since)
        answer.save(update_fields=["until"])
    return answer
