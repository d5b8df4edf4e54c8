"""Codes that scanners and cameras read, as inline SVG without a style attribute."""

import re

import zxingcpp
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
SHAPE = re.compile(r'<path d="([MmHhVvZzLl0-9., -]+)"')


def qr_code(text: str, label: str) -> SafeString:
    """Return a QR code; ``label`` tells what it is to those who don't see it."""
    return _svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode), "mark mark-square", label)


def bar_code(text: str, label: str) -> SafeString:
    """Return a Code 128, for scanners that read bars only."""
    return _svg(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128), "mark", label)


def _svg(barcode: zxingcpp.Barcode, classes: str, label: str) -> SafeString:
    drawn = barcode.to_svg()
    size, shapes = SIZE.search(drawn), SHAPE.findall(drawn)
    width, height = (size[1], size[2]) if size else ("0", "0")
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{}v{}H0Z"/><path fill="#000" d="{}"/></svg>',
        classes, width, height, label, width, height, mark_safe(" ".join(shapes)),  # noqa: S308 -- digits and path letters only
    )  # fmt: skip
