"""What the plan says. Everything above asks here; nobody reads the table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q

from firstbell.decisions.models import Answer, Edition
from firstbell.decisions.register import QUESTIONS, Question

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """The answers in force, read once; a school's own answer goes before the district's."""

    answers: dict[tuple[str, int | None], Any]

    def says(self, question: Question[T], site_id: int | None = None) -> T:
        """Return the typed answer at a site, or the safe value while the question is undecided."""
        for scope in (site_id, None):
            if (question.key, scope) in self.answers:
                return question.read(self.answers[question.key, scope])
        return question.safe

    def decided(self, question: Question[Any], site_id: int | None = None) -> bool:
        """Say whether somebody has answered the question, for the site or the district."""
        return (question.key, site_id) in self.answers or (question.key, None) in self.answers

    def undecided(self, site_id: int | None = None) -> list[Question[Any]]:
        """Return the questions that nobody has answered yet."""
        return [question for question in QUESTIONS if not self.decided(question, site_id)]


def plan(keys: Iterable[str] | None = None) -> Plan:
    """Return the answers in force for the whole district and every school, in one query."""
    rows = Answer.objects.filter(until__isnull=True)
    if keys is not None:
        rows = rows.filter(key__in=list(keys))
    return Plan({(key, site): value for key, site, value in rows.values_list("key", "site_id", "value")})


def says(question: Question[T], site_id: int | None = None) -> T:
    """Return one answer, in one query."""
    scope = Q(site__isnull=True) | Q(site_id=site_id)
    rows = Answer.objects.filter(scope, key=question.key, until__isnull=True)
    return Plan({(question.key, site): value for site, value in rows.values_list("site_id", "value")}).says(
        question, site_id
    )


def earlier_answers(key: str) -> list[Answer]:
    """Return all answers a question ever had, newest first."""
    return list(Answer.objects.filter(key=key).select_related("site", "decided_by").order_by("-since", "-pk"))


def answers_in_force() -> list[Answer]:
    """Return every answer in force with who decided it, for the plan's overview."""
    return list(Answer.objects.filter(until__isnull=True).select_related("site", "decided_by"))


def latest_edition() -> Edition | None:
    """Return the plan as it was published last."""
    return Edition.objects.select_related("published_by").order_by("-number").first()


def editions() -> list[Edition]:
    """Return every published plan, newest first, without what it says."""
    rows = Edition.objects.select_related("published_by").order_by("-number")
    return list(rows.defer("answers", "undecided", "fees"))


def answers_as_codes() -> list[list[Any]]:
    """Return every answer in force as an edition keeps it: key, site, value; in one order."""
    rows = Answer.objects.filter(until__isnull=True).values_list("key", "site_id", "value")
    return sorted(([key, site, value] for key, site, value in rows), key=lambda row: (row[0], row[1] or 0))
