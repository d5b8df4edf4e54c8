"""Compiles the message catalogues (.po to .mo), and checks them with --check: complete, nothing unsure, names kept.

No gettext program is needed. New messages are collected by Django's makemessages, which does need one; --tidy then puts
them in order, so that a change shows only what changed.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

LOCALES = Path(__file__).resolve().parent.parent / "src/firstbell/locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
UNKEPT = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Report-Msgid-Bugs-To")
WIDTH = 120


def main() -> int:
    """Compile every catalogue; with --check also return 1 when one has faults."""
    faults: list[str] = []
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(path), wrapwidth=WIDTH)
        if "--tidy" in sys.argv:
            tidy(catalogue)
            catalogue.save()
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        faults += [f"{path.relative_to(LOCALES)}: {fault}" for fault in find_faults(catalogue)]
    if "--check" not in sys.argv:
        return 0
    print("\n".join(faults) or "Message catalogues: complete.")
    return 1 if faults else 0


def tidy(catalogue: polib.POFile) -> None:
    """Sort by original and drop dates; a translation guessed from a similar original is none."""
    for entry in catalogue.fuzzy_entries():
        entry.flags.remove("fuzzy")
        entry.msgstr = ""
        entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
        entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    for name in UNKEPT:
        catalogue.metadata.pop(name, None)
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))


def find_faults(catalogue: polib.POFile) -> Iterator[str]:
    """What keeps a catalogue from being finished, one sentence each."""
    for entry in catalogue:
        if entry.obsolete:
            continue
        if not entry.translated():
            yield f"not translated, or unsure: {entry.msgid!r}"
        for translation in (entry.msgstr, *entry.msgstr_plural.values()):
            if translation and not _same_names(entry, translation):
                yield f"other placeholders than {entry.msgid!r}: {translation!r}"


def _same_names(entry: polib.POEntry, translation: str) -> bool:
    """A translation uses the names of its original; a plural form may leave some out, such as the number one."""
    used, known = set(PLACEHOLDER.findall(translation)), set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    return used <= known if entry.msgid_plural else used == known


if __name__ == "__main__":
    sys.exit(main())
