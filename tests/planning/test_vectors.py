"""Reference cases without their answers come back with them; what can't be read is told in one sentence."""

import copy
from typing import Any

import pytest

from firstbell.planning.vectors import FAMILIES, WrongCase, answer
from tests.planning.cases import differences, stripped

CLOCK: dict[str, Any] = {
    "tz": "America/New_York",
    "open": "07:30",
    "close": "15:30",
    "weekdays": "Mon-Fri",
    "holidays": [],
    "cases": [{"opened": "2026-09-02T09:00:00-04:00"}],
}
FLEET = {"coords": [[0, 0], [1, 0], [0, 2]], "demands": [0, 1, 1], "capacity": 2, "vehicles": 1}
ROUNDS = {
    "coords_km": [[0, 0], [1, 0], [0, 2]],
    "freq": [1, 2],
    "days": 2,
    "patterns": {"1": [[0], [1]], "2": [[0, 1]]},
}


def test_the_vectors_without_answers_come_back_with_them(vectors: Any):
    asked = stripped(vectors)
    assert "ready" not in str(asked)
    found = answer(asked)
    assert differences(found, vectors) == []
    assert set(vectors) == set(FAMILIES)


def test_answers_that_stand_in_the_file_are_ignored():
    case = {"lam": 2, "T": 5, "S": 16, "ready": "nonsense", "ebo": None}
    assert answer({"palm_mginf": [case]})["palm_mginf"][0]["ready"] == pytest.approx(0.9512595967)
    assert list(answer({"palm_mginf": case})["palm_mginf"])[:5] == ["lam", "T", "S", "ready", "ebo"]


def test_the_comparison_can_fail(vectors: Any):
    for name, spoil in (("S_loss", 1), ("S_backorder", -1)):
        wrong = copy.deepcopy(vectors)
        wrong["min_pool"][3][name] += spoil
        assert differences(wrong, vectors) != []
    assert differences({"a": [1.0, 2.00001]}, {"a": [1.0, 2.0]}) == ["/a[1]: 2.00001 is not 2.0"]
    assert differences({"a": 1}, {"b": 1}) == [": ['a', 'b']"]


def test_a_queue_that_only_grows_has_no_wait():
    found = answer({"mmc": [{"lam": 10, "es": 1, "c": 3}], "mg1": [{"lam": 2, "es": 1, "scv": 1}]})
    assert found["mmc"][0]["Wq"] is found["mmc"][0]["C"] is found["mg1"][0]["Wq"] is None


def test_asked_due_times_targets_and_limits_are_the_ones_answered():
    clock = {**CLOCK, "cases": [{"opened": "2026-09-02T09:00:00-04:00", "open_8h": None, "school_days_1": None}]}
    due = answer({"sla_calendar": clock})["sla_calendar"]
    assert due["cases"][0]["open_8h"] == due["cases"][0]["school_days_1"] == "2026-09-03T09:00:00-04:00"
    assert "elapsed_48h" not in due["cases"][0]
    assert "pause" not in due
    pool = answer({"clustered_pool": [{"mean": 49.2, "vmr": 1.5, "S": {"0.95": 0}}]})
    assert pool["clustered_pool"][0]["S"] == {"0.95": 65}
    rounds = answer({"vrp": {"here": {**ROUNDS, "opt_by_max_stops": {"2": None}}}})["vrp"]["here"]
    assert rounds["opt_by_max_stops"] == {"2": pytest.approx(3 + 5**0.5 + 4)}
    assert list(answer({"vrp": {"here": ROUNDS}})["vrp"]["here"]["opt_by_max_stops"]) == ["2"]


