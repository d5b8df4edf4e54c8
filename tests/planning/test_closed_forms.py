"""Closed forms against the tables of operations.md 4.2 that the vectors leave out, their limits and their refusals."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstbell.planning.chances import (
    at_least,
    below,
    mean_of,
    negative_binomial,
    poisson,
    thinned,
    together,
    variance_of,
)
from firstbell.planning.cycles import periodic_pickup, season
from firstbell.planning.echelons import best_split, two_echelons
from firstbell.planning.errors import OutOfRange
from firstbell.planning.pools import erlang_b, erlang_c, least_pool, least_pool_lost, loaner_pool
from firstbell.planning.queues import bench_queue, finite_source, one_technician
from firstbell.planning.reserves import Severity, breakeven_rate, covered_claims, reserve, reserve_with_uncertain_rate
from firstbell.planning.sampling import zero_defect_sample

DAMAGE = Severity({45: 0.6, 60: 0.25, 120: 0.1, 300: 0.05})


@pytest.mark.parametrize(
    ("fleet", "rate", "days", "ninety_five", "ninety_nine"),
    [
        (100, 0.08, 5, 2, 3),
        (606, 0.15, 7, 8, 10),
        (1_000, 0.40, 10, 32, 36),
        (33_000, 0.15, 20, 606, 623),
        (100_000, 0.15, 7, 642, 659),
        (100_000, 0.40, 10, 2_366, 2_399),
    ],
)
def test_pool_sizes_of_fleets(fleet, rate, days, ninety_five, ninety_nine):
    mean = fleet * rate * days / 175
    assert (least_pool(mean, 0.95), least_pool(mean, 0.99)) == (ninety_five, ninety_nine)


def test_least_pools_at_six_targets():
    targets = (0.90, 0.95, 0.98, 0.99, 0.995, 0.999)
    assert [least_pool(49.2, target) for target in targets] == [59, 62, 65, 67, 69, 73]
    assert [least_pool_lost(49.2, target) for target in targets] == [50, 55, 60, 63, 66, 70]
    assert [least_pool(49.2, target, ratio=3) for target in (0.90, 0.95, 0.99)] == [66, 71, 82]


def test_mean_wait_is_little_s():
    pool = loaner_pool(rate=12.3, turnaround=4, loaners=60)
    assert pool.mean_wait(12.3) == pytest.approx(0.217183 / 12.3, rel=1e-5)


@pytest.mark.parametrize(
    ("load", "servers", "lost"),
    [(1, 2, 0.2), (20, 30, 0.0084575), (100, 120, 0.00569005), (1000, 1000, 0.02481192), (8.108, 15, 0.00999963)],
)
def test_erlang_s_tables(load, servers, lost):
    assert erlang_b(load, servers) == pytest.approx(lost, abs=5e-9)
    assert erlang_c(1, 2) == pytest.approx(1 / 3)


def test_nothing_out_needs_one_loaner():
    empty = loaner_pool(rate=0, turnaround=4, loaners=0)
    assert (empty.mean_out, empty.ready, empty.waiting, empty.lost) == (0, 0, 0, 1)
    assert least_pool(0, 0.95) == 1
    assert least_pool_lost(0, 0.95) == 1
    assert least_pool(1, 1 - 1e-16) > 15


@settings(deadline=None)
@given(st.floats(0.01, 300), st.floats(1, 4), st.integers(0, 400))
def test_weights_are_chances_with_the_right_mean_and_variance(mean, ratio, limit):
    weights = negative_binomial(mean, ratio)
    assert math.fsum(weights) == pytest.approx(1, abs=1e-9)
    assert mean_of(weights) == pytest.approx(mean, rel=1e-6)
    assert variance_of(weights) == pytest.approx(mean * ratio, rel=1e-6)
    assert below(weights, limit) + at_least(weights, limit) == pytest.approx(1, abs=1e-9)


def test_thinning_and_adding_keep_the_mean():
    part = thinned(poisson(12), 0.25)
    assert mean_of(part) == pytest.approx(3)
    assert variance_of(part) == pytest.approx(3)  # a thinned Poisson count is one
    assert thinned(poisson(12), 1)[:20] == pytest.approx(poisson(12)[:20])
    assert mean_of(together(part, poisson(2))) == pytest.approx(5)


def test_best_split_of_forty():
    split = best_split(total=40, schools=10, rate=0.5, repair_days=3, transport_days=2)
    assert (split.reserve, split.kit) == (10, 3)
    assert split.waiting == pytest.approx(1.0251, abs=5e-5)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 20), st.floats(0.05, 1), st.floats(0.1, 5), st.floats(0, 4), st.integers(0, 20), st.integers(0, 5)
)
def test_metric_never_sees_more_waiting_than_there_is(schools, rate, repair, transport, central, kit):
    found = two_echelons(
        schools=schools, rate=rate, repair_days=repair, transport_days=transport, reserve=central, kit=kit
    )
    assert found.metric_waiting <= found.waiting + 1e-9
    assert found.mean_out == pytest.approx(rate * (transport + found.reserve_delay), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("loaners", "ready"), [(14, 0.850483), (18, 0.979737)])
def test_pickup_days(loaners, ready):
    found = periodic_pickup(rate=2, interval=2, after_days=4, loaners=loaners)
    assert found.ready == pytest.approx(ready, abs=5e-7)


def test_pickup_at_once_is_the_plain_pool():
    found = periodic_pickup(rate=2, interval=0, after_days=5, loaners=16)
    assert found.ready == loaner_pool(rate=2, turnaround=5, loaners=16).ready
    assert found.mean == found.peak == found.trough == 10


def test_a_season_of_no_time():
    found = season(rate=1, swing=1, period=20, turnaround=0)
    assert (found.mean, found.swing_exponential, found.lag_exponential, found.swing_fixed, found.lag_fixed) == (0,) * 5


@pytest.mark.parametrize(("technicians", "chance", "wait"), [(8, 0.681864, 0.0662), (9, 0.418103, 0.018749)])
def test_benches(technicians, chance, wait):
    found = bench_queue(rate=85.7, work=1 / 12, technicians=technicians)
    assert found.chance_to_wait == pytest.approx(chance, abs=5e-7)
    assert found.wait == pytest.approx(wait, abs=5e-7)


def test_one_technician_s_spread_costs_time():
    waits = [one_technician(rate=10, work=0.09, scv=scv) for scv in (0, 0.5, 1, 2)]
    assert waits == pytest.approx([0.405, 0.6075, 0.81, 1.215])


def test_one_fast_technician_beats_two_half_as_fast():
    slow = finite_source(learners=600, spares=12, technicians=2, fail_rate=0.0015, repair_rate=0.6)
    assert (slow.down, slow.without, slow.ready_at_failure) == pytest.approx((3.418659, 0.10317, 0.964461), abs=5e-7)
    fast = finite_source(learners=600, spares=12, technicians=1, fail_rate=0.0015, repair_rate=1.2)
    assert fast.without < slow.without


def test_a_large_finite_source_is_the_pool():
    found = finite_source(learners=200_000, spares=16, technicians=2_000, fail_rate=1e-5, repair_rate=0.2)
    pool = loaner_pool(rate=2, turnaround=5, loaners=16)
    assert found.ready_at_failure == pytest.approx(pool.ready, abs=1e-4)


def test_claims_of_uneven_learners():
    shares = [1 - covered_claims(rate=rate, limit=1, unevenness=0.5) / rate for rate in (0.15, 0.25, 0.43)]
    assert shares == pytest.approx([0.18, 0.27, 0.38], abs=0.006)
    assert covered_claims(rate=0.15, limit=0) == 0


@pytest.mark.parametrize(("devices", "each"), [(100, 18.35), (1_000, 15.37), (10_000, 14.98), (100_000, 14.95)])
def test_an_uncertain_rate_does_not_average_out(devices, each):
    found = reserve_with_uncertain_rate(devices=devices, rate=0.15, rate_cv=0.25, severity=DAMAGE)
    assert found / devices == pytest.approx(each, abs=0.006)


def test_a_reserve_in_odd_cents():
    found = reserve(devices=10, rate=0.1, severity=Severity({79.40: 0.5, 12.35: 0.5}))
    assert found.mean == pytest.approx(45.875)
    assert found.q95 in {158.8, 171.15}
    nobody = reserve(devices=0, rate=0.1, severity=DAMAGE)
    assert (nobody.mean, nobody.q95, nobody.q99) == (0, 0, 0)


@pytest.mark.parametrize(("cost", "rate"), [(79.4, 0.277), (95, 0.2316), (45, 0.489)])
def test_when_cover_pays(cost, rate):
    assert breakeven_rate(premium=22, cost=cost) == pytest.approx(rate, abs=5e-4)


@settings(deadline=None)
@given(st.floats(0.5, 0.999), st.floats(0.001, 0.5))
def test_the_sample_is_the_least_that_suffices(confidence, wrong):
    size = zero_defect_sample(confidence=confidence, most_wrong=wrong)
    assert (1 - wrong) ** size <= (1 - confidence) * (1 + 1e-6)
    assert (1 - wrong) ** (size - 1) > (1 - confidence) * (1 - 1e-6)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: poisson(-1),
        lambda: negative_binomial(1e6, 2),
        lambda: loaner_pool(rate=-1, turnaround=1, loaners=1),
        lambda: least_pool(1, 0),
        lambda: least_pool_lost(1, 1),
        lambda: least_pool_lost(-1, 0.5),
        lambda: erlang_b(-1, 1),
        lambda: two_echelons(schools=0, rate=1, repair_days=1, transport_days=1, reserve=1, kit=1),
        lambda: two_echelons(schools=1, rate=1, repair_days=1, transport_days=1, reserve=-1, kit=1),
        lambda: periodic_pickup(rate=0, interval=1, after_days=1, loaners=1),
        lambda: season(rate=-1, swing=1, period=1, turnaround=1),
        lambda: season(rate=1, swing=1, period=0, turnaround=1),
        lambda: bench_queue(rate=1, work=0, technicians=1),
        lambda: one_technician(rate=1, work=1, scv=-1),
        lambda: finite_source(learners=0, spares=0, technicians=1, fail_rate=1, repair_rate=1),
        lambda: finite_source(learners=1, spares=0, technicians=1, fail_rate=0, repair_rate=1),
        lambda: finite_source(learners=10**7, spares=0, technicians=1, fail_rate=1, repair_rate=1),
        lambda: covered_claims(rate=-1, limit=1),
        lambda: covered_claims(rate=1, limit=1, unevenness=0),
        lambda: breakeven_rate(premium=-1, cost=1),
        lambda: breakeven_rate(premium=1, cost=1, deductible=1),
        lambda: Severity({}),
        lambda: Severity({0: 1}),
        lambda: Severity({1: 1.5, 2: -0.5}),
        lambda: reserve(devices=-1, rate=1, severity=DAMAGE),
        lambda: reserve(devices=10, rate=1, severity=Severity({1.005: 1})),
        lambda: reserve(devices=10**7, rate=1, severity=Severity({79.43: 0.5, 45.01: 0.5})),
        lambda: reserve_with_uncertain_rate(devices=0, rate=1, rate_cv=0.1, severity=DAMAGE),
        lambda: zero_defect_sample(confidence=1, most_wrong=0.1),
    ],
)
def test_figures_outside_their_range_are_refused_in_a_sentence(ask):
    with pytest.raises(OutOfRange, match=r"^[A-Z].*\.$"):
        ask()
