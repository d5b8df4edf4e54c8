"""The bench for pictures and page checks: parts, orders, the scope table, photos, a device that was given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from firstbell.connectors.photos import make_anew
from firstbell.devices.actions.inventory import change_serial
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.flows.bench import finish, give_up
from firstbell.parts.actions import (
    amend_kind,
    correct_parts,
    order_parts,
    receive_order,
    receive_parts,
    set_reorder_point,
    take_usual_kinds,
)
from firstbell.parts.models import PartKind
from firstbell.repairs import files
from firstbell.repairs.actions import Picture, keep_photo, set_scope_rows
from firstbell.repairs.models import Photo, WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.repairs.usual import USUAL, Line
from tests import make

STOCK = {"screen": 1, "keyboard": 6, "plastics": 0, "battery": 9, "mainboard": 2}
"""How many lie in the store room, by sort of part; three is the reorder point."""


@dataclass
class Benchwork:
    """What the pages about the bench are about: codes of work orders, and the tag of a device with another serial."""

    board: str
    beyond: str
    device: str


def benchwork(town: make.District, given_up: int, mended: int, now: datetime) -> Benchwork:
    """Fill the store room, set the scope, give one device up and repair the board of another against the scope."""
    _parts(town, now)
    rows = (*USUAL[:-3], Line("board", 4, "certified", "mainboard", voids_cover=True, kind="chromebook"))
    set_scope_rows(lines=rows, since=now.date(), by=town.office, at=now, op=make.op())
    act: dict[str, Any] = {"by": town.technician, "at": now}
    beyond, board = _order(given_up), _order(mended)
    _photo(board, Photo.When.BEFORE, "#5c6470", act)
    why = "The vendor takes three weeks, and exams begin on Monday."
    finish(work_order_id=board.pk, fault="board", minutes=50, why_outside=why, op=make.op(), **act)
    _photo(board, Photo.When.AFTER, "#3d7d5a", act)
    change_serial(device_id=mended, serial="5CD2481XK9", op=make.op(), **act)
    give_up(work_order_id=beyond.pk, op=make.op(), **act)
    return Benchwork(board.code, beyond.code, board.device.tag)


def _order(device_id: int) -> WorkOrder:
    found = order_of(device_id)
    assert found is not None
    return found


def _parts(town: make.District, now: datetime) -> None:
    store = make_place(site_id=town.depot.pk, kind=Place.Kind.STORE, name="Store room", **make.system())
    take_usual_kinds(model_ids=(town.model.pk,), **make.system())
    for kind in PartKind.objects.order_by("pk"):
        price: dict[str, Any] = {"price_cents": kind.price_cents, "lead_days": 10}
        amend_kind(kind_id=kind.pk, supplier="Lakeside Parts", **price, **make.system())
        if kind.sort in STOCK:
            _stock(kind, STOCK[kind.sort], store.pk, town, now)


def _stock(kind: PartKind, pieces: int, store: int, town: make.District, now: datetime) -> None:
    before: dict[str, Any] = {"by": town.technician, "at": now - timedelta(days=20)}
    stock = receive_parts(kind_id=kind.pk, place_id=store, pieces=1, op=make.op(), **before)
    set_reorder_point(stock_id=stock.pk, reorder_at=3, op=make.op(), **before)
    if kind.sort == "keyboard":
        order = order_parts(stock_id=stock.pk, pieces=5, op=make.op(), **before)
        came: dict[str, Any] = {"by": town.technician, "at": now - timedelta(days=8)}
        receive_order(order_id=order.pk, pieces=5, op=make.op(), **came)
        return
    if kind.sort == "plastics":
        order_parts(stock_id=stock.pk, pieces=6, op=make.op(), **before)
    correct_parts(stock_id=stock.pk, counted=pieces, by=town.technician, at=now, op=make.op())


def _photo(order: WorkOrder, when: Photo.When, colour: str, act: dict[str, Any]) -> None:
    drawn = Image.new("RGB", (800, 600), "#d9d4c7")
    ImageDraw.Draw(drawn).rectangle((160, 110, 640, 430), fill=colour, outline="#1c1f26", width=12)
    out, op = BytesIO(), make.op()
    drawn.save(out, "PNG")
    made = make_anew(out.getvalue())
    picture = Picture(files.keep(made.content, op), made.width, made.height)
    keep_photo(work_order_id=order.pk, when=when, picture=picture, op=op, **act)
