"""How the house tests read the source: areas and their order, Python files, tracked files."""

import ast
import itertools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "firstbell"
DOORS = frozenset({"settings", "urls", "wsgi", "asgi", "env", "cli", "doctor", "logs", "database"})


def read_order() -> dict[str, int]:
    """Area -> its height in the house, read from the import contract: one list for imports and for tables."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["id"] == "order"]
    return {area: height for height, layer in enumerate(reversed(layers)) for area in re.findall(r"\w+", layer)}


@dataclass(frozen=True)
class Source:
    """One Python file, as text and as tree."""

    path: str  # from the repository's root
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """The path below src/firstbell."""
        return Path(self.path).parts[2:]

    @property
    def area(self) -> str:
        return Path(self.parts[0]).stem if self.parts else ""


def read_source() -> list[Source]:
    """Our Python files, without migrations."""
    return [file for file in read_python("src") if "migrations" not in file.parts]


def read_python(*folders: str) -> list[Source]:
    paths = itertools.chain.from_iterable(sorted((ROOT / folder).rglob("*.py")) for folder in folders)
    return [Source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]


def read_tracked() -> Iterator[tuple[str, str]]:
    """Path and content of every text file under version control, and of those about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            try:
                yield name, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
