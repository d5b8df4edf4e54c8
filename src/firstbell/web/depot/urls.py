"""Addresses of this surface, each declared with who may come in."""

from django.conf import settings
from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.depot import (
    bench,
    boxes,
    days,
    late,
    manifests,
    receiving,
    requests,
    returns,
    run_sheets,
    runs,
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
    door("pickups/requests", requests.ask, name="pickup_request", needs=CARRY),
    door("pickups/requests/<int:request_id>/withdrawal", requests.withdraw, name="pickup_withdrawal", needs=CARRY),
    door("runs", runs.page, name="runs", needs=P.TRANSPORT),
    door("runs/plan", days.page, name="run_plan", needs=P.TRANSPORT),
    door("runs/made", days.make, name="runs_made", needs=P.TRANSPORT),
    door("runs/<str:code>", runs.run_page, name="run", needs=P.TRANSPORT),
    door("runs/<str:code>/sheet", run_sheets.sheet, name="run_sheet", needs=P.TRANSPORT),
    door("runs/<str:code>/start", runs.start, name="run_start", needs=P.TRANSPORT),
    door("runs/<str:code>/departures", runs.leave, name="run_leave", needs=P.TRANSPORT),
    door("runs/<str:code>/failures", runs.fail, name="run_fail", needs=P.TRANSPORT),
    door("runs/<str:code>/end", runs.end, name="run_end", needs=P.TRANSPORT),
    door("runs/<str:code>/cancellation", runs.call_off, name="run_call_off", needs=P.TRANSPORT),
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
    door("late", late.late, name="late", needs=P.SHIP),
    door("late/reasons", late.explain, name="explain_late", needs=P.SHIP),
    door("silent", silent.silent, name="silent", needs=CARRY),
    export_door("exports/pickups", boxes.LISTING),
    export_door("exports/runs", runs.LISTING),
    export_door("exports/runs/<str:code>", runs.RUN),
    export_door("exports/receiving", receiving.LISTING),
    export_door("exports/shipments/<str:code>", shipments.LISTING),
    export_door("exports/bench", bench.LISTING),
    export_door("exports/checks", returns.LISTING),
    export_door("exports/silent", silent.LISTING),
    export_door("exports/late", late.LISTING),
]
if settings.DEBUG:
    patterns += [
        door("styleguide", styleguide, name="styleguide", public=True),
        door("styleguide/<str:part>", styleguide, name="styleguide_part", public=True),
    ]
