"""Finds repeated identifiers among millions in little memory."""

from array import array
from collections.abc import Iterator
from itertools import pairwise

_BUCKETS = 256


class Seen:
    """Remembers 64-bit hashes of texts, 8 bytes each, and says afterwards which came twice.

    A chance collision would report a repetition that is none: one in some 500,000 runs for 8 million texts.
    ``hash`` is salted in each process, so nobody can prepare one.
    """

    def __init__(self) -> None:
        self._buckets = [array("q") for _ in range(_BUCKETS)]

    def add(self, text: str) -> None:
        """Remember one text."""
        number = hash(text)
        self._buckets[number % _BUCKETS].append(number)

    def repeated(self) -> set[int]:
        """Return the hashes of all texts that were added more than once."""
        return {number for bucket in self._buckets for number in _neighbours(sorted(bucket))}


def _neighbours(numbers: list[int]) -> Iterator[int]:
    return (left for left, right in pairwise(numbers) if left == right)
