"""Rates learned from history carry honest bands, and a held-out term falls into its interval as often as it should."""

from random import Random

import pytest

from firstbell.planning.backtest import back_test, foretell
from firstbell.planning.calibration import ELSEWHERE, Observation, calibrate, month_index, rate_of, share
from firstbell.planning.errors import OutOfRange
from firstbell.planning.simulation.draws import draw_count

AUTUMN, SPRING = [(2025, month) for month in (8, 9, 10, 11, 12)], [(2026, month) for month in (1, 2, 3, 4, 5)]


def history(months, *, rate, devices, chance):
    exposure = devices / 10
    return [Observation(year, month, draw_count(chance, rate * exposure), exposure) for year, month in months]


def test_without_history_the_belief_is_other_districts():
    known = calibrate([])
    assert known.rate == ELSEWHERE
    assert (known.observed, dict(known.months)) == (0, {})
    band = known.rate.band()
    assert band.value == pytest.approx(0.15)
    assert 0.04 < band.low < 0.08
    assert 0.25 < band.high < 0.35


def test_history_takes_over_and_the_band_narrows():
    seen = [Observation(2025, 9, 300, 1000.0), Observation(2025, 10, 260, 1000.0)]
    band = calibrate(seen).rate.band()
    assert band.value == pytest.approx(564 / (2000 + 4 / 0.15))
    assert band.low < 0.28 < band.high
    assert band.high - band.low < 0.05
    assert calibrate(seen[::-1]).rate == calibrate(seen).rate


def test_bands_hold_the_true_rate_as_often_as_they_say():
    chance, held = Random(5), 0
    for _ in range(100):
        truth = chance.gammavariate(4, 0.15 / 4)
        band = calibrate(history(AUTUMN, rate=truth, devices=400, chance=chance)).rate.band()
        held += band.low <= truth <= band.high
    assert 0.82 < held / 100 < 0.97


def test_months_with_few_events_stay_close_to_usual():
    seen = [Observation(2025, 9, 900, 1000.0), Observation(2025, 10, 300, 1000.0), Observation(2025, 11, 0, 1.0)]
    months = month_index(seen)
    assert months[9].low > 1.3
    assert months[10].high < 0.7
    assert 0.9 < months[11].value < 1 < months[11].high


def test_a_share_with_its_band():
    band = share(30, 100)
    assert band.value == pytest.approx(31 / 102)
    assert 0.22 < band.low < 0.3 < band.high < 0.39
    assert share(0, 0).value == 0.5
    assert share(0, 0, expected=0.1, weight=20).high < 0.3


def test_another_year_is_less_certain():
    learned = calibrate([Observation(2025, 9, 10_000, 50_000.0)]).rate
    drifted = learned.drifted()
    assert drifted.mean == pytest.approx(learned.mean)
    assert drifted.cv == pytest.approx(0.25, abs=0.001)
    assert learned.cv < 0.011


def test_a_forecast_of_a_known_rate_is_poisson_s():
    found = foretell(rate_of(0.15, 0.001), 100)
    assert found.expected == pytest.approx(15)
    assert (found.low, found.high) == (9, 22)


def test_a_large_district_s_forecast_starts_at_chances_near_nothing():
    found = foretell(rate_of(0.15, 0.25), 110_000)
    assert found.low == pytest.approx(16_500 * 0.62, rel=0.03)
    assert found.high == pytest.approx(16_500 * 1.45, rel=0.03)


def test_held_out_terms_fall_into_their_interval_as_often_as_they_should():
    chance, held = Random(9), 0
    for _ in range(120):
        usual = chance.gammavariate(4, 0.15 / 4)
        autumn = history(AUTUMN, rate=usual, devices=800, chance=chance)
        drifted = usual * chance.gammavariate(16, 1 / 16)
        spring = history(SPRING, rate=drifted, devices=800, chance=chance)
        verdict = back_test(autumn, spring)
        assert verdict.months_learned == 5
        held += verdict.held
    assert 0.82 < held / 120 < 0.97


def test_a_forecast_can_fail():
    autumn = [Observation(year, month, 100, 1000.0) for year, month in AUTUMN]
    spring = [Observation(year, month, 300, 1000.0) for year, month in SPRING]
    verdict = back_test(autumn, spring)
    assert not verdict.held
    assert verdict.actual == 1500
    assert verdict.forecast.high < 1500


def test_what_came_later_teaches_nothing():
    autumn = [Observation(year, month, 100, 1000.0) for year, month in AUTUMN]
    spring = [Observation(year, month, 300, 1000.0) for year, month in SPRING]
    assert back_test(autumn + spring, spring) == back_test(autumn, spring)


def test_the_season_of_earlier_years_is_foretold():
    years = [Observation(year, month, 300 if month == 9 else 100, 1000.0) for year in (2023, 2024) for month in (9, 10)]
    september = back_test(years, [Observation(2025, 9, 0, 1000.0)]).forecast.expected
    october = back_test(years, [Observation(2025, 10, 0, 1000.0)]).forecast.expected
    assert september > 2 * october


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Observation(2025, 13, 0, 1.0),
        lambda: Observation(2025, 1, -1, 1.0),
        lambda: Observation(2025, 1, 1, 0.0),
        lambda: rate_of(0, 1),
        lambda: share(2, 1),
        lambda: share(1, 2, expected=1),
        lambda: foretell(ELSEWHERE, 0),
        lambda: back_test([], []),
    ],
)
def test_refusals(ask):
    with pytest.raises(OutOfRange):
        ask()
