"""Codes that scanners and cameras read, as small drawings without their quiet zone: the page keeps that free."""

import re
from dataclasses import dataclass
from functools import lru_cache

import zxingcpp

SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
SHAPE = re.compile(r'<path d="([MmHhVvZzLl0-9., -]+)"')
PRINTABLE = re.compile(r"[\x20-\x7e]{1,48}")


@lru_cache(maxsize=4096)
def square(text: str) -> str:
    """Return a QR code (model 2, error correction M) of a text."""
    return _drawn(square_shape(text))


@lru_cache(maxsize=4096)
def bars(text: str) -> str:
    """Return a Code 128 of a tag, or nothing when the tag holds what that code can't say."""
    if not PRINTABLE.fullmatch(text):
        return ""
    return _drawn(_shape(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)))


@dataclass(frozen=True)
class Shape:
    """The drawing of a code: its size in modules and one path of filled rectangles."""

    width: int
    height: int
    path: str


def square_shape(text: str) -> Shape:
    """Return the drawing of a QR code, for a page that frames it itself."""
    return _shape(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"))


def _shape(barcode: zxingcpp.Barcode) -> Shape:
    written = barcode.to_svg(add_quiet_zones=False)
    size, shapes = SIZE.search(written), SHAPE.findall(written)
    if size is None or not shapes:
        raise ValueError("The encoder's drawing has another form than expected.")
    return Shape(int(size[1]), int(size[2]), "".join(shapes))


def _drawn(shape: Shape) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {shape.width} {shape.height}"'
    return f'{head} preserveAspectRatio="none"><path d="{shape.path}"/></svg>'
