"""On which day a device is expected back. Pure; counted forward from now, so it is a forecast and never a clock."""

from dataclasses import dataclass
from datetime import date, datetime

from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.repairs.clocks import SCHOOL_DAYS, next_pickup_day
from firstbell.repairs.rules import Stage

TO_COLLECT = frozenset({Stage.AT_DESK, Stage.AWAITING_PICKUP})
ON_THE_BENCH = frozenset({Stage.RECEIVED, Stage.DIAGNOSED})
TO_REPAIR = TO_COLLECT | ON_THE_BENCH | {Stage.IN_TRANSIT}
TO_RETURN = TO_REPAIR | {Stage.REPAIRED, Stage.CHECKED}
KNOWN = TO_RETURN | {Stage.RETURNING}


@dataclass(frozen=True)
class Pace:
    """What the plan and the calendars say about how fast things go.

    Without ``pickup_days`` the courier comes when it is called: within two school days.
    """

    school: SchoolTime
    depot: SchoolTime
    pickup_days: frozenset[str]
    repair_days: int
    hand_back_days: int


def expected_day(stage: Stage, since: datetime, at: datetime, pace: Pace) -> date | None:
    """Return the local day by which the device is in its owner's hands; None where nobody can say.

    ``since`` is when the device came to where it is now.
    """
    if stage not in KNOWN:
        return None
    try:
        back = _back_at_school(stage, since, at, pace)
        return pace.school.after_days(back, pace.hand_back_days).astimezone(pace.school.zone).date()
    except ClosedForGood:
        return None


def _back_at_school(stage: Stage, since: datetime, at: datetime, pace: Pace) -> datetime:
    moment = at
    if stage in TO_COLLECT:
        moment = _courier(moment, pace)
    if stage in TO_REPAIR:
        begun = since if stage in ON_THE_BENCH else moment
        moment = max(at, pace.depot.after_days(begun, pace.repair_days))
    return _courier(moment, pace) if stage in TO_RETURN else moment


def _courier(at: datetime, pace: Pace) -> datetime:
    if not pace.pickup_days:
        return pace.school.after_days(at, SCHOOL_DAYS)
    day = next_pickup_day(pace.school, pace.pickup_days, at)
    span = pace.school.span_of(day) if day else None
    if span is None:
        raise ClosedForGood
    return max(at, span[0])
