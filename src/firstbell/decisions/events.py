"""What can be written in the ledger about decisions."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class Decided(Fact):
    """A question of the plan was answered, for the district or for one school."""

    kind = "decisions.decided"
    sentence = _("The plan now says {value} for “{decision}” ({site})")
    decision: Code
    site_id: int | None
    value: Code | list[Code] | int | bool


@dataclass(frozen=True)
class Withdrawn(Fact):
    """A school's own answer was withdrawn; the district's holds again."""

    kind = "decisions.withdrawn"
    sentence = _("The answer of {site} to “{decision}” was withdrawn")
    decision: Code
    site_id: int | None


@dataclass(frozen=True)
class PlanPublished(Fact):
    """The plan was published as it was."""

    kind = "decisions.plan_published"
    sentence = _("The plan was published: edition {edition}")
    edition: int
    undecided: int
