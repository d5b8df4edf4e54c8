"""The simulation meets the closed forms, in the order of operations.md 4.3. Seeds are fixed; bounds are statistical.

A time-average over D days has the standard error sqrt(m E[S] (1 + SCV) / D); four of them are allowed.
"""

import math
from datetime import date, datetime, time
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firstbell.kernel.schooltime import SchoolTime
from firstbell.planning.cycles import periodic_pickup, season
from firstbell.planning.echelons import two_echelons
from firstbell.planning.pools import erlang_b, loaner_pool
from firstbell.planning.queues import bench_queue, finite_source
from firstbell.planning.simulation.calendars import Calendar, moment_of
from firstbell.planning.simulation.results import Results
from firstbell.planning.simulation.simulate import Interval, replicate, simulate
from firstbell.planning.simulation.steady import steady

SEEDS = range(5)


def blocked(results: Results) -> float:
    return 1 - results.waits.ready


def holds(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


@pytest.mark.parametrize("scv", [1, 0, 4])
def test_1_palm(scv):
    district = steady(days=1100, rate=12.3, kit=60, repairs={"bench_hours": 96, "bench_scv": scv})
    truth = loaner_pool(rate=12.3, turnaround=4, loaners=60)
    found = simulate(district, seed=11, warm_up=100)
    assert abs(found.flow.mean_out - 49.2) < 4 * math.sqrt(49.2 * 4 * (1 + scv) / 1000)
    assert found.waits.ready == pytest.approx(truth.ready, abs=0.03)
    assert found.flow.mean_without == pytest.approx(truth.waiting, abs=0.1)


def test_1_palm_by_interval():
    district = steady(days=640, rate=2, kit=16, repairs={"bench_hours": 120})
    truth = loaner_pool(rate=2, turnaround=5, loaners=16)
    assert holds(replicate(district, blocked, seeds=SEEDS, warm_up=50, level=0.99), truth.blocked)
    without = replicate(district, lambda found: found.flow.mean_without, seeds=SEEDS, warm_up=50, level=0.99)
    assert holds(without, truth.waiting)


@pytest.mark.parametrize("scv", [1, 0])
def test_2_erlang_s_loss(scv):
    repairs = {"bench_hours": 120, "bench_scv": scv}
    district = steady(days=640, rate=2, kit=12, repairs=repairs, pool={"waits": False})
    # The shelf only loses to learners who were served; those turned away wait for their own device.
    assert holds(replicate(district, blocked, seeds=SEEDS, warm_up=50, level=0.99), erlang_b(10, 12))


def test_3_technicians_in_a_row():
    district = steady(days=190, rate=30, kit=40, repairs={"bench_hours": 2, "technicians": 3})
    truth = bench_queue(rate=30, work=1 / 12, technicians=3)
    found = replicate(district, lambda one: one.bench_wait_hours / 24, seeds=SEEDS, warm_up=40, level=0.99)
    assert truth.wait is not None
    assert holds(found, truth.wait)
    assert simulate(district, seed=1, warm_up=40).technicians_busy == pytest.approx(truth.load, abs=0.02)


def test_4_who_has_no_device_breaks_none():
    truth = finite_source(learners=40, spares=3, technicians=1, fail_rate=0.02, repair_rate=1)
    repairs = {"bench_hours": 24, "technicians": 1}
    district = steady(days=2050, rate=0.8, kit=3, learners=40, repairs=repairs, demand={"finite": True})
    without = replicate(district, lambda one: one.flow.mean_without, seeds=SEEDS, warm_up=50, level=0.99)
    assert holds(without, truth.without)
    endless = steady(days=2050, rate=0.8, kit=3, learners=40, repairs=repairs)
    assert fmean(simulate(endless, seed=seed, warm_up=50).flow.mean_without for seed in range(3)) > without.high


def test_5_kits_with_a_reserve():
    truth = two_echelons(schools=10, rate=0.5, repair_days=3, transport_days=2, reserve=15, kit=2)
    repairs, courier = {"bench_hours": 72}, {"days_out": 2}
    district = steady(
        days=550, rate=0.5, kit=2, schools=10, repairs=repairs, courier=courier, pool={"reserve": 15, "swap": True}
    )
    waiting = replicate(district, lambda one: one.flow.mean_without / 10, seeds=SEEDS, warm_up=50, level=0.99)
    assert holds(waiting, truth.waiting)
    assert holds(replicate(district, lambda one: one.waits.ready, seeds=SEEDS, warm_up=50, level=0.99), truth.ready)


def test_6_pick_ups_every_second_day():
    truth = periodic_pickup(rate=2, interval=2, after_days=4, loaners=16)
    courier = {"every": 2, "hour": 0, "days_in": 4}
    district = steady(days=1050, rate=2, kit=16, repairs={"bench_hours": 0}, courier=courier)
    assert holds(replicate(district, lambda one: one.waits.ready, seeds=SEEDS, warm_up=50, level=0.99), truth.ready)
    assert truth.ready < loaner_pool(rate=2, turnaround=5, loaners=16).ready


@pytest.mark.parametrize(("scv", "kind"), [(1, "exponential"), (0, "fixed")])
def test_7_season(scv, kind):
    days, period = 2040, 20
    swings = [12.3 + 6 * math.sin(2 * math.pi * (day + 0.5) / period) for day in range(days)]
    repairs = {"bench_hours": 96, "bench_scv": scv}
    district = steady(days=days, rate=12.3, kit=60, repairs=repairs, demand={"days": swings})
    truth = season(rate=12.3, swing=6, period=period, turnaround=4)
    swing, lag = getattr(truth, f"swing_{kind}"), getattr(truth, f"lag_{kind}")
    out = simulate(district, seed=5).daily_out
    for phase in range(0, period, 5):
        seen = fmean(out[day - 1] for day in range(40 + phase, days, period))
        assert seen == pytest.approx(truth.mean + swing * math.sin(2 * math.pi * (phase - lag) / period), abs=2.8)


def test_8_the_calendar(vectors: Any):
    family = vectors["sla_calendar"]
    hours = (time.fromisoformat(family["open"]), time.fromisoformat(family["close"]))
    closed = frozenset(date.fromisoformat(day) for day in family["holidays"])
    first, zone = date(2026, 3, 1), ZoneInfo(family["tz"])
    calendar = Calendar.of_school(SchoolTime(zone, dict.fromkeys(range(5), hours), closed), first, 400)
    for case in family["cases"]:
        opened, due = (datetime.fromisoformat(case[name]).astimezone(zone) for name in ("opened", "open_16h"))
        assert calendar.after(moment_of(opened, first), 16) == pytest.approx(moment_of(due, first), abs=1e-9)
    pause = {name: moment_of(datetime.fromisoformat(family["pause"][name]), first) for name in ("start", "end")}
    assert calendar.worked(pause["end"]) - calendar.worked(pause["start"]) == pytest.approx(19.5)
