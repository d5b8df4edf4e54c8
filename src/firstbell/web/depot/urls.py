"""Addresses of this surface, each declared with who may come in."""

from django.conf import settings
from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.depot import (
    bench,
    beyond,
    boxes,
    manifests,
    part_kinds,
    part_orders,
    parts,
    photos,
    receiving,
    returns,
    shipments,
    silent,
)
from firstbell.web.doors import door
from firstbell.web.exports import export_door
from firstbell.web.styleguide import styleguide

P = Permission
CARRY = (P.SHIP, P.TRANSPORT)

patterns: list[URLPattern] = [
    door("pickups", boxes.pickups, name="pickups", needs=CARRY),
    door("boxes/<str:code>", boxes.pickup_box, name="pickup_box", needs=CARRY),
    door("boxes/<str:code>/departure", boxes.departure, name="departure", needs=CARRY),
    door("boxes/<str:code>/visits", boxes.failed_visit, name="failed_visit", needs=CARRY),
    door("shipments/<str:code>", shipments.shipment, name="shipment", needs=CARRY),
    door("shipments/<str:code>/manifest", manifests.manifest, name="manifest", needs=CARRY),
    door("shipments/<str:code>/arrivals", shipments.arrivals, name="arrivals", needs=CARRY),
    door("shipments/<str:code>/extras", shipments.extra, name="extra", needs=CARRY),
    door("shipments/<str:code>/finds", shipments.found, name="found", needs=CARRY),
    door("receiving", receiving.receiving, name="receiving", needs=CARRY),
    door("bench", bench.bench, name="bench", needs=P.REPAIR),
    door("bench/<str:code>", bench.bench_order, name="bench_order", needs=P.REPAIR),
    door("bench/<str:code>/repair", bench.repair, name="bench_repair", needs=P.REPAIR),
    door("bench/<str:code>/diagnosis", bench.diagnosis, name="bench_diagnosis", needs=P.REPAIR),
    door("bench/<str:code>/part", bench.part, name="bench_part", needs=P.REPAIR),
    door("bench/<str:code>/end", bench.end, name="bench_end", needs=P.REPAIR),
    door("bench/<str:code>/notes", bench.note, name="bench_note", needs=P.REPAIR),
    door("checks", returns.checks, name="checks", needs=P.REPAIR),
    door("bench/<str:code>/check", returns.check, name="bench_check", needs=P.REPAIR),
    door("returns", returns.returns, name="returns", needs=P.TRANSPORT),
    door("returns/<int:site_id>", returns.pack, name="pack_return", needs=P.TRANSPORT),
    door("bench/<str:code>/retirement", returns.retirement, name="bench_retirement", needs=P.REGISTER_DEVICES),
    door("silent", silent.silent, name="silent", needs=CARRY),
    door("bench/<str:code>/work", bench.work, name="bench_work", needs=P.REPAIR),
    door("bench/<str:code>/photos", photos.add, name="bench_photos", needs=P.REPAIR),
    door("photos/<int:photo_id>", photos.photo, name="bench_photo", needs=P.REPAIR),
    door("photos/<int:photo_id>/removal", photos.remove, name="bench_photo_removal", needs=P.REPAIR),
    door("bench/<str:code>/beyond", beyond.page, name="bench_beyond", needs=P.REGISTER_DEVICES),
    door("bench/<str:code>/harvest", beyond.harvest, name="bench_harvest", needs=P.REGISTER_DEVICES),
    door("bench/<str:code>/recycling", beyond.recycle, name="bench_recycling", needs=P.REGISTER_DEVICES),
    door("parts", parts.parts, name="parts", needs=P.REPAIR),
    door("parts/arrivals", parts.receive, name="part_arrivals", needs=P.REPAIR),
    door("parts/<int:part_stock>/count", parts.count, name="part_count", needs=P.REPAIR),
    door("parts/<int:part_stock>/sending", parts.send, name="part_sending", needs=P.REPAIR),
    door("parts/<int:part_stock>/orders", part_orders.order, name="part_order_new", needs=P.REPAIR),
    door("parts/orders", part_orders.part_orders, name="part_orders", needs=P.REPAIR),
    door("parts/orders/draft", part_orders.draft, name="part_order_draft", needs=P.REPAIR),
    door("parts/orders/<int:part_order>/arrivals", part_orders.arrival, name="part_order_arrival", needs=P.REPAIR),
    door("parts/orders/<int:part_order>/end", part_orders.end, name="part_order_end", needs=P.REPAIR),
    door("parts/kinds", part_kinds.part_kinds, name="part_kinds", needs=P.REPAIR),
    door("parts/kinds/new", part_kinds.make, name="part_kind_new", needs=P.REGISTER_DEVICES),
    door("parts/kinds/usual", part_kinds.take_usual, name="part_kinds_usual", needs=P.REGISTER_DEVICES),
    door("parts/kinds/<int:part_kind>", part_kinds.amend, name="part_kind", needs=P.REGISTER_DEVICES),
    export_door("exports/parts", parts.LISTING),
    export_door("exports/parts/orders", part_orders.LISTING),
    export_door("exports/parts/kinds", part_kinds.LISTING),
    export_door("exports/pickups", boxes.LISTING),
    export_door("exports/receiving", receiving.LISTING),
    export_door("exports/shipments/<str:code>", shipments.LISTING),
    export_door("exports/bench", bench.LISTING),
    export_door("exports/checks", returns.LISTING),
    export_door("exports/silent", silent.LISTING),
]
if settings.DEBUG:
    patterns += [
        door("styleguide", styleguide, name="styleguide", public=True),
        door("styleguide/<str:part>", styleguide, name="styleguide_part", public=True),
    ]
