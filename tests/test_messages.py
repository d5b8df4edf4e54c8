"""Catalogues are complete, keep the names of their originals and stand in order; every language is really used."""

import re
from pathlib import Path

import django
import polib
import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from tools.messages import LOCALES, find_faults, tidy

CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))
SPANISH = LOCALES / "es/LC_MESSAGES/django.po"


def catalogue(msgid: str, msgstr: str, **more: object) -> polib.POFile:
    made = polib.POFile()
    made.append(polib.POEntry(msgid=msgid, msgstr=msgstr, **more))
    return made


@pytest.mark.parametrize(
    ("msgid", "msgstr", "more"),
    [
        ("Room", "", {}),
        ("Room", "Sala", {"flags": ["fuzzy"]}),
        ("%(count)s rooms", "%(cuenta)s salas", {}),
        ("At {place}", "En", {}),
        ("a room", "", {"msgid_plural": "%(n)s rooms", "msgstr_plural": {0: "una sala", 1: "%(m)s salas"}}),
    ],
)
def test_faults_are_found(msgid, msgstr, more):
    assert len(list(find_faults(catalogue(msgid, msgstr, **more)))) == 1


def test_a_good_catalogue_has_none():
    assert list(find_faults(catalogue("At {place}", "En {place}"))) == []
    plural = {"msgid_plural": "%(n)s rooms", "msgstr_plural": {0: "una sala", 1: "%(n)s salas"}}
    assert list(find_faults(catalogue("one room", "", **plural))) == []
    assert list(find_faults(catalogue("Old", "", obsolete=True))) == []


def test_a_guessed_translation_is_none_and_dates_are_dropped():
    made = catalogue("Room", "Cuarto", flags=["fuzzy", "python-format"], previous_msgid="Broom")
    made.append(polib.POEntry(msgid="At", msgstr="En"))
    made.metadata = {"Language": "es", "POT-Creation-Date": "2026-09-14"}
    tidy(made)
    assert [(entry.msgid, entry.msgstr, entry.flags) for entry in made] == [
        ("At", "En", []),
        ("Room", "", ["python-format"]),
    ]
    assert made.metadata == {"Language": "es"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_no_line_of_a_catalogue_is_missing_unsure_or_with_other_names(path: Path):
    assert list(find_faults(polib.pofile(str(path)))) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_is_kept_in_order(path: Path):
    kept = polib.pofile(str(path))
    ordered = polib.pofile(str(path))
    tidy(ordered)
    assert [entry.msgid for entry in kept] == [entry.msgid for entry in ordered]


def closing(text: str) -> str:
    """How a text ends: a statement, a question, a lead-in, or a label without a mark."""
    return {".": "said", "!": "said", "?": "asked", "…": "open", ":": "leads in"}.get(text[-1:], "label")


def test_a_sentence_stays_a_sentence_and_a_label_a_label():
    entries = [entry for entry in polib.pofile(str(SPANISH)) if entry.translated() and not entry.msgid_plural]
    assert {entry.msgid: entry.msgstr for entry in entries if closing(entry.msgid) != closing(entry.msgstr)} == {}


def test_one_word_for_one_thing():
    """The glossary at the head of the catalogue holds: a device is an “equipo”, a ticket a “solicitud”, and so on."""
    names = re.compile(r"%\(\w+\)s|\{\w+\}")
    rivals = re.compile(r"\b(dispositivo|laptop|boleto|ticket|depósito|prestamista|tú|tienes|haz)s?\b", re.IGNORECASE)
    entries = polib.pofile(str(SPANISH))
    texts = [text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if rivals.search(names.sub("", text))] == []


def test_every_language_is_really_used():
    """Each language has a catalogue, and a page's words come from it."""
    for code, _name in settings.LANGUAGES:
        with override(code):
            words = gettext("Hand back"), ngettext("%(n)s device", "%(n)s devices", 2)
        if code == settings.LANGUAGE_CODE or not (LOCALES / code).exists():
            assert words == ("Hand back", "%(n)s devices")
        else:
            assert words[0] != "Hand back"
            assert words[1] != "%(n)s devices"


def clashes(ours: polib.POFile, theirs: polib.POFile) -> list[str]:
    """Words of ours that take the place of Django's own, such as a month, because they say no context."""
    known = {entry.msgid: entry.msgstr for entry in theirs if not entry.msgctxt and not entry.msgid_plural}
    mine = [entry for entry in ours if not entry.msgctxt and not entry.msgid_plural]
    return [entry.msgid for entry in mine if known.get(entry.msgid, entry.msgstr) != entry.msgstr]


def test_our_words_take_the_place_of_none_of_djangos():
    theirs = polib.pofile(str(Path(django.__file__).parent / "conf/locale/es/LC_MESSAGES/django.po"))
    unseen = {"Order"}  # of a formset's rows; none of our pages has one
    assert [word for word in clashes(polib.pofile(str(SPANISH)), theirs) if word not in unseen] == []
    assert clashes(catalogue("May", "Puede"), theirs) == ["May"], "the check can fail"
