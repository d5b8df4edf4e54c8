"""Who solved it, through which channel it came, and how soon somebody answered (S41, S47-S50, S58, S111-S112)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.db.models.functions import TruncMonth

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import CLASS_STOPPER_MINUTES
from firstbell.ledger.figures import tally
from firstbell.measures.clocks import ANSWER_MINUTES, TRIAGE_MINUTES
from firstbell.measures.headline import MEDIAN, percentile
from firstbell.measures.intervals import Ruler
from firstbell.measures.reach import Reach
from firstbell.tickets.events import SelfHelped
from firstbell.tickets.models import Phase, Ticket
from firstbell.tickets.rules import ENDED

SELF_HELP, TEAM, SCHOOL_IT, DISTRICT = range(4)
LEVELS = (SELF_HELP, TEAM, SCHOOL_IT, DISTRICT)


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as it counts: the highest level it reached, and school seconds until answer, triage and helper."""

    site_id: int
    channel: str
    level: int
    solved: bool
    class_stopper: bool
    family: bool
    answer: int | None
    triage: int | None
    arrival: int | None


@dataclass(frozen=True)
class Answers:
    """How soon somebody answered: number asked, answered, median minutes, and how many in time."""

    asked: int
    answered: int
    median: int | None
    in_time: int

    @property
    def share(self) -> float | None:
        """The share answered in time of all that were asked."""
        return self.in_time / self.asked if self.asked else None


@dataclass(frozen=True)
class Help:
    """Tickets of a period with what self-help solved before one was sent."""

    rows: tuple[Row, ...]
    self_helped: Counter[int]
    answers: Plan

    def solved(self, site_id: int | None = None) -> dict[int, int]:
        """Return how many were solved at each level, at a school or everywhere."""
        counts = Counter(min(row.level, DISTRICT) for row in self._at(site_id) if row.solved)
        helped = self.self_helped.total() if site_id is None else self.self_helped[site_id]
        return {level: helped if level == SELF_HELP else counts[level] for level in LEVELS}

    def _at(self, site_id: int | None) -> Iterable[Row]:
        return (row for row in self.rows if site_id is None or row.site_id == site_id)

    def by_channel(self) -> dict[str, list[Row]]:
        """Return the tickets by the channel they came through, most used first."""
        counts = Counter(row.channel for row in self.rows)
        return {name: [row for row in self.rows if row.channel == name] for name, _number in counts.most_common()}

    def answered(self, rows: Iterable[Row]) -> Answers:
        """Return how soon some tickets were answered by a person."""
        asked = list(rows)
        known = [row for row in asked if row.answer is not None]
        return Answers(
            asked=len(asked),
            answered=len(known),
            median=percentile([(row.answer or 0) // 60 for row in known], MEDIAN),
            in_time=sum((row.answer or 0) <= self._limit(row) * 60 for row in known),
        )

    def _limit(self, row: Row) -> int:
        return self.answers.says(CLASS_STOPPER_MINUTES, row.site_id) if row.class_stopper else ANSWER_MINUTES

    def arrived(self) -> dict[int, list[int]]:
        """Return the school minutes from each report to its being taken at the team's level, by school (S48)."""
        found: dict[int, list[int]] = defaultdict(list)
        for row in self.rows:
            if row.arrival is not None:
                found[row.site_id].append(row.arrival // 60)
        return found

    def triaged(self) -> Answers:
        """Return how soon triage led somewhere (S37)."""
        known = [row.triage for row in self.rows if row.triage is not None]
        in_time = sum(seconds <= TRIAGE_MINUTES * 60 for seconds in known)
        return Answers(len(self.rows), len(known), percentile([part // 60 for part in known], MEDIAN), in_time)


def help_given(reach: Reach, answers: Plan, since: datetime, until: datetime) -> Help:
    """Return the tickets opened in a period and what self-help solved, in two queries."""
    rows = Ticket.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, opened_at__gte=since, opened_at__lt=until, quarantined=False
    )
    on_it = Q(phases__level=TEAM, phases__status=Ticket.Status.IN_PROGRESS)
    found = rows.annotate(top=Max("phases__level"), taken=Min("phases__since", filter=on_it)).values_list(
        "site_id", "channel", "top", "status", "class_stopper", "reporter", "opened_at", "first_answer_at",
        "triaged_at", "taken",
    )  # fmt: skip
    rulers = {pk: Ruler(reach.times[pk], since, until) for pk in reach.ids}
    helped: Counter[int] = Counter()
    for (_kind, site_id), number in tally([SelfHelped.kind], ["site_id"], since, until).items():
        if site_id in rulers:
            helped[site_id] += number
    return Help(tuple(_row(row, rulers[row[0]]) for row in found.order_by()), helped, answers)


def _row(row: tuple[Any, ...], ruler: Ruler) -> Row:
    site_id, channel, top, status, stopper, reporter, opened, answered, triaged, taken = row
    return Row(
        site_id=site_id,
        channel=channel,
        level=top or 0,
        solved=status in ENDED,
        class_stopper=stopper,
        family=reporter == Ticket.Reporter.FAMILY,
        answer=ruler.seconds(opened, answered) if answered else None,
        triage=ruler.seconds(opened, triaged) if triaged else None,
        arrival=ruler.seconds(opened, taken) if taken else None,
    )


@dataclass(frozen=True)
class Month:
    """Tickets opened in a month and solved since: how many, and how many of them by the student team (S50)."""

    first: date
    solved: int
    team: int

    @property
    def share(self) -> float:
        """The team's share, from 0 to 1."""
        return self.team / self.solved


def by_month(reach: Reach, until: datetime, months: int = 6) -> list[Month]:
    """Return what the student team solved in the last months, oldest first, in one query. Empty months are left out."""
    first = until.astimezone(reach.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _number in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    reached = Phase.objects.filter(ticket=OuterRef("pk"))
    team = Exists(reached.filter(level=TEAM)) & ~Exists(reached.filter(level__gt=TEAM))
    rows = Ticket.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, opened_at__gte=first, opened_at__lt=until, quarantined=False, status__in=ENDED
    )
    counted = rows.annotate(by_team=team, month=TruncMonth("opened_at", tzinfo=reach.zone)).values("month")
    totals = counted.annotate(solved=Count("pk"), team=Count("pk", filter=Q(by_team=True))).order_by("month")
    return [Month(row["month"].date(), row["solved"], row["team"]) for row in totals]