def test_weeks_may_turn():
    weekend = answer({"sla_calendar": {**CLOCK, "weekdays": "Sat-Mon"}})["sla_calendar"]
    assert weekend["cases"][0]["school_days_2"] == "2026-09-07T07:30:00-04:00"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ([], "The file must hold an object"),
        ({"palmistry": []}, "There is no family 'palmistry'. Known families: palm_mginf, min_pool"),
        ({"palm_mginf": 3}, "palm_mginf must be an object with named values, not 3."),
        ({"palm_mginf": [{"lam": 1, "T": 1}]}, "palm_mginf, case 1: S is missing; it must be a whole number"),
        ({"palm_mginf": [{"lam": "1", "T": 1, "S": 1}]}, "palm_mginf, case 1: lam must be a number, not '1'."),
        ({"palm_mginf": [{"lam": True, "T": 1, "S": 1}]}, "lam must be a number, not True"),
        ({"palm_mginf": [{"lam": 1, "T": 1, "S": 1.5}]}, "S must be a whole number from 0 up, not 1.5."),
        ({"palm_mginf": [{"lam": -1, "T": 1, "S": 1}]}, "case 1: Rate, turnaround and loaners can't be below 0."),
        ({"palm_mginf": [{"lam": "x" * 60, "T": 1, "S": 1}]}, "..."),
        ({"palm_mginf": [{"lam": 1e7, "T": 1, "S": 1}]}, "A mean must lie between 0 and 1,000,000."),
        ({"min_pool": [{"mean": 1, "target": 1}]}, "A target must lie between 0 and 1."),
        ({"clustered_pool": [{"mean": 1, "vmr": 1, "S": {"most": 1}}]}, "such as 0.95, not 'most'"),
        ({"clustered_pool": [{"mean": 1, "vmr": 0.5}]}, "at least 1"),
        ({"compound_poisson": {"rate": 1, "cases": []}}, "severity is missing"),
        ({"compound_poisson": {"rate": 1, "severity": {"much": 1}, "cases": []}}, "a cost in dollars"),
        ({"compound_poisson": {"rate": 1, "severity": {"5": 0.5}, "cases": []}}, "add up to 1"),
        ({"compound_poisson": {"rate": 1, "severity": {"5": 1}, "cases": 4}}, "cases must be a list, not 4."),
        ({"sla_calendar": {**CLOCK, "tz": 5}}, "sla_calendar: tz must be a text, not 5."),
        ({"sla_calendar": {**CLOCK, "tz": "Mars/Base"}}, "tz must be a time zone such as America/New_York"),
        ({"sla_calendar": {**CLOCK, "open": "early"}}, "open must be a time of day such as 07:30"),
        ({"sla_calendar": {**CLOCK, "weekdays": "Mo"}}, "two days such as Mon-Fri"),
        ({"sla_calendar": {**CLOCK, "holidays": ["x"]}}, "a list of days such as 2026-09-07"),
        ({"sla_calendar": {**CLOCK, "cases": [{"opened": "2026-09-02T09:00:00"}]}}, "a moment with its offset"),
        ({"sla_calendar": {**CLOCK, "cases": [{"opened": "soon"}]}}, "cases 1: opened must be a moment such as"),
        (
            {"sla_calendar": {**CLOCK, "cases": [{**CLOCK["cases"][0], "school_days_999": 0}]}},
            "no school time for that",
        ),
        ({"vrp": {"m": {**FLEET, "demands": [0, 1]}}}, "vrp, m: demands must name a load for the depot"),
        ({"vrp": {"m": {**FLEET, "demands": [0, 1, -1]}}}, "demands must be a list of numbers from 0 up"),
        ({"vrp": {"m": {**FLEET, "capacity": 1}}}, "vrp, m: The vehicles can't carry everything."),
        ({"vrp": {"m": {**FLEET, "vehicles": 0}}}, "vrp, m: The vehicles can't carry everything."),
        ({"vrp": {"m": {**FLEET, "metric": "crow"}}}, "metric must be manhattan or euclidean"),
        ({"vrp": {"m": {**FLEET, "coords": [[0]]}}}, "coords must be made of pairs of numbers"),
        ({"vrp": {"m": {**FLEET, "coords": []}}}, "the depot first"),
        ({"vrp": {"m": {**FLEET, "coords": [[0, 0]] * 18, "demands": [0] * 18}}}, "at most 16 stops"),
        ({"vrp": {"m": {**ROUNDS, "freq": [1]}}}, "for each of the 2 stops"),
        ({"vrp": {"m": {**ROUNDS, "freq": [1, 3]}}}, "3 is missing"),
        ({"vrp": {"m": {**ROUNDS, "patterns": {"1": [[0]], "2": [[0, 2]]}}}}, "days from 0 to 1"),
        ({"vrp": {"m": {**ROUNDS, "opt_by_max_stops": {"few": 1}}}}, "named by numbers of stops"),
        ({"vrp": {"m": {**ROUNDS, "opt_by_max_stops": {"1": 1}}}}, "With 1 stops a day"),
    ],
)
def test_what_cant_be_read_is_told_with_its_place(asked, sentence):
    with pytest.raises(WrongCase) as wrong:
        answer(asked)
    assert sentence in str(wrong.value)


SIMULATED: dict[str, dict[str, Any]] = {
    "palm_mginf": {"lam": 0.002, "T": 2500, "S": 7},
    "erlang_b": {"a": 5, "c": 6},
    "mmc": {"lam": 30, "es": 1 / 12, "c": 4},
    "finite_source": {"M": 100, "S": 3, "techs": 1, "fail_rate": 0.005, "repair_rate": 1},
    "two_echelon": {"n": 4, "lam": 0.5, "T0": 3, "O": 2, "S0": 4, "Si": 2},
    "periodic_pickup": {"lam": 2, "interval": 2, "after_delay": 3, "S": 11},
}


@pytest.mark.parametrize("family", SIMULATED)
def test_the_simulation_s_interval_holds_the_exact_answer(family):
    found = answer({family: [SIMULATED[family]]}, runs=4)[family][0]
    assert found["simulated"]
    for name, interval in found["simulated"].items():
        assert interval["low"] <= found[name] <= interval["high"]
        assert (interval["runs"], interval["level"]) == (4, 0.99)


def test_what_cant_be_simulated_is_left_out_or_told():
    assert answer({"mmc": [{"lam": 10, "es": 1, "c": 3}]}, runs=2)["mmc"][0]["simulated"] == {}
    assert "simulated" not in answer({"claims_limit": [{"p": 0.1, "k": 1}]}, runs=2)["claims_limit"][0]
    with pytest.raises(WrongCase, match=r"erlang_b, case 1: .* at most 2,000 devices away"):
        answer({"erlang_b": [{"a": 5000, "c": 1}]}, runs=2)
    with pytest.raises(WrongCase, match="interval above 0"):
        answer({"periodic_pickup": [{"lam": 2, "interval": 0, "after_delay": 3, "S": 11}]}, runs=2)
