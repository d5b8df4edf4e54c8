"""What a cover pays: never above a limit, counted, a warning before the last, nothing when lapsed (S80-S82)."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.claims.engine import Conditions, Fault, Held, Used, Verdict, Why, judge, left_on, year_of
from firstbell.claims.queries import best

DAY = timedelta(days=1)
BEGIN = date(2026, 9, 1)
PLAN = Conditions(frozenset({"screen", "port"}), frozenset({"accidental"}), limit=200_00, year_limit=300_00, claims=2)
HELD = Held(BEGIN, date(2029, 9, 1))
DROP = Fault("screen", "accidental", date(2026, 10, 5), 150_00)


def test_it_pays_what_the_repair_costs_less_what_the_district_bears():
    assert judge(PLAN, HELD, DROP, []) == Verdict(Why.COVERED, 150_00)
    assert judge(replace(PLAN, deductible=20_00), HELD, DROP, []).pays == 130_00
    assert judge(PLAN, HELD, replace(DROP, cost=900_00), []).pays == 200_00


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"day": BEGIN - DAY}, Why.NOT_YET),
        ({"day": BEGIN}, Why.COVERED),
        ({"day": date(2029, 8, 31)}, Why.COVERED),
        ({"day": date(2029, 9, 1)}, Why.LAPSED),
        ({"code": "battery"}, Why.FAULT),
        ({"cause": "liquid"}, Why.CAUSE),
        ({"cost": 0}, Why.BELOW_DEDUCTIBLE),
    ],
)
def test_what_lies_outside_is_not_covered(change, why):
    assert judge(PLAN, HELD, replace(DROP, **change), []).why is why


def test_while_it_waits_it_pays_nothing():
    waiting = replace(PLAN, waiting_days=30)
    assert judge(waiting, HELD, replace(DROP, day=BEGIN + 29 * DAY), []).why is Why.WAITING
    assert judge(waiting, HELD, replace(DROP, day=BEGIN + 30 * DAY), []).covered


def test_it_warns_before_the_last_claim_of_a_year_and_then_pays_no_more():
    one, two = Used(BEGIN, 100_00), Used(BEGIN + DAY, 100_00)
    assert not judge(PLAN, HELD, DROP, []).last
    assert judge(PLAN, HELD, DROP, [one]).last
    assert judge(PLAN, HELD, DROP, [one, two]).why is Why.NO_CLAIMS_LEFT
    next_year = replace(DROP, day=date(2027, 9, 1))
    assert judge(PLAN, HELD, next_year, [one, two]) == Verdict(Why.COVERED, 150_00)


def test_the_limit_of_a_year_leaves_the_rest_and_then_nothing():
    plan = replace(PLAN, claims=None)
    assert judge(plan, HELD, DROP, [Used(BEGIN, 200_00)]).pays == 100_00
    assert judge(plan, HELD, DROP, [Used(BEGIN, 300_00)]).why is Why.NO_MONEY_LEFT
    assert left_on(plan, HELD, DROP.day, [Used(BEGIN, 200_00)]).cents == 100_00


def test_a_cover_that_names_no_fault_covers_nothing():
    assert judge(replace(PLAN, faults=frozenset()), HELD, DROP, []).why is Why.FAULT


@pytest.mark.parametrize("begun", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_years_of_cover_touch_and_hold_every_day(begun):
    day = begun
    while day < begun + 1500 * DAY:
        first, end = year_of(begun, day)
        assert first <= day < end
        assert year_of(begun, end)[0] == end
        day += 13 * DAY


# --- Any sequence --------------------------------------------------------------------------------------------------

cents = st.integers(0, 500_00)
maybe = st.none() | st.integers(1, 400_00)
conditions = st.builds(
    Conditions,
    faults=st.just(frozenset({"screen"})),
    causes=st.just(frozenset({"accidental"})),
    waiting_days=st.integers(0, 60),
    deductible=st.integers(0, 100_00),
    limit=maybe,
    year_limit=maybe,
    claims=st.none() | st.integers(1, 4),
)
helds = st.builds(Held, since=st.just(BEGIN), until=st.none() | st.dates(BEGIN + DAY, date(2029, 1, 1)))
faults = st.builds(
    Fault,
    code=st.sampled_from(["screen", "battery"]),
    cause=st.sampled_from(["accidental", "liquid"]),
    day=st.dates(BEGIN - 30 * DAY, date(2029, 6, 1)),
    cost=cents,
)


def _claimed(terms: Conditions, held: Held, happened: list[Fault]) -> list[tuple[Fault, Verdict, int]]:
    """Claim whatever is covered, in the order in which it comes; with the claims that were left before each."""
    used: list[Used] = []
    made = []
    for fault in happened:
        before = left_on(terms, held, fault.day, used).claims
        verdict = judge(terms, held, fault, used)
        if verdict.covered:
            used.append(Used(fault.day, verdict.pays))
            made.append((fault, verdict, before if before is not None else -1))
    return made


@given(conditions, helds, st.lists(faults, max_size=12))
def test_after_any_sequence_no_limit_is_passed(terms, held, happened):
    made = _claimed(terms, held, happened)
    for fault, verdict, before in made:
        assert 0 < verdict.pays <= fault.cost - terms.deductible
        assert terms.limit is None or verdict.pays <= terms.limit
        assert held.until is None or fault.day < held.until
        assert fault.day >= held.since + terms.waiting_days * DAY
        assert verdict.last is (before == 1)
        assert before != 0
    years: dict[date, list[int]] = {}
    for fault, verdict, _before in made:
        years.setdefault(year_of(held.since, fault.day)[0], []).append(verdict.pays)
    for paid in years.values():
        assert terms.year_limit is None or sum(paid) <= terms.year_limit
        assert terms.claims is None or len(paid) <= terms.claims


def test_the_property_can_fail():
    generous = replace(PLAN, claims=None, year_limit=None)
    made = _claimed(generous, HELD, [DROP, DROP, DROP])
    assert sum(verdict.pays for _fault, verdict, _before in made) > 300_00


def test_of_several_covers_none_that_does_not_pay_is_chosen():
    assert best([], DROP) is None


# --- The reference cases -------------------------------------------------------------------------------------------


def test_the_engine_counts_claims_as_the_reference_cases_do(vectors):
    """E min(N, k) of the planner's reference, with the engine deciding which of n incidents are paid."""
    for case in vectors["claims_limit"]:
        terms = Conditions(frozenset({"screen"}), frozenset({"accidental"}), claims=case["k"])
        expected, chance = 0.0, math.exp(-case["p"])
        for number in range(40):
            happened = [replace(DROP, day=BEGIN + n * DAY, cost=1) for n in range(number)]
            expected += chance * len(_claimed(terms, HELD, happened))
            chance *= case["p"] / (number + 1)
        assert expected == pytest.approx(case["covered"], abs=1e-9)
