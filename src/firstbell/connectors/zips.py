"""Opens zip files that strangers send: nothing is unpacked to disk, and a bomb is refused before it is read."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from firstbell.connectors.problems import Broken

Source = Path | BinaryIO
"""A file on disk, or an open seekable file that is read from its start."""

_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on damaged, encrypted or cut files."""

_ENCRYPTED = 0x1
_MIB = 1024 * 1024
_BUFFER = 64 * 1024

ZIP_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "package.not_a_zip": "This is not a zip file, or it was cut short on its way. Export and upload it again.",
        "package.damaged": "A file inside the zip is damaged. Export and upload it again.",
        "package.too_many_files": "The zip holds more than {limit} files. Send the export alone.",
        "package.too_large": "Unpacked, the zip would be larger than {limit} MB.",
        "package.compression_ratio": "A file inside the zip is packed more than {limit} times over, as no export is.",
        "package.compression_unsupported": "A file inside is packed in an unusual way. Use plain zip (deflate).",
        "package.encrypted": "The zip is locked with a password. Send it without one, over a safe connection.",
        "package.unsafe_path": "A file inside the zip has a path that leads out of it, as no export has.",
    }
)


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """How much a zip may hold. The defaults fit the roster of a million people (about 2 GB unpacked)."""

    files: int = 200
    total_mb: int = 4096
    ratio: int = 200


@contextmanager
def open_zip(source: Source) -> Iterator[zipfile.ZipFile]:
    """Open the zip; raise Broken when it is none."""
    with _faults_as("package.not_a_zip"):
        opened = zipfile.ZipFile(source)
    with opened:
        yield opened


@contextmanager
def _faults_as(code: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as fault:
        raise Broken(code) from fault


def check_entries(opened: zipfile.ZipFile, limits: ZipLimits) -> list[zipfile.ZipInfo]:
    """Return the files of the zip (folders left out); raise Broken when one of them is not safe to read.

    The sizes are those the zip declares; zipfile never yields more than declared.
    """
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(entries) > limits.files:
        raise Broken("package.too_many_files", limit=limits.files)
    if sum(entry.file_size for entry in entries) > limits.total_mb * _MIB:
        raise Broken("package.too_large", limit=limits.total_mb)
    for entry in entries:
        _check_entry(entry, limits)
    return entries


def _check_entry(entry: zipfile.ZipInfo, limits: ZipLimits) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise Broken("package.encrypted")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Broken("package.compression_unsupported")
    if not _inside(entry.filename):
        raise Broken("package.unsafe_path")
    if entry.file_size > _MIB and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise Broken("package.compression_ratio", limit=limits.ratio)


def _inside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return ".." not in parts and parts[0] != "" and ":" not in parts[0]


def raw_lines(opened: zipfile.ZipFile, name: str, longest: int) -> Iterator[bytes]:
    """Yield the lines of one file, line ends included; a line longer than ``longest`` bytes comes in pieces.

    Raises Broken where the packed data are damaged.
    """
    with _faults_as("package.damaged"), io.BufferedReader(cast("io.RawIOBase", opened.open(name)), _BUFFER) as reader:
        while line := reader.readline(longest):
            yield line
