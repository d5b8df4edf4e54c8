"""Zips and tables made to hurt: each is refused with a code, quickly, and nothing is raised."""

import io
import struct
import time
import zipfile

import pytest

from firstbell.connectors.problems import Severity
from firstbell.connectors.roster import read_package
from firstbell.connectors.roster.leniency import Leniency
from firstbell.connectors.zips import ZipLimits
from tests.connectors.rosters import files_of, found, pack, package_of, sample


def refusals(package):
    assert package.refused
    return {problem.code for problem in package.problems if problem.severity is Severity.REFUSED}


@pytest.mark.parametrize("leniency", Leniency)
@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"PK\x05\x06" + b"\0" * 17, b"\0" * 4096])
def test_what_is_no_zip(content, leniency):
    assert refusals(read_package(io.BytesIO(content), leniency=leniency)) == {"package.not_a_zip"}


def test_a_zip_cut_short():
    packed = package_of(sample()).getvalue()

    assert refusals(read_package(io.BytesIO(packed[: len(packed) // 2]))) == {"package.not_a_zip"}


def test_a_zip_with_damaged_content():
    packed = bytearray(package_of(sample()).getvalue())
    packed[40:80] = b"\xff" * 40

    assert "package.damaged" in refusals(read_package(io.BytesIO(bytes(packed))))


@pytest.mark.parametrize(
    "path", ["../users.csv", "a/../../users.csv", "/etc/users.csv", "..\\users.csv", "C:\\users.csv"]
)
def test_paths_that_lead_out_of_the_zip(path):
    package = read_package(pack({**files_of(sample()), path: "x"}), leniency=Leniency.LENIENT)

    assert refusals(package) == {"package.unsafe_path"}


def test_a_bomb_is_refused_before_it_is_unpacked():
    files = files_of(sample())
    files["users.csv"] = b"0" * 50_000_000

    started = time.perf_counter()
    package = read_package(pack(files))

    assert refusals(package) == {"package.compression_ratio"}
    assert time.perf_counter() - started < 2


def test_more_content_or_files_than_allowed():
    limits = ZipLimits(files=3)
    assert refusals(read_package(package_of(sample()), limits=limits)) == {"package.too_many_files"}
    assert refusals(read_package(package_of(sample()), limits=ZipLimits(total_mb=0))) == {"package.too_large"}


def test_a_locked_zip():
    packed = bytearray(package_of(sample()).getvalue())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = packed.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        packed[place : place + 2] = struct.pack("<H", 1)

    assert refusals(read_package(io.BytesIO(bytes(packed)))) == {"package.encrypted"}


def test_a_compression_that_we_do_not_read():
    package = read_package(pack(files_of(sample()), compression=zipfile.ZIP_BZIP2))

    assert refusals(package) == {"package.compression_unsupported"}


def test_a_file_that_is_there_twice():
    packed = package_of(sample())
    with zipfile.ZipFile(packed, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("users.csv", "x")

    assert "package.duplicate_file" in refusals(read_package(packed))


@pytest.mark.parametrize("leniency", Leniency)
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"Ada", b"A\xffda", "csv.invalid_encoding"),
        (b"Ada", "Adá".encode("utf-16"), "csv.invalid_encoding"),
        (b"Ada", b"A\0da", "csv.control_character"),
        (b"Ada", b"A\rda", "csv.bad_line_end"),
        (b"Ada", b'A"da', "csv.unescaped_quote"),
        (b"Ada", b'"A\nda"', "csv.line_break_in_field"),
        (b"Ada", b"A" * 300_000, "csv.line_too_long"),
        (b"Ada", b'"' + b"A" * 300_000, "csv.line_too_long"),
    ],
)
def test_a_table_that_cannot_be_read_refuses_the_package_at_its_row(old, new, code, leniency):
    files = files_of(sample())
    files["users.csv"] = str(files["users.csv"]).encode().replace(old, new)

    package = read_package(pack(files), leniency=leniency)

    assert package.refused
    assert {(problem[0], problem[1], problem[2]) for problem in found(package, Severity.REFUSED)} == {
        (code, "users.csv", 2)
    }


def test_quotes_that_never_close_cost_no_time():
    files = files_of(sample())
    rows = b'"a,' * 80_000
    files["users.csv"] = str(files["users.csv"]).encode() + rows + b"\n"

    started = time.perf_counter()
    assert read_package(pack(files)).refused
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("content", ["", "\r\n", "sourcedId"])
def test_a_table_without_a_header(content):
    files = files_of(sample())
    files["users.csv"] = content

    assert "schema.missing_header" in refusals(read_package(pack(files)))


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ("", "manifest.invalid_header"),
        ("propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,1.0\r\n", "manifest.unsupported_oneroster"),
        ("propertyName,value\r\nmanifest.version,1.0\r\nmanifest.version,1.0\r\n", "manifest.duplicate_property"),
        ("propertyName,value\r\nmanifest.version\r\n", "manifest.row_width_mismatch"),
        (b"\xff\xfe", "csv.invalid_encoding"),
    ],
)
def test_a_manifest_that_says_too_little(manifest, code):
    package = read_package(pack({**files_of(sample()), "manifest.csv": manifest}), leniency=Leniency.LENIENT)

    assert code in refusals(package)


def test_a_strangers_file_name_is_shown_short_and_plain():
    package = read_package(pack({**files_of(sample()), "a\u202eb\x07" + "x" * 300 + ".txt": ""}))

    (shown,) = {problem.file for problem in package.problems}
    assert shown == "ab" + "x" * 56
