"""What must hold in every run, whatever the district: nothing vanishes, Little's law, more loaners never hurt."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstbell.planning.errors import OutOfRange
from firstbell.planning.simulation.calendars import Calendar
from firstbell.planning.simulation.district import (
    Courier,
    Demand,
    District,
    Pool,
    Prices,
    Repairs,
    School,
    provenance,
)
from firstbell.planning.simulation.run import Run
from firstbell.planning.simulation.simulate import interval, replicate, simulate
from firstbell.planning.simulation.steady import FREE, steady
from tests.planning.districts import small

WORST = settings(max_examples=25, deadline=None)
shares = st.floats(0, 1)


@st.composite
def districts(draw):
    schools = [
        School(name=str(n), learners=draw(st.integers(5, 150)), kit=draw(st.integers(0, 6)), turn=n)
        for n in range(draw(st.integers(1, 3)))
    ]
    waits = draw(st.booleans())
    pool = Pool(
        reserve=draw(st.integers(0, 5)),
        waits=waits,
        swap=waits and draw(st.booleans()),
        kept_for_repairs=draw(st.integers(0, 2)),
    )
    demand = Demand(
        fault_rate=draw(st.floats(0, 3)),
        loss_rate=draw(st.floats(0, 0.5)),
        day_loans=draw(st.floats(0, 0.05)),
        hidden_share=draw(shares),
        recovered_share=draw(shares),
        finite=draw(st.booleans()),
    )
    repairs = Repairs(
        school_share=draw(shares),
        technicians=draw(st.sampled_from([None, 1, 2])),
        bench_hours=draw(st.sampled_from([0.0, 0.75, 6.0])),
        parts_share=draw(shares),
        vendor_share=draw(shares),
        vendor_success=draw(shares),
        beyond_repair=draw(shares),
    )
    courier = Courier(every=draw(st.integers(0, 5)), back_by_visit=draw(st.booleans()), days_out=draw(st.floats(0, 3)))
    return District(schools=schools, demand=demand, repairs=repairs, courier=courier, pool=pool)


@WORST
@given(districts(), st.integers(0, 5))
def test_devices_are_conserved_and_every_place_agrees_with_what_stands_there(district, seed):
    run = Run(district, seed)
    run.live(0, lambda _done, _days: None)
    census = run.tally.census
    assert sum(census.values()) == district.learners + district.loaners
    assert min(census.values()) >= 0
    assert census["in use"] == district.learners - sum(run.without)
    assert census["on shelves"] == sum(run.shelf)
    assert census["in reserve"] == run.reserve
    assert census["on the bench"] == run.busy
    assert census["waiting for the bench"] == len(run.queue)
    assert run.tally.out == len(run.open)
    assert run.tally.without == sum(run.without)
    if district.pool.waits:
        assert [len(queue) for queue in run.waiting] == run.without


@WORST
@given(districts(), st.integers(0, 5), st.sampled_from([0, 60]))
def test_little_s_law(district, seed, warm_up):
    found = simulate(district, seed=seed, warm_up=warm_up)
    assert found.flow.little_gap == pytest.approx(0, abs=1e-6)


def test_little_s_law_can_fail():
    found = simulate(small(), seed=1).flow
    assert abs(replace(found, days_away=found.days_away * 1.01).little_gap) > 1e-3


@WORST
@given(st.integers(0, 50), st.integers(0, 8), st.integers(0, 4), st.booleans())
def test_more_loaners_never_lower_readiness(seed, kit, more, swap):
    """With the same year for both (faults don't depend on who has a device)."""
    found = []
    for size in (kit, kit + more):
        schools = [School(name="Elm", learners=300, kit=size)]
        demand = Demand(finite=False, fault_rate=0.6)
        pool = Pool(swap=swap)
        found.append(simulate(small(schools=schools, demand=demand, pool=pool), seed=seed))
    few, many = found
    assert many.hours_without_per_100 <= few.hours_without_per_100 + 1e-9
    assert many.waits.learners == few.waits.learners
    assert many.day_loans.lent >= few.day_loans.lent
    assert many.waits.ready >= few.waits.ready


@WORST
@given(districts(), st.integers(0, 5))
def test_the_same_seed_gives_the_same_bytes(district, seed):
    assert simulate(district, seed=seed).as_bytes() == simulate(district, seed=seed).as_bytes()


def test_another_seed_gives_another_year():
    assert simulate(small(), seed=1).as_bytes() != simulate(small(), seed=2).as_bytes()
    assert json.loads(simulate(small(), seed=1).as_bytes())["seed"] == 1


def test_no_faults_cost_nothing():
    quiet = Demand(fault_rate=0, loss_rate=0, theft_rate=0, charger_loss_rate=0, day_loans=0)
    found = simulate(small(demand=quiet), seed=3)
    assert set(found.variable_costs.values()) == {0}
    assert found.cost > 0
    assert simulate(small(demand=quiet, prices=Prices(**FREE)), seed=3).cost == 0
    assert (found.hours_without_per_100, found.waits.ready, found.waits.mean, found.waits.median) == (0, 1, 0, 0)
    assert found.day_loans.turned_away == 0


def test_a_usual_year_has_usual_figures():
    found = simulate(small(), seed=7)
    reports = found.counts["faults"] + found.counts["losses"]
    assert 150 < reports < 280  # about 1,360 weighted learners x 0.15, and 1,100 x 0.031
    assert 0 < found.waits.ready < 1
    assert found.waits.median <= found.waits.p95 <= found.waits.longest
    assert found.technicians_busy is not None
    assert 0 < found.technicians_busy < 0.2
    assert found.found_at_collection > 0
    assert 5 < found.cost_per_device_year < 120
    assert 0 < found.stock_out_share < 1
    assert found.day_loans.asked == pytest.approx(0.01 * 1100 * 177, rel=0.1)


def test_a_reserve_helps_those_who_wait():
    alone = simulate(small(schools=[School(name="Elm", learners=900, kit=4)]), seed=4)
    helped = simulate(small(schools=[School(name="Elm", learners=900, kit=4)], pool=Pool(reserve=10)), seed=4)
    assert helped.hours_without_per_100 < alone.hours_without_per_100
    assert helped.census["in reserve"] + helped.census["to the depot"] > 0


def test_faster_couriers_help_too():
    weekly, daily = (simulate(small(courier=Courier(every=every)), seed=4) for every in (5, 1))
    assert daily.hours_without_per_100 < weekly.hours_without_per_100
    assert daily.fixed_costs["courier"] == pytest.approx(5 * weekly.fixed_costs["courier"])


def test_progress_is_told_day_by_day():
    told: list[tuple[int, int]] = []
    simulate(steady(days=5, rate=1, kit=1), seed=1, progress=lambda done, days: told.append((done, days)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_every_default_says_where_it_comes_from():
    rows = list(provenance())
    assert len(rows) > 50
    known = ("operations.md ", "assumed: ", "reference ", "see ")
    assert [row for row in rows if not row.source.startswith(known)] == []
    assert next(row for row in rows if row.name == "fault_rate").value == 0.15


ALWAYS = Calendar.always(3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: School(name="x", learners=0, kit=1), "A school needs a learner"),
        (lambda: School(name="x", learners=1, kit=1, turn=-1), "turn can't be below 0"),
        (lambda: Demand(hidden_share=2), "Shares must lie between 0 and 1"),
        (lambda: Demand(fault_rate=-1), "Rates can't be below 0"),
        (lambda: Demand(hidden_days=-1), "Times can't be below 0"),
        (lambda: Demand(school_days=0), "must have a day"),
        (lambda: Repairs(vendor_share=-0.1), "Shares must lie"),
        (lambda: Repairs(bench_hours=-1), "Times can't"),
        (lambda: Repairs(bench_scv=-1), "Spreads can't"),
        (lambda: Repairs(technicians=0), "There must be a technician"),
        (lambda: Courier(every=-1), "A courier's days"),
        (lambda: Courier(hour=24), "hour of day"),
        (lambda: Pool(reserve=-1), "A reserve can't"),
        (lambda: Pool(waits=False, swap=True), "A swap is owed"),
        (lambda: Prices(parts=-1), "Prices can't"),
        (lambda: small(schools=[School(name="x", learners=1, kit=1)], school_calendar=ALWAYS), "the same days"),
        (lambda: District(schools=[]), "needs a school"),
        (
            lambda: small(school_calendar=Calendar([(0, 0)]), depot_calendar=Calendar([(0, 0)])),
            "open on some day",
        ),
        (lambda: Calendar([]), "must hold a day"),
        (lambda: Calendar([(0.5, 0.4)]), "must open before it closes"),
        (lambda: simulate(small(), seed=1, warm_up=364), "warm-up must be shorter"),
        (lambda: replicate(small(), lambda one: one.cost, seeds=[1]), "two runs"),
    ],
)
def test_what_cant_be_is_refused(make, sentence):
    with pytest.raises(OutOfRange, match=sentence):
        make()


def test_an_interval_is_student_s():
    found = interval([1.0, 2.0, 3.0, 4.0])
    assert (found.mean, found.runs) == (2.5, 4)
    assert found.high - found.mean == pytest.approx(3.182446 * 1.2909944 / 2, rel=1e-6)
