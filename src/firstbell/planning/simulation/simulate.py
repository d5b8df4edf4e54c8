"""Simulate a district: once, or several times for an interval."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firstbell.planning.errors import require
from firstbell.planning.simulation.arrivals import Case
from firstbell.planning.simulation.district import District
from firstbell.planning.simulation.results import DayLoans, Flow, Results, waits_of
from firstbell.planning.simulation.run import Progress, Run
from firstbell.planning.special import student_quantile


def _silent(_done: int, _days: int) -> None:
    pass


def simulate(district: District, *, seed: int, warm_up: int = 0, progress: Progress = _silent) -> Results:
    """Live through the district's calendar and tell what happened after ``warm_up`` days.

    A district that begins a year with every device in order needs no warm-up; a comparison with a closed form needs at
    least ten mean turnarounds (operations.md 4.3).
    """
    days = district.school_calendar.days
    require(0 <= warm_up < days, "The warm-up must be shorter than the calendar.")
    run = Run(district, seed)
    run.live(warm_up, progress)
    _finish(run, float(days))
    return _results(run, seed, float(days - warm_up))


def _finish(run: Run, end: float) -> None:
    """Cut what is still going on at the end of the time measured."""
    tally = run.tally
    for case in run.open.values():
        tally.away(case.reported, end)
    for case in _without(run):
        tally.wait(case.without_since, end)
    for case in run.hidden.values():
        tally.hidden_hours += tally.open_hours(case.at, end)
    for school in range(len(run.shelf)):
        tally.shelf(school, max(run.shelf[school], 1), end)


def _without(run: Run) -> list[Case]:
    """Cases whose learner has no device: queued for a loaner, or waiting for their own."""
    return [case for queue in run.waiting for case in queue] + [case for case in run.open.values() if case.owed]


def _results(run: Run, seed: int, days: float) -> Results:
    tally, district = run.tally, run.district
    mean_out, mean_without = tally.means(run.engine.now)
    hundreds = district.learners / 100
    variable, fixed = _costs(run, days)
    counts = tally.counts
    return Results(
        seed=seed,
        days=days,
        learners=district.learners,
        hours_without_per_100=math.fsum(tally.waits) / hundreds,
        hidden_hours_per_100=tally.hidden_hours / hundreds,
        waits=waits_of(tally.waits, tally.at_once),
        day_loans=DayLoans(counts["day-loans asked"], counts["day-loans lent"], tally.day_loan_hours / hundreds),
        stock_outs=counts["stock-outs"],
        stock_out_share=_share(tally.empty_hours, len(run.shelf) * tally.open_hours(tally.since, run.engine.now)),
        flow=Flow(mean_out, mean_without, counts["cases"], tally.days_away, days),
        technicians_busy=_busy(run),
        bench_wait_hours=_share(tally.bench_waits, counts["begun at the bench"]),
        found_at_collection=len(run.hidden),
        counts=dict(sorted(counts.items())),
        census=tally.census,
        variable_costs=variable,
        fixed_costs=fixed,
        daily_out=tally.daily_out,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _busy(run: Run) -> float | None:
    technicians, tally = run.district.repairs.technicians, run.tally
    if technicians is None:
        return None
    calendar = run.district.depot_calendar
    return _share(tally.bench_hours, technicians * (calendar.worked(run.engine.now) - calendar.worked(tally.since)))


def _costs(run: Run, days: float) -> tuple[dict[str, float], dict[str, float]]:
    """Costs that grow with faults, and those that are there anyway, for the time measured; in dollars."""
    district, counts, prices = run.district, run.tally.counts, run.district.prices
    years = days / 365
    repaired = counts["repaired at the bench"] + counts["repaired at school"]
    variable = {
        "parts": repaired * prices.parts,
        "vendor": counts["repaired by vendor"] * prices.vendor_repair,
        "replacements": counts["bought"] * prices.device,
        "chargers": run.arrivals.chargers(years) * prices.charger,
    }
    open_days = sum(1 for day in district.school_calendar.open_days() if day >= run.tally.since)
    rounds = open_days / district.courier.every if district.courier.every else 0.0
    fixed = {
        "technicians": (district.repairs.technicians or 0) * prices.technician * years,
        "courier": rounds * len(district.schools) * prices.visit,
        "loaners": district.loaners * prices.device / prices.life_years * years,
    }
    return variable, fixed


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over independent runs with its two-sided confidence interval."""

    mean: float
    low: float
    high: float
    level: float
    runs: int


def replicate(
    district: District,
    figure: Callable[[Results], float],
    *,
    seeds: Sequence[int],
    warm_up: int = 0,
    level: float = 0.95,
) -> Interval:
    """Return a figure's mean and Student's interval over one run a seed; the same seeds make options comparable."""
    require(len(seeds) >= 2, "An interval needs two runs at least.")
    return interval([figure(simulate(district, seed=seed, warm_up=warm_up)) for seed in seeds], level=level)


def interval(values: Sequence[float], *, level: float = 0.95) -> Interval:
    """Return the mean of independent values with Student's interval."""
    mean = statistics.fmean(values)
    half = student_quantile(level, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, level, len(values))
