"""What may happen to requests and runs, and when a site is to be visited by itself. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.courier.models import PickupRequest, Run
from firstbell.decisions.queries import Plan
from firstbell.decisions.register import PICKUP_HOURS, PICKUP_NUMBER, PICKUP_RULE
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.schooltime import SchoolTime

R = PickupRequest.Reason
S = Run.Status
UNDER_WAY = (S.PLANNED, S.DRIVING)


@dataclass(frozen=True)
class Waiting:
    """What waits in the pick-up boxes of a site: how many, since when the oldest and the newest, of which kinds."""

    count: int
    oldest: datetime
    newest: datetime
    kinds: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Asked:
    """The open request of a site, as pages show it."""

    pk: int
    reason: str
    wanted_on: date
    asked_at: datetime

    @property
    def why(self) -> str:
        """Return why the site is to be visited, in words."""
        return str(R(self.reason).label)


@dataclass(frozen=True)
class Coming:
    """The next open stop at a site: when which van is there."""

    pk: int
    day: date
    van: int
    arrives_at: datetime | None


def why_now(
    waiting: Waiting, answers: Plan, school: SchoolTime, site_id: int, at: datetime
) -> PickupRequest.Reason | None:
    """Return why a site is to be visited by the rule of the plan; None while the rule asks for nobody (S64)."""
    rule = answers.says(PICKUP_RULE, site_id)
    if rule == "days":
        return R.DAY
    if rule != "threshold":
        return None
    if waiting.count >= answers.says(PICKUP_NUMBER, site_id):
        return R.NUMBER
    waited = school.seconds_between(waiting.oldest, at)
    return R.AGE if waited >= answers.says(PICKUP_HOURS, site_id) * 3600 else None


def check_open(request: PickupRequest) -> None:
    """A request that ended stays ended."""
    if request.ended_at is not None:
        raise Stale("request_ended", _("This request has ended meanwhile. Look again."))


def check_not_asked(request: PickupRequest | None) -> None:
    """A site asks once."""
    if request is not None:
        raise Refused("asked_already", _("The courier is asked for already."))


def check_planned(run: Run) -> None:
    """Only a planned run starts or is called off."""
    if run.status != S.PLANNED:
        raise Stale("run_not_planned", _("This run has started, or is over. Look again."))


def check_driving(run: Run) -> None:
    """Stops are settled while the run is under way."""
    if run.status != S.DRIVING:
        raise Stale("run_not_driving", _("This run is not under way. Start it first."))


def check_settled(still_open: int) -> None:
    """A run ends when every stop was visited or says why not."""
    if still_open:
        raise Refused("stops_open", _("There are stops still to come. Visit them, or say why it can't be done."))
