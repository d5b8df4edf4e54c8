"""The files themselves: outside what a web server serves, under names nobody can guess, readable by this user only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from django.conf import settings

FOLDER = "transfers"
REPORT = ".rows"
"""Ending of the file with what became of each row of an upload."""


def folder() -> Path:
    """Return the folder of files in transit, made where it is missing."""
    found = Path(settings.MEDIA_ROOT) / FOLDER
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def new_name() -> str:
    """Return a name that nobody can guess."""
    return token_hex(24)


def path_of(name: str) -> Path:
    """Return where a file lies."""
    return folder() / Path(name).name


@contextmanager
def writing(name: str) -> Iterator[BinaryIO]:
    """Open a file for writing; it appears under its name when the block ends well, and not at all when it does not."""
    half = path_of(f"{name}.{token_hex(4)}.part")
    try:
        with os.fdopen(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            yield opened
        half.replace(path_of(name))
    finally:
        half.unlink(missing_ok=True)


def drop(name: str) -> None:
    """Remove a file and its report."""
    if name:
        with suppress(FileNotFoundError):
            path_of(name).unlink()
        path_of(name + REPORT).unlink(missing_ok=True)


def strays(known: set[str], older_than: float) -> Iterator[Path]:
    """Yield files of before a moment (seconds since 1970) that no row knows: left by a killed process."""
    for path in folder().iterdir():
        if path.name.removesuffix(REPORT) not in known and path.stat().st_mtime < older_than:
            yield path
