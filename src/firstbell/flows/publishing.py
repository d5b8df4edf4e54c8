"""Publishing the plan: what the system does today, kept as an edition that leadership signs (S15, S93)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from firstbell.decisions import rules
from firstbell.decisions.events import PlanPublished
from firstbell.decisions.models import Edition
from firstbell.decisions.queries import answers_as_codes, latest_edition, plan
from firstbell.directory.models import Site
from firstbell.directory.queries import roles_on
from firstbell.fees.queries import fees_as_codes, one_sided
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission, Role
from firstbell.ledger.actions import Op, record, verb


@verb
def publish_plan(*, statement: str, signed_as: str, by: Actor, at: datetime, op: Op) -> Edition:
    """Keep the plan as it is now under the next number.

    Raises Refused while a question that blocks going live is open, while fees treat students and staff unlike, while a
    school that is live has no lead, and when nothing has changed since the last edition.
    """
    by.require_everywhere(Permission.DECIDE)
    rules.check_words(statement, signed_as)
    undecided = plan().undecided()
    rules.check_decided(undecided)
    _check_alike(at)
    _check_led(at)
    latest = latest_edition()
    edition = Edition(
        number=latest.number + 1 if latest else 1,
        statement=statement.strip(),
        signed_as=signed_as.strip()[:120],
        published_at=at,
        published_by_id=by.user_id,
        undecided=sorted(question.key for question in undecided),
        **as_it_is(at),
    )
    _check_new(edition, latest)
    _keep(edition)
    record(PlanPublished(edition.number, len(undecided)), about=[edition], by=by, at=at, op=op)
    return edition


def as_it_is(at: datetime) -> dict[str, Any]:
    """Return what an edition of this moment would hold: answers and fee rows as codes."""
    return {"answers": answers_as_codes(), "fees": fees_as_codes(at.date())}


def _check_alike(at: datetime) -> None:
    if one_sided(at.date()):
        raise Refused(
            "one_sided", _("The fee policy treats students and staff unlike. Set the missing rows, if only to nothing.")
        )


def _check_led(at: datetime) -> None:
    led = roles_on(at.date()).filter(role=Role.IT_LEAD, site__isnull=False).values("site_id")
    live = Site.objects.filter(live_on__isnull=False, closed_on__isnull=True).exclude(pk__in=led)
    names = list(live.order_by("name").values_list("name", flat=True)[:5])
    if names:
        sentence = _("These schools are live and have no lead: {schools}. Name one before the plan is published.")
        raise Refused("no_lead", sentence, schools=", ".join(names))


def _check_new(edition: Edition, latest: Edition | None) -> None:
    told = ("statement", "signed_as", "answers", "fees")
    if latest and all(getattr(edition, name) == getattr(latest, name) for name in told):
        raise Refused("same_plan", _("Nothing has changed since edition {number}."), number=latest.number)


def _keep(edition: Edition) -> None:
    try:
        with transaction.atomic():
            edition.save(force_insert=True)
    except IntegrityError as error:
        raise Stale("published_meanwhile", _("Somebody has just published the plan. Look again first.")) from error
