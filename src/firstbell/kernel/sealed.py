"""What one person may read and nobody else: kept out of digests, logs and error pages."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sealed:
    """A word that leaves no trace: it is not shown when printed, and a command's fingerprint does without it."""

    word: str = field(repr=False)
