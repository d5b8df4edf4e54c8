"""Search words of names: folded so that accents, case and keyboard do not matter."""

import re
import unicodedata

_PLAIN = str.maketrans(
    {"đ": "d", "ø": "o", "ł": "l", "ß": "ss", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه"}
)
_WORD = re.compile(r"\w+")


def fold(text: str) -> list[str]:
    """Return the words of a text without marks and case, at most 64 characters each."""
    if text.isascii():  # most names: a tenth of the time, the same words
        return [word[:64] for word in _WORD.findall(text.lower())]
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return [word[:64] for word in _WORD.findall(bare)]


def name_words(*parts: str) -> list[str]:
    """Return what a person of these names and numbers is found by."""
    return sorted(set(fold(" ".join(parts))))
