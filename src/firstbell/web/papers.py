"""Printed papers as answers: a PDF that opens beside the page, and the addresses that its codes lead to."""

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from firstbell.connectors.papers.marks import square_shape
from firstbell.devices.models import Device, Shipment
from firstbell.directory.models import Badge, Place


def paper(content: bytes, name: str) -> HttpResponse:
    """Answer a PDF; ``name`` is what it is called when somebody keeps it."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def qr(text: str) -> SafeString:
    """Return a QR code as a drawing on a page; its quiet zone of four modules is part of it."""
    shape = square_shape(text)
    side = shape.width + 8
    return format_html(
        '<svg class="qr" viewBox="-4 -4 {} {}" role="img" aria-label="QR" shape-rendering="crispEdges">'
        '<rect x="-4" y="-4" width="{}" height="{}" fill="#fff"/><path fill="#000" d="{}"/></svg>',
        side, side, side, side, shape.path,
    )  # fmt: skip


def place_link(request: HttpRequest, place: Place) -> str:
    """Return what a place's poster and label lead to."""
    return request.build_absolute_uri(f"/r/{place.code}")


def device_link(request: HttpRequest, device: Device) -> str:
    """Return what a device's label leads to."""
    return request.build_absolute_uri(f"/d/{device.code}")


def badge_link(request: HttpRequest, badge: Badge) -> str:
    """Return what a person's badge leads to."""
    return request.build_absolute_uri(f"/b/{badge.code}")


def shipment_link(request: HttpRequest, shipment: Shipment) -> str:
    """Return what the code on a box and its manifest leads to."""
    return request.build_absolute_uri(f"/shipments/{shipment.code}")
