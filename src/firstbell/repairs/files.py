"""The pictures themselves: outside what a web server serves, under names nobody can guess."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings

from firstbell.kernel.folders import Folder

ADRIFT = timedelta(days=1)
"""A file that no row knows after this long was left by a process that was killed."""


def folder() -> Folder:
    """Return the folder of pictures."""
    return Folder(Path(settings.MEDIA_ROOT) / "photos")


def keep(content: bytes, op: UUID) -> str:
    """Write a picture; return its name: the same for what is sent twice as one operation, and no guess for others."""
    name = sha256(op.bytes + content).hexdigest()
    with folder().writing(name) as file:
        file.write(content)
    return name


def path_of(name: str) -> Path:
    """Return where a picture lies."""
    return folder().path_of(name)


def drop(name: str) -> None:
    """Remove a picture."""
    folder().drop(name)


def sweep(*, known: set[str], at: datetime) -> None:
    """Remove files that no row knows and nobody is about to name."""
    for path in list(folder().strays(known, (at - ADRIFT).timestamp())):
        path.unlink(missing_ok=True)
