"""One run: faults and day-loans meet loaners, couriers, benches and vendors."""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable

from firstbell.planning.simulation.arrivals import Arrivals, Case
from firstbell.planning.simulation.district import District
from firstbell.planning.simulation.engine import Engine
from firstbell.planning.simulation.tally import Tally

Progress = Callable[[int, int], None]
"""Called with the days done and all days."""


class Run:
    """The state of a district while it lives, and what happens in it. Methods are told who, when is the engine's."""

    def __init__(self, district: District, seed: int) -> None:
        self.district = district
        self.engine = Engine()
        self.arrivals = Arrivals(district, seed)
        self.tally = Tally(district.school_calendar, len(district.schools))
        schools = district.schools
        self.shelf = [school.kit for school in schools]
        self.reserve = district.pool.reserve
        self.waiting: list[deque[Case]] = [deque() for _ in schools]
        self.without = [0] * len(schools)
        self.borrowed = [0] * len(schools)
        self.orders: deque[int] = deque()
        """Schools that the reserve owes a device, oldest first."""
        self.queue: deque[tuple[float, Case]] = deque()
        self.busy = 0
        self.hidden: dict[int, Case] = {}
        self.open: dict[int, Case] = {}
        """Cases that are away, by identity."""
        self._visits = _visits(district)
        census = self.tally.census
        census["in use"], census["on shelves"], census["in reserve"] = district.learners, sum(self.shelf), self.reserve
        for school, left in enumerate(self.shelf):
            self.tally.shelf(school, left, 0.0)

    def live(self, warm_up: int, progress: Progress) -> None:
        """Live through the calendar; measuring begins after the warm-up."""
        days = self.district.school_calendar.days
        for day in range(days):
            if day == warm_up:
                self.tally.start(float(day))
            self._begin_day(day)
            self.engine.run(float(day + 1))
            self.tally.daily_out.append(self.tally.out)
            progress(day + 1, days)

    # --- Demand -------------------------------------------------------------------------------------------------

    def _begin_day(self, day: int) -> None:
        for case in self.arrivals.of_day(day):
            self.engine.at(case.at, self._happen, case)
        calendar = self.district.school_calendar
        if self.district.demand.day_loans and calendar.is_open(day):
            opens, closes = calendar.openings[day]
            self.engine.at(day + opens, self._lend_for_the_day, day + closes)

    def _lend_for_the_day(self, closing: float) -> None:
        kept = self.district.pool.kept_for_repairs
        later = self.district.school_calendar.after(closing, 0.25)
        for school in range(len(self.shelf)):
            prompt, late = self.arrivals.day_loans(school)
            asked, lent = prompt + late, min(prompt + late, max(0, self.shelf[school] - kept))
            self._count_day_loans(asked, lent, closing)
            if lent:
                late = min(late, lent)
                self._take(school, lent, "day-loans")
                self.engine.at(closing, self._end_day_loans, (school, lent - late))
                self.engine.at(later, self._end_day_loans, (school, late))

    def _count_day_loans(self, asked: int, lent: int, closing: float) -> None:
        tally = self.tally
        tally.counts["day-loans asked"] += asked
        tally.counts["day-loans lent"] += lent
        tally.day_loan_hours += (asked - lent) * tally.open_hours(self.engine.now, closing)

    def _end_day_loans(self, back: tuple[int, int]) -> None:
        school, devices = back
        for _ in range(devices):
            self._give(school, "day-loans")

    def _happen(self, case: Case) -> None:
        demand, school = self.district.demand, case.school
        missed = self.without[school] / self.district.schools[school].learners
        if demand.finite and case.in_use < missed:
            return
        self.tally.counts["losses" if case.missing else "faults"] += 1
        if not case.missing and case.hidden < demand.hidden_share:
            self.hidden[id(case)] = case
            shows = self.district.school_calendar.after(self.engine.now + case.shows, 0.1)
            self.engine.at(shows, self._show, case)
        else:
            self._report(case)

    def _show(self, case: Case) -> None:
        del self.hidden[id(case)]
        self.tally.hidden_hours += self.tally.open_hours(case.at, self.engine.now)
        self._report(case)

    # --- The learner --------------------------------------------------------------------------------------------

    def _report(self, case: Case) -> None:
        case.reported = self.engine.now
        self.open[id(case)] = case
        self.tally.step(case.reported, out=1)
        self.tally.move("in use", "missing" if case.missing else "handed in")
        if self.shelf[case.school]:
            self.tally.at_once += 1
            self._take(case.school, 1, "in use")
        else:
            self._leave_without(case)
        self._send(case)

    def _leave_without(self, case: Case) -> None:
        case.without_since = self.engine.now
        self.without[case.school] += 1
        self.tally.step(self.engine.now, without=1)
        if self.district.pool.waits:
            self.waiting[case.school].append(case)
        else:
            case.owed = True

    def _serve(self, case: Case) -> None:
        self.without[case.school] -= 1
        self.tally.step(self.engine.now, without=-1)
        self.tally.wait(case.without_since, self.engine.now)
        case.without_since = -1.0

    # --- Loaners ------------------------------------------------------------------------------------------------

    def _take(self, school: int, devices: int, place: str) -> None:
        self.shelf[school] -= devices
        self.tally.census["on shelves"] -= devices
        self.tally.census[place] += devices
        self.tally.shelf(school, self.shelf[school], self.engine.now)

    def _give(self, school: int, place: str) -> None:
        """A device is free at a school: for who waits longest, else back to the reserve, else the shelf."""
        if self.waiting[school]:
            self.tally.move(place, "in use")
            self._serve(self.waiting[school].popleft())
        elif self.borrowed[school] and self.shelf[school] >= self.district.schools[school].kit:
            self.borrowed[school] -= 1
            self.tally.move(place, "to the depot")
            self._travel(school, self._return_to_reserve, None)
        else:
            self.tally.move(place, "on shelves")
            self.shelf[school] += 1
            self.tally.shelf(school, self.shelf[school], self.engine.now)

    def _order(self, school: int) -> None:
        if self.reserve:
            self.reserve -= 1
            self._ship("in reserve", school)
        else:
            self.orders.append(school)

    def _return_to_reserve(self, _what: object) -> None:
        self._restock("to the depot")

    def _restock(self, place: str) -> None:
        """A device is free at the depot: for the oldest order that is still wanted, else for the reserve."""
        while self.orders:
            school = self.orders.popleft()
            if self.district.pool.swap or self.waiting[school]:
                self._ship(place, school)
                return
        self.tally.move(place, "in reserve")
        self.reserve += 1

    def _ship(self, place: str, school: int) -> None:
        self.tally.move(place, "to a school")
        if not self.district.pool.swap:
            self.borrowed[school] += 1
        self.engine.at(self._delivery(school), self._receive, school)

    def _receive(self, school: int) -> None:
        self._give(school, "to a school")

    # --- The device ---------------------------------------------------------------------------------------------

    def _send(self, case: Case) -> None:
        engine, repairs = self.engine, self.district.repairs
        if case.missing:
            found = case.fate < self.district.demand.recovered_share
            wait = case.away_days if found else self.district.demand.replacement_days
            engine.at(engine.now + wait, self._find if found else self._replace, case)
        elif case.fate < repairs.school_share:
            ready = self.district.school_calendar.after(engine.now, case.school_hours)
            engine.at(ready, self._finish_at_school, case)
        else:
            self._travel(case.school, self._reach_depot, case)
        self._make_good(case)

    def _make_good(self, case: Case) -> None:
        """Ask the reserve: for every device that goes away when devices are swapped, else for whoever waits."""
        pool = self.district.pool
        if pool.swap:
            owed = not case.missing and case.fate >= self.district.repairs.school_share
        else:
            owed = bool(pool.reserve) and pool.waits and case.without_since >= 0
        if owed:
            self._order(case.school)

    def _find(self, case: Case) -> None:
        self.tally.counts["found"] += 1
        self._end(case, "missing")

    def _replace(self, case: Case) -> None:
        self.tally.counts["bought"] += 1
        self._end(case, "missing")

    def _finish_at_school(self, case: Case) -> None:
        self.tally.counts["repaired at school"] += 1
        self._end(case, "handed in")

    def _travel(self, school: int, then: Callable[[Case], None] | Callable[[object], None], what: Case | None) -> None:
        leaves = self._visit(school)
        self.engine.at(leaves + self.district.courier.days_in, then, what)

    def _visit(self, school: int) -> float:
        if not self._visits:
            return self.engine.now
        visits = self._visits[self.district.schools[school].turn % len(self._visits)]
        place = bisect_left(visits, self.engine.now)
        return visits[place] if place < len(visits) else math.inf

    def _delivery(self, school: int) -> float:
        courier = self.district.courier
        return (self._visit(school) if courier.back_by_visit else self.engine.now) + courier.days_out

    def _reach_depot(self, case: Case) -> None:
        repairs = self.district.repairs
        self.tally.counts["at the depot"] += 1
        if case.fate < repairs.school_share + (1 - repairs.school_share) * repairs.vendor_share:
            self.tally.move("handed in", "at the vendor")
            self.engine.at(self.engine.now + case.away_days, self._back_from_vendor, case)
        elif case.part < repairs.parts_share:
            self.tally.move("handed in", "waiting for a part")
            self.engine.at(self.engine.now + repairs.parts_days, self._part_is_here, case)
        else:
            self._queue(case, "handed in")

    def _back_from_vendor(self, case: Case) -> None:
        self.tally.counts["repaired by vendor"] += 1
        if case.beyond >= self.district.repairs.vendor_success:
            self.tally.counts["bought"] += 1
        self._certify(case, "at the vendor")

    def _part_is_here(self, case: Case) -> None:
        self._queue(case, "waiting for a part")

    def _queue(self, case: Case, place: str) -> None:
        self.tally.move(place, "waiting for the bench")
        self.queue.append((self.engine.now, case))
        self._work()

    def _work(self) -> None:
        technicians, calendar = self.district.repairs.technicians, self.district.depot_calendar
        while self.queue and (technicians is None or self.busy < technicians):
            since, case = self.queue.popleft()
            self.busy += 1
            self.tally.move("waiting for the bench", "on the bench")
            begun = max(since, self.tally.since)
            self.tally.bench_waits += calendar.worked(self.engine.now) - calendar.worked(begun)
            self.tally.bench_hours += case.bench_hours
            self.tally.counts["begun at the bench"] += 1
            self.engine.at(calendar.after(self.engine.now, case.bench_hours), self._leave_bench, case)

    def _leave_bench(self, case: Case) -> None:
        self.busy -= 1
        beyond = case.beyond < self.district.repairs.beyond_repair
        self.tally.counts["bought" if beyond else "repaired at the bench"] += 1
        self._certify(case, "on the bench")
        self._work()

    def _certify(self, case: Case, place: str) -> None:
        """It works again (or its successor does): back to its school, or to the reserve when devices are swapped."""
        if self.district.pool.swap:
            self._close(case)
            self._restock(place)
        else:
            self.tally.move(place, "to a school")
            self.engine.at(self._delivery(case.school), self._come_back, case)

    def _come_back(self, case: Case) -> None:
        self._end(case, "to a school")

    def _end(self, case: Case, place: str) -> None:
        """It is at its school again; a learner who was promised this very device gets it."""
        self._close(case)
        if case.owed:
            self.tally.move(place, "in use")
            self._serve(case)
        else:
            self._give(case.school, place)

    def _close(self, case: Case) -> None:
        del self.open[id(case)]
        self.tally.step(self.engine.now, out=-1)
        self.tally.away(case.reported, self.engine.now)


def _visits(district: District) -> list[list[float]]:
    """Moments of the courier's visits for each turn of the round; nothing when devices travel at once."""
    every = district.courier.every
    days = [day + district.courier.hour / 24 for day in district.school_calendar.open_days()]
    return [days[turn::every] for turn in range(every)]
