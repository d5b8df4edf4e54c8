"""What a plan says, in words: of an edition or of this moment, for its document and for families."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from firstbell.decisions.register import CHAPTERS, FEES, QUESTIONS, Question
from firstbell.decisions.rules import Key
from firstbell.directory.models import Site
from firstbell.fees.models import Cover, FeePolicy
from firstbell.flows.publishing import as_it_is
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money
from firstbell.web.money import cause_said


@dataclass(frozen=True)
class Line:
    """One line of a chapter: what it is about, what holds, and what else is to be said."""

    label: str
    value: str
    note: str = ""


@dataclass
class Chapter:
    """One chapter of the document."""

    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Content:
    """What a plan says, as codes: of an edition, or of this moment."""

    answers: dict[tuple[str, int | None], Any]
    fees: list[dict[str, Any]]

    @classmethod
    def of(cls, answers: Iterable[Any], fees: list[dict[str, Any]]) -> "Content":
        """Return what the lists of an edition hold."""
        return cls({(key, site): value for key, site, value in answers}, fees)

    @property
    def keyed(self) -> dict[Key, Any]:
        """Return everything under keys that can be compared with another plan's."""
        rows = {("fee", row["cause"], row["holder_kind"], row["cover"], row["occurrence"]): row for row in self.fees}
        return {("answer", *key): value for key, value in self.answers.items()} | rows


def now_in_force(at: datetime) -> Content:
    """Return what the plan says at this moment."""
    found = as_it_is(at)
    return Content.of(found["answers"], found["fees"])


# --- Words -------------------------------------------------------------------------------------------------------


def chapters_of(content: Content) -> list[Chapter]:
    """Return the decisions and the fees of a plan in words, in the order of the journey."""
    names = dict(Site.objects.values_list("pk", "name"))
    found = [Chapter(str(title), list(_decided(key, content, names))) for key, title in CHAPTERS.items()]
    found.append(Chapter(_("Fee schedule"), list(fee_lines(content))))
    return [chapter for chapter in found if chapter.lines]


def _decided(chapter: str, content: Content, names: dict[int, str]) -> Iterator[Line]:
    for question in QUESTIONS:
        if question.chapter == chapter:
            yield _district_line(question, content)
            for (key, site), value in content.answers.items():
                if key == question.key and site is not None:
                    yield Line(names.get(site, _("a school")), answer_said(question, value))


def _district_line(question: Question[Any], content: Content) -> Line:
    if (question.key, None) in content.answers:
        return Line(str(question.title), answer_said(question, content.answers[question.key, None]))
    return Line(str(question.title), question.in_words(question.safe), _("not decided yet: the safe answer holds"))


def answer_said(question: Question[Any], value: Any) -> str:
    """Return a stored answer in words; one that is offered no more as it was written."""
    try:
        return question.in_words(question.read(value))
    except Refused:
        return str(value)


def fee_lines(content: Content, holder: str = "") -> Iterator[Line]:
    """Return what is asked, of one kind of holder or of both; one line says so when nothing ever is."""
    if content.answers.get((FEES.key, None), FEES.safe) != "policy":
        yield Line(_("Fees"), _("The district asks for no fees."))
        return
    for row in content.fees:
        if not holder or row["holder_kind"] == holder:
            yield Line(fee_case(row, with_holder=not holder), fee_amount(row))


def fee_case(row: dict[str, Any], *, with_holder: bool = True) -> str:
    parts = [capfirst(cause_said(row["cause"])), str(Cover(row["cover"]).label)]
    if with_holder:
        parts.insert(1, str(FeePolicy.Holder(row["holder_kind"]).label))
    if row["occurrence"] > 1:
        parts.append(_("number {n} and later within a year").format(n=row["occurrence"]))
    return " · ".join(parts)


def fee_amount(row: dict[str, Any]) -> str:
    if not row["amount_cents"]:
        return _("nothing")
    cap = row["year_cap_cents"]
    if cap is None:
        return str(Money(row["amount_cents"]))
    return _("{amount}, at most {cap} in a year").format(amount=Money(row["amount_cents"]), cap=Money(cap))
