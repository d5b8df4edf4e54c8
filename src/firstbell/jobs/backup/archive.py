"""The file: written beside its name and renamed when whole; checked to the last bit before anything is used."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
MARK = b"firstbell backup, sha256 of all before: "
DIGITS = 64
CHUNK = 1 << 20
LEVEL = 1
"""Of compression: three times smaller at a quarter of the time of the usual level."""


class BackupTrouble(Exception):
    """Backup or restore cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Table:
    """One table's rows in the file."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Upload:
    """One uploaded file."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the file holds."""

    version: str
    made_at: str
    migrations: list[tuple[str, str]]
    tables: list[Table]
    sequences: dict[str, tuple[int, bool]]
    uploads: list[Upload] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(table.rows for table in self.tables)


class Tally:
    """Counts rows and hashes them on their way."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rows, self._hash = 0, hashlib.sha256()
        self._feed = self._hash.update

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass chunks on; every row of COPY's text format ends with a line feed, and holds no other."""
        for chunk in chunks:
            self.rows += chunk.count(b"\n")
            self._feed(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        """The digest of what passed so far."""
        return self._hash.hexdigest()


def tally(chunks: Iterable[bytes]) -> Tally:
    """Return count and digest of chunks that nobody else needs."""
    made = Tally()
    for _chunk in made.watch(chunks):
        pass
    return made


def gathered(rows: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Gather small pieces into chunks, so that each is hashed and compressed in one go."""
    waiting = bytearray()
    for row in rows:
        waiting += row
        if len(waiting) >= CHUNK:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


class Writer:
    """Writes members one after the other."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        """Write into an open zip."""
        self._zip = target

    def add(self, name: str, chunks: Iterable[bytes]) -> Tally:
        """Write one member and return its count and digest."""
        made = Tally()
        with self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in made.watch(chunks):
                member.write(chunk)
        return made

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last member."""
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        self._zip.comment = MARK + b"0" * DIGITS


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Give a writer; on leaving, the file is sealed, on disk and under its name, or nothing is left of it."""
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise BackupTrouble(f"{path} exists already. Choose another name; a backup is never overwritten.")
    try:
        with (
            _private(part) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
        ):
            yield Writer(target)
        _seal(part)
        part.rename(path)
    except FileExistsError:
        raise BackupTrouble(f"{part} exists: another backup is running, or one was stopped. Remove it then.") from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _settle_on_disk(path.parent)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _seal(part: Path) -> None:
    with part.open("r+b") as file:
        size = part.stat().st_size - DIGITS
        digest = tally(_read(file, size)).sha256
        file.seek(size)
        file.write(digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _settle_on_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (chunk := file.read(min(CHUNK, size))):
        size -= len(chunk)
        yield chunk


def check_whole(path: Path) -> None:
    """Read the whole file once; raises BackupTrouble when a single bit differs from what was written."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            digest = tally(_read(file, size - DIGITS)).sha256
            told = file.read()
            file.seek(max(0, size - DIGITS - len(MARK)))
            mark = file.read(len(MARK))
    except OSError as error:
        raise BackupTrouble(f"{path} cannot be read: {error.strerror}.") from error
    if mark != MARK or told != digest.encode():
        raise BackupTrouble(
            f"{path} is damaged or no Firstbell backup: its checksum does not fit. Nothing was used. Take another copy."
        )


@contextmanager
def reading(path: Path) -> Iterator["Reader"]:
    """Check the file to the last bit, then open it."""
    check_whole(path)
    with zipfile.ZipFile(path) as source:
        yield Reader(source)


class Reader:
    """Reads members of a checked file."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        """Read the manifest."""
        self._zip = source
        told = json.loads(source.read(MANIFEST))
        if told["format"] != FORMAT:
            raise BackupTrouble(f"This backup has format {told['format']}; this version of Firstbell reads {FORMAT}.")
        self.manifest = Manifest(
            version=told["version"],
            made_at=told["made_at"],
            migrations=[(app, name) for app, name in told["migrations"]],
            tables=[Table(**table) for table in told["tables"]],
            sequences={name: (last, called) for name, (last, called) in told["sequences"].items()},
            uploads=[Upload(**upload) for upload in told["uploads"]],
        )

    def pour(self, name: str, write: Callable[[bytes], object]) -> Tally:
        """Hand the content of one member to ``write`` in chunks; return its count and digest."""
        made = Tally()
        with self._zip.open(name) as member:
            for chunk in made.watch(iter(lambda: member.read(CHUNK), b"")):
                write(chunk)
        return made
