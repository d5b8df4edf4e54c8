"""A folder of files under names nobody can guess, readable by this user only. Where it lies is handed in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO


def new_name() -> str:
    """Return a name that nobody can guess."""
    return token_hex(24)


@dataclass(frozen=True)
class Folder:
    """One folder, made where it is missing. Names lead nowhere else."""

    root: Path

    def path_of(self, name: str) -> Path:
        """Return where a file lies."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.root / Path(name).name

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for writing; it appears under its name when the block ends well, and not at all otherwise."""
        half = self.path_of(f"{name}.{token_hex(4)}.part")
        try:
            with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
                yield opened
            half.replace(self.path_of(name))
        finally:
            half.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Remove a file."""
        if name:
            self.path_of(name).unlink(missing_ok=True)

    def strays(self, known: set[str], older_than: float) -> Iterator[Path]:
        """Yield files of before a moment (seconds since 1970) that nobody knows: left by a killed process."""
        for path in self.path_of("x").parent.iterdir():
            if path.name not in known and path.stat().st_mtime < older_than:
                yield path
