"""How many things to look at so that finding no fault says something about all of them, and which ones."""

import math
from collections.abc import Collection
from random import Random

from firstbell.planning.errors import require


def zero_defect_sample(*, confidence: float, most_wrong: float, population: int | None = None) -> int:
    """Return how many records to check: when all are right, a share wrong of ``most_wrong`` or more is ruled out.

    Least n with (1 - most_wrong)^n <= 1 - confidence, for a large stock (reference, audit sampling: 59 rule out 5 % at
    95 %). With a population nothing is looked at twice (hypergeometric), which needs fewer.
    """
    require(0 < confidence < 1 and 0 < most_wrong < 1, "Confidence and share must lie between 0 and 1.")
    if population is None:
        return math.ceil(math.log(1 - confidence) / math.log1p(-most_wrong) - 1e-9)
    return _without_putting_back(1 - confidence, max(1, math.ceil(most_wrong * population)), population)


def _without_putting_back(risk: float, wrong: int, population: int) -> int:
    missed, size = 1.0, 0
    while size < population and missed > risk:
        missed *= max(0, population - wrong - size) / (population - size)
        size += 1
    return size


def draw(ids: Collection[int], size: int, seed: int) -> list[int]:
    """Return so many of the ids, the same for the same seed: whoever audits the count can draw them again."""
    chance = Random(seed)  # noqa: S311 -- no secret: it is drawn again by the auditor  # nosec B311 guards nothing
    return sorted(chance.sample(sorted(ids), min(size, len(ids))))
