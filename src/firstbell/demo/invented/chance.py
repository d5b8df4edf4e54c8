"""Seeded chance: the same seed and purpose give the same draws on every machine."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def seeded(seed: int, purpose: str) -> Random:
    """Return a generator of its own for one purpose, so that a change in one place leaves the others as they were."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 -- invents a district  # nosec B311 guards nothing


def draw(chance: Random, weighted: Sequence[tuple[T, int]]) -> T:
    """Return one of the values by its weight."""
    return chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]
