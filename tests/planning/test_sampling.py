"""Sample sizes are those of the reference, and a drawn sample can be drawn again."""

from typing import Any

import pytest

from firstbell.planning.sampling import draw, zero_defect_sample

REFERENCE = [
    (0.9, 0.01, 230),
    (0.9, 0.05, 45),
    (0.95, 0.01, 299),
    (0.95, 0.05, 59),
    (0.99, 0.01, 459),
    (0.99, 0.05, 90),
]
"""`audit_sample_zero_defect` of the reference's test vectors: confidence, rate, size."""


@pytest.mark.parametrize(("confidence", "rate", "size"), REFERENCE)
def test_the_size_is_that_of_the_reference(confidence: float, rate: float, size: int) -> None:
    assert zero_defect_sample(confidence=confidence, most_wrong=rate) == size
    assert (1 - rate) ** size <= 1 - confidence + 1e-12 < (1 - rate) ** (size - 1) + 1e-9


def test_the_reference_itself_agrees(vectors: Any) -> None:
    told = vectors["audit_sample_zero_defect"]
    assert len(told) >= len(REFERENCE)
    assert [zero_defect_sample(confidence=row["conf"], most_wrong=row["max_rate"]) for row in told] == [
        row["n"] for row in told
    ]


def test_a_rule_that_is_off_by_one_would_be_seen() -> None:
    assert [zero_defect_sample(confidence=c, most_wrong=r) for c, r, _size in REFERENCE] != [
        size - 1 for _c, _r, size in REFERENCE
    ]


@pytest.mark.parametrize(("population", "size"), [(1, 1), (10, 10), (100, 45), (3000, 59), (10**6, 59)])
def test_a_small_population_needs_fewer(population: int, size: int) -> None:
    assert zero_defect_sample(confidence=0.95, most_wrong=0.05, population=population) == pytest.approx(size, abs=1)


@pytest.mark.parametrize(("confidence", "rate"), [(1, 0.05), (0, 0.05), (0.95, 0), (0.95, 1)])
def test_nothing_is_certain(confidence: float, rate: float) -> None:
    with pytest.raises(ValueError, match="between"):
        zero_defect_sample(confidence=confidence, most_wrong=rate)


def test_the_same_seed_draws_the_same() -> None:
    ids = list(range(1000))
    assert draw(ids, 59, 7) == draw(ids[::-1], 59, 7) == sorted(set(draw(ids, 59, 7)))
    assert draw(ids, 59, 7) != draw(ids, 59, 8)
    assert draw(ids, 2000, 7) == ids
