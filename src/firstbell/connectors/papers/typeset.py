"""From values to PDF. Typst sets the pages; fonts are loaded once in a process and embedded in what is printed."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATES = HERE / "templates"


class FontsMissingError(RuntimeError):
    """The fonts were not built: ``make assets`` copies them from their packages."""


@cache
def _fonts() -> typst.Fonts:
    found = [str(FONTS)] if any(FONTS.glob("NotoSans-*.ttf")) else []
    if not found:
        raise FontsMissingError("The fonts for printing are missing. Run `make assets`.")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=found)


@cache
def _source(template: str) -> bytes:
    parts = [(TEMPLATES / f"{name}.typ").read_text(encoding="utf-8") for name in ("common", template)]
    return "\n".join(parts).encode()


def _compiler(template: str, values: Mapping[str, Any]) -> typst.Compiler:
    inputs = {"values": json.dumps(values, ensure_ascii=False)}
    return typst.Compiler(_source(template), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)


def pdf(template: str, values: Mapping[str, Any], *, tagged: bool = True) -> bytes:
    """Return the pages of a template as one PDF; ``tagged`` adds its structure for those who hear it read."""
    made = _compiler(template, values).compile(format="pdf", pdf_tags=tagged)
    if not isinstance(made, bytes):
        raise TypeError("typst answers a PDF in one piece")
    return made


def images(template: str, values: Mapping[str, Any], *, ppi: float = 300) -> list[bytes]:
    """Return the pages of a template as PNG pictures: what a test reads codes back from."""
    made = _compiler(template, values).compile(format="png", ppi=ppi)
    return made if isinstance(made, list) else [made] if isinstance(made, bytes) else []
