"""How many things to look at so that finding no fault says something about all of them.

Zero-defect sampling: if a share ``max_rate`` or more were wrong, a sample of this size would show at least one of them
with probability ``confidence``. Without a population the draws are independent (binomial); with one they are made
without putting back (hypergeometric), which needs fewer.
"""

import math
from collections.abc import Collection
from random import Random


def zero_defect_size(confidence: float, max_rate: float, population: int | None = None) -> int:
    """Return the smallest sample that, without a fault in it, rules the rate out at this confidence.

    Both shares lie between 0 and 1, without the ends; anything else raises ValueError.
    """
    if not (0 < confidence < 1 and 0 < max_rate < 1):
        raise ValueError("confidence and rate lie between 0 and 1")
    if population is None:
        return math.ceil(math.log(1 - confidence) / math.log(1 - max_rate))
    return _without_putting_back(1 - confidence, max(1, math.ceil(max_rate * population)), population)


def _without_putting_back(risk: float, wrong: int, population: int) -> int:
    missed, size = 1.0, 0
    while size < population and missed > risk:
        missed *= max(0, population - wrong - size) / (population - size)
        size += 1
    return size


def draw(ids: Collection[int], size: int, seed: int) -> list[int]:
    """Return so many of the ids, the same for the same seed: whoever audits the count can draw them again."""
    chance = Random(seed)  # noqa: S311 -- no secret: it is drawn again by the auditor  # nosec B311
    return sorted(chance.sample(sorted(ids), min(size, len(ids))))
