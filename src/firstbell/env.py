"""Typed readers of environment variables.

Every variable is declared once, where it is read, with its meaning. A wrong value fails at start with advice, and
the declared variables print themselves (`firstbell doctor --variables`), so there is no second list to forget.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off", ""})


class WrongVariableError(Exception):
    """A variable is missing or cannot be understood; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable, as shown to operators. `shown` never holds a secret."""

    name: str
    kind: str
    default: str
    meaning: str


@dataclass
class Env:
    """Reads from `source` and remembers what was asked for."""

    source: Mapping[str, str] = field(default_factory=lambda: os.environ)
    declared: list[Variable] = field(default_factory=list)

    def text(self, name: str, default: str, meaning: str) -> str:
        """Any text, stripped of surrounding blanks."""
        return self._read(name, "text", default, meaning)

    def whole(self, name: str, default: int, meaning: str, *, least: int = 0) -> int:
        """A whole number, at least `least`."""
        raw = self._read(name, "whole number", str(default), meaning)
        if not raw.isascii() or not raw.isdigit() or int(raw) < least:
            raise WrongVariableError(_advice(name, raw, f"a whole number of at least {least}", meaning))
        return int(raw)

    def flag(self, name: str, meaning: str, *, default: bool) -> bool:
        """Yes or no."""
        raw = self._read(name, "yes or no", "yes" if default else "no", meaning).lower()
        if raw not in YES | NO:
            raise WrongVariableError(_advice(name, raw, "yes or no", meaning))
        return raw in YES

    def choice(self, name: str, options: tuple[str, ...], default: str, meaning: str) -> str:
        """One of a few words."""
        wanted = " | ".join(options)
        raw = self._read(name, wanted, default, meaning)
        if raw not in options:
            raise WrongVariableError(_advice(name, raw, wanted, meaning))
        return raw

    def names(self, name: str, default: tuple[str, ...], meaning: str) -> list[str]:
        """A list separated by commas."""
        raw = self._read(name, "list, separated by commas", ",".join(default), meaning)
        return [part.strip() for part in raw.split(",") if part.strip()]

    def path(self, name: str, default: Path, meaning: str) -> Path:
        """A file or folder, made absolute."""
        return Path(self._read(name, "path", str(default), meaning)).expanduser().absolute()

    def secret(self, name: str, meaning: str, *, default: str = "") -> str:
        """A secret: given directly, or as `NAME_FILE`, the path of a file that holds it. Never shown."""
        self.declared.append(Variable(name, f"secret, or {name}_FILE", "", meaning))
        direct, file = self.source.get(name, "").strip(), self.source.get(f"{name}_FILE", "").strip()
        if direct and file:
            raise WrongVariableError(f"Both {name} and {name}_FILE are set: keep one of them.")
        return _from_file(name, file) if file else direct or default

    def _read(self, name: str, kind: str, default: str, meaning: str) -> str:
        self.declared.append(Variable(name, kind, default, meaning))
        return self.source.get(name, default).strip()


def _from_file(name: str, file: str) -> str:
    try:
        content = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise WrongVariableError(f"{name}_FILE points to {file}: {reason}. Check path and owner.") from error
    if not content:
        raise WrongVariableError(f"{name}_FILE points to {file}, which is empty. Write the secret into it.")
    return content


def _advice(name: str, raw: str, wanted: str, meaning: str) -> str:
    return f"{name} is {raw!r}, but must be {wanted}. It means: {meaning}"


env = Env()
