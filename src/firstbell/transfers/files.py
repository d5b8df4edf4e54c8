"""The files themselves: outside what a web server serves, under names nobody can guess, readable by this user only."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from firstbell.kernel import folders
from firstbell.kernel.folders import Folder

FOLDER = "transfers"
REPORT = ".rows"
"""Ending of the file with what became of each row of an upload."""


def _folder() -> Folder:
    return Folder(Path(settings.MEDIA_ROOT) / FOLDER)


def folder() -> Path:
    """Return the folder of files in transit, made where it is missing."""
    return _folder().path_of("x").parent


def new_name() -> str:
    """Return a name that nobody can guess."""
    return folders.new_name()


def path_of(name: str) -> Path:
    """Return where a file lies."""
    return _folder().path_of(name)


def writing(name: str) -> AbstractContextManager[BinaryIO]:
    """Open a file for writing; it appears under its name when the block ends well, and not at all when it does not."""
    return _folder().writing(name)


def drop(name: str) -> None:
    """Remove a file and its report."""
    if name:
        _folder().drop(name)
        _folder().drop(name + REPORT)


def strays(known: set[str], older_than: float) -> Iterator[Path]:
    """Yield files of before a moment (seconds since 1970) that no row knows: left by a killed process."""
    return _folder().strays(known | {name + REPORT for name in known}, older_than)
