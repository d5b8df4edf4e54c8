"""The guides say what the pages say: bold words stand on a screen, sentences in italics are refusals, links lead on."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from tools.messages import LOCALES

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
WRITTEN = [*GUIDES, ROOT / "README.md"]
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 60_000  # bytes of a picture

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
LINK = re.compile(r"\]\(([^)\s]+)\)")
names = pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
guides = pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)


def text_of(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


def on_screen(path: Path) -> list[re.Pattern[str]]:
    """Every text of the pages in the guide's language; a placeholder stands for any words."""
    spanish = path.name.endswith(".es.md")
    entries = polib.pofile(str(LOCALES / "es/LC_MESSAGES/django.po"))
    texts = {
        text
        for entry in entries
        for text in ([entry.msgstr, *entry.msgstr_plural.values()] if spanish else [entry.msgid, entry.msgid_plural])
        if len(PLACEHOLDER.sub("", text)) > 2
    }
    return [re.compile(".+".join(map(re.escape, PLACEHOLDER.split(text))), re.IGNORECASE) for text in texts]


def strange_words(text: str, shown: list[re.Pattern[str]]) -> list[str]:
    """Words in bold that stand on no page."""
    return [words for words in re.findall(r"\*\*(.+?)\*\*", text) if not any(one.fullmatch(words) for one in shown)]


def strange_refusals(text: str, shown: list[re.Pattern[str]]) -> list[str]:
    """Sentences in italics whose parts (between dots that leave words out) stand in no text of the pages."""
    said = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)
    texts = [one.pattern.replace("\\", "").casefold() for one in shown]
    parts = [(whole, [part.strip().casefold() for part in whole.split("…") if part.strip()]) for whole in said]
    return [whole for whole, bits in parts if not any(all(bit in text for bit in bits) for text in texts)]


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def dead_links(path: Path) -> Iterator[str]:
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _sign, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def lost_addresses(text: str) -> list[str]:
    """Addresses in code that no page has."""
    lost = []
    for address in re.findall(r"`(/[a-z/-]+)`", text):
        try:
            resolve(address)
        except Resolver404:
            lost.append(address)
    return lost


def commands(path: Path) -> list[list[str]]:
    return [
        shlex.split(line)[1:] for line in re.findall(r"^firstbell .+$", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]


@guides
def test_words_in_bold_stand_on_a_page(path: Path) -> None:
    assert strange_words(text_of(path), on_screen(path)) == []


@guides
def test_refusals_in_italics_are_what_the_system_says(path: Path) -> None:
    assert strange_refusals(text_of(path), on_screen(path)) == []


@names
def test_links_and_pictures_exist(path: Path) -> None:
    ours = [link for link in dead_links(path) if path in GUIDES or link.startswith(("docs/guide/", "docs/pictures/"))]
    assert ours == []


@guides
def test_addresses_exist(path: Path) -> None:
    assert lost_addresses(text_of(path)) == []


@guides
def test_commands_can_be_given_like_that(path: Path) -> None:
    known = get_commands()
    for verb, *rest in commands(path):
        load_command_class(known[verb], verb).create_parser("firstbell", verb).parse_args(rest)


def test_pictures_are_shown_and_small() -> None:
    shown = {
        name for path in WRITTEN for name in re.findall(r"pictures/([\w-]+\.png)", path.read_text(encoding="utf-8"))
    }
    kept = {path.name: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert set(kept) == shown
    assert {name: size for name, size in kept.items() if size > LARGEST} == {}


def test_the_checks_can_fail(tmp_path: Path) -> None:
    shown = [re.compile("Take it"), re.compile("Swap\\ for\\ .+")]
    assert strange_words("Tap **Take it**, **Swap for L-1**, **Grab it**.", shown) == ["Grab it"]
    assert strange_refusals("*… for …* and *It is gone.*", shown) == ["It is gone."]
    assert lost_addresses("`/desk` and `/no-such-page`") == ["/no-such-page"]
    guide = tmp_path / "a.md"
    guide.write_text("# One head\n[a](#one-head) [b](#two) [c](b.md)\nfirstbell\n", encoding="utf-8")
    assert list(dead_links(guide)) == ["#two", "b.md"]
