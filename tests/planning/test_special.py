"""Incomplete functions against values that have a closed form, and against each other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstbell.planning.chances import at_least, poisson
from firstbell.planning.errors import OutOfRange
from firstbell.planning.special import (
    beta_quantile,
    beta_share,
    gamma_quantile,
    gamma_share,
    student_quantile,
)


@settings(deadline=None)
@given(st.floats(0.01, 200), st.integers(1, 150))
def test_a_gamma_share_is_a_poisson_tail(x, shape):
    assert gamma_share(x, shape) == pytest.approx(at_least(poisson(x), shape), abs=1e-10)


@settings(deadline=None)
@given(st.floats(0.001, 0.999), st.integers(1, 40), st.integers(1, 40))
def test_a_beta_share_is_a_binomial_tail(x, a, b):
    n = a + b - 1
    tail = math.fsum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert beta_share(x, a, b) == pytest.approx(tail, abs=1e-10)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.001, 0.999), st.floats(0.2, 1e5), st.floats(0.1, 10))
def test_quantiles_are_inverses(level, shape, scale):
    assert gamma_share(gamma_quantile(level, shape=shape, scale=scale) / scale, shape) == pytest.approx(level, abs=1e-8)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 0.99), st.floats(0.3, 1e4), st.floats(0.3, 1e4))
def test_beta_quantiles_are_inverses(level, a, b):
    assert beta_share(beta_quantile(level, a, b), a, b) == pytest.approx(level, abs=1e-8)


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706205), (4, 2.776445), (7, 2.364624), (29, 2.045230), (1000, 1.962339)]
)
def test_student_s_table(freedom, t):
    assert student_quantile(0.95, freedom) == pytest.approx(t, rel=1e-6)


def test_the_ends():
    assert gamma_share(0, 2) == beta_share(0, 2, 3) == 0
    assert beta_share(1, 2, 3) == 1
    assert gamma_quantile(1 - 1e-13, shape=0.01, scale=1) > 20


@pytest.mark.parametrize(
    "ask",
    [
        lambda: gamma_quantile(1, shape=1, scale=1),
        lambda: beta_quantile(0.5, 0, 1),
        lambda: student_quantile(0.95, 0),
    ],
)
def test_refusals(ask):
    with pytest.raises(OutOfRange):
        ask()
