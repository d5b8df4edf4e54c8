"""What is counted while a run goes on: where devices are, how long, how much."""

from collections import Counter

from firstbell.planning.simulation.calendars import Calendar

PLACES = (
    "in use",
    "on shelves",
    "in reserve",
    "day-loans",
    "handed in",
    "to the depot",
    "waiting for a part",
    "waiting for the bench",
    "on the bench",
    "at the vendor",
    "to a school",
    "missing",
)


class Tally:
    """Counts and sums of the time since the warm-up."""

    def __init__(self, hours: Calendar, schools: int) -> None:
        self.hours = hours
        self.census = dict.fromkeys(PLACES, 0)
        self.out = 0
        self.without = 0
        self.empty_since = [-1.0] * schools
        """Open hours on the calendar when a school's last loaner left; below 0 while it has one."""
        self.daily_out: list[int] = []
        self.start(0.0)

    def start(self, now: float) -> None:
        """Forget what was measured: the warm-up is over."""
        self.since = self._changed = now
        self._out_days = self._without_days = 0.0
        self.counts: Counter[str] = Counter()
        self.waits: list[float] = []
        self.at_once = 0
        self.days_away = self.hidden_hours = self.empty_hours = 0.0
        self.day_loan_hours = self.bench_hours = self.bench_waits = 0.0

    def move(self, place: str, other: str) -> None:
        """A device goes from one place to another."""
        self.census[place] -= 1
        self.census[other] += 1

    def step(self, now: float, *, out: int = 0, without: int = 0) -> None:
        """Devices go away or come back, learners lose or get one."""
        length = now - self._changed
        self._out_days += self.out * length
        self._without_days += self.without * length
        self._changed = now
        self.out += out
        self.without += without

    def means(self, now: float) -> tuple[float, float]:
        """Return how many were away and how many learners without, on average over time."""
        self.step(now)
        length = now - self.since
        return self._out_days / length, self._without_days / length

    def away(self, since: float, now: float) -> None:
        """A case ends: add its days since the warm-up."""
        self.days_away += now - max(since, self.since)
        self.counts["cases"] += 1

    def wait(self, since: float, now: float) -> None:
        """A learner has a device again after going without."""
        self.waits.append(self.open_hours(since, now))

    def open_hours(self, since: float, now: float) -> float:
        """School hours between two moments, cut to the time measured."""
        return self.hours.worked(now) - self.hours.worked(max(since, self.since))

    def shelf(self, school: int, left: int, now: float) -> None:
        """A school's shelf has changed."""
        empty = self.empty_since[school]
        if left == 0 and empty < 0:
            self.empty_since[school] = self.hours.worked(now)
            self.counts["stock-outs"] += 1
        elif left > 0 and empty >= 0:
            self.empty_hours += self.hours.worked(now) - max(empty, self.hours.worked(self.since))
            self.empty_since[school] = -1.0
