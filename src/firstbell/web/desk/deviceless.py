"""How long one person was without a working device this school year (S38), for those who may see measures."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from firstbell.decisions.queries import plan
from firstbell.decisions.register import DEVICELESS_MINUTES
from firstbell.directory.models import Person, Site
from firstbell.directory.queries import with_calendar
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.measures import headline
from firstbell.measures.reach import Reach
from firstbell.measures.without import spells_of
from firstbell.web.desk.clocks import said_minutes

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Deviceless:
    """Cases and time without a device since the school year began; ``now`` while they are without one."""

    since: datetime
    cases: int
    time: str
    longest: str
    now: bool


def deviceless(person: Person, by: Actor, at: datetime) -> Deviceless | None:
    """Return the figure of a person at a school in reach; None for those who may not see measures there."""
    if person.site_id is None or not by.may(Permission.SEE_MEASURES, person.site_id):
        return None
    reach = Reach(tuple(with_calendar(Site.objects.filter(pk=person.site_id))))
    school = reach.times[person.site_id]
    begun = datetime.combine(school.first_day, time(), school.zone).astimezone(UTC) if school.first_day else at - YEAR
    since = min(begun, at)
    cases = headline.told(reach, spells_of(person.pk, reach, since, at), plan([DEVICELESS_MINUTES.key]), at)
    minutes = sum(cases.seconds(spell, since, at) for spell in cases.spells) // 60
    return Deviceless(
        since=since,
        cases=len(cases.spells),
        time=said_minutes(minutes),
        longest=said_minutes(max((spell.minutes for spell in cases.spells), default=0)),
        now=any(spell.ongoing for spell in cases.spells),
    )
