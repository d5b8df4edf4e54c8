"""What lies in the repository: no address of one machine or one registry, no exception without its reason."""

import re
from collections.abc import Iterable, Iterator

from tests.house.reading import read_tracked

# Written in halves, so that this file does not find itself.
HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "deb.debian" + ".org",
)
FOLDERS = ("work", "root", "opt", "Users", "home")
ABSOLUTE = re.compile(r"(?<![\w.}~$*-])(?:file://)?/(?:" + "|".join(FOLDERS) + r")/[\w.-]+")
UNREASONED = re.compile(
    r"# noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* --? \w)|# type: ignore(?!\[[\w, -]+\]  # \w)|# nosec(?! B\d+ \w)"
)
EXAMPLES = ("docs/", "deploy/", "compose")  # may name the folders of an operator's machine


def find_hosts(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in files:
        yield from (f"{name}: {host}" for host in HOSTS if host in text)


def find_paths(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in files:
        if not name.startswith(EXAMPLES):
            yield from (f"{name}: {found[0]}" for found in ABSOLUTE.finditer(text))


def find_unreasoned(files: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in files:
        lines = enumerate(text.splitlines(), 1) if name.endswith(".py") and name.startswith("src") else []
        yield from (f"{name}:{number}" for number, line in lines if UNREASONED.search(line))


def test_no_registry_is_named():
    assert list(find_hosts(read_tracked())) == []


def test_no_path_of_one_machine_is_named():
    assert list(find_paths(read_tracked())) == []


def test_every_exception_has_a_reason():
    assert list(find_unreasoned(read_tracked())) == []


def test_the_checks_can_fail():
    bad = [("a.txt", f"https://{HOSTS[0]}/simple"), ("b.sh", "cd " + "/work" + "/main"), ("c", "= file:///ro" + "ot/x")]
    assert list(find_hosts(bad)) == [f"a.txt: {HOSTS[0]}"]
    assert len(list(find_paths(bad))) == 2
    assert list(find_paths([("d.html", "href='/devices/" + "work/1' src/" + "home/x")])) == []
    code = "x = 1  # noqa\nx = 1  # noqa: S101 -- why\nx = 1  # type: ignore[misc]\nx = 1  # type: ignore[misc]  # why"
    assert list(find_unreasoned([("src/a.py", code)])) == ["src/a.py:1", "src/a.py:3"]
