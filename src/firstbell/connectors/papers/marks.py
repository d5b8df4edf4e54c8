"""Codes that scanners and cameras read, as small drawings without their quiet zone: the page keeps that free."""

import re
from functools import lru_cache

import zxingcpp

SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
SHAPE = re.compile(r'<path d="([MmHhVvZzLl0-9., -]+)"')
PRINTABLE = re.compile(r"[\x20-\x7e]{1,48}")


@lru_cache(maxsize=4096)
def square(text: str) -> str:
    """Return a QR code (model 2, error correction M) of a text."""
    return _drawn(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"))


@lru_cache(maxsize=4096)
def bars(text: str) -> str:
    """Return a Code 128 of a tag, or nothing when the tag holds what that code can't say."""
    if not PRINTABLE.fullmatch(text):
        return ""
    return _drawn(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128))


def _drawn(barcode: zxingcpp.Barcode) -> str:
    written = barcode.to_svg(add_quiet_zones=False)
    size, shapes = SIZE.search(written), SHAPE.findall(written)
    if size is None or not shapes:
        raise ValueError("The encoder's drawing has another form than expected.")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[1]} {size[2]}"'
    return f'{head} preserveAspectRatio="none"><path d="{"".join(shapes)}"/></svg>'
