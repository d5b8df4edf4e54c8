"""Addresses of this surface, each declared with who may come in."""

from django.conf import settings
from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.depot import (
    bench,
    boxes,
    claims,
    manifests,
    receiving,
    returns,
    shipments,
    silent,
    vendor_case,
    vendor_page,
    vendors,
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
    export_door("exports/pickups", boxes.LISTING),
    export_door("exports/receiving", receiving.LISTING),
    export_door("exports/shipments/<str:code>", shipments.LISTING),
    export_door("exports/bench", bench.LISTING),
    export_door("exports/checks", returns.LISTING),
    export_door("exports/silent", silent.LISTING),
    door("vendors", vendors.page, name="vendors", needs=CARRY),
    door("vendors/boxes", vendors.send_box, name="vendor_boxes", needs=CARRY),
    door("vendors/new/<str:code>", vendor_case.new, name="vendor_case_new", needs=CARRY),
    door("vendors/new/<str:code>/opening", vendor_case.start, name="vendor_case_open", needs=CARRY),
    door("vendors/cases/<str:code>", vendor_case.page, name="vendor_case", needs=CARRY),
    door("vendors/cases/<str:code>/number", vendor_case.number, name="vendor_case_number", needs=CARRY),
    door("vendors/cases/<str:code>/departure", vendor_case.departure, name="vendor_case_departure", needs=CARRY),
    door("vendors/cases/<str:code>/news", vendor_case.news, name="vendor_case_news", needs=CARRY),
    door("vendors/cases/<str:code>/arrival", vendor_case.arrival, name="vendor_case_arrival", needs=CARRY),
    door("vendors/cases/<str:code>/look", vendor_case.look, name="vendor_case_look", needs=CARRY),
    door("vendors/cases/<str:code>/owner", vendor_case.owner, name="vendor_case_owner", needs=CARRY),
    door("vendors/cases/<str:code>/ending", vendor_case.ending, name="vendor_case_ending", needs=CARRY),
    door("vendors/feeds/<int:feed>", vendor_page.feed_page, name="vendor_feed", needs=P.TRANSPORT),
    door("vendors/feeds/<int:feed>/application", vendor_page.take, name="vendor_feed_take", needs=P.TRANSPORT),
    door("vendors/<str:code>", vendor_page.page, name="vendor", needs=P.TRANSPORT),
    door("vendors/<str:code>/answers", vendor_page.answer, name="vendor_answers", needs=P.DECIDE),
    door("vendors/<str:code>/words", vendor_page.word, name="vendor_words", needs=P.TRANSPORT),
    door("vendors/<str:code>/feeds", vendor_page.hand_in, name="vendor_feeds", needs=P.TRANSPORT),
    door("claims", claims.page, name="claims", needs=P.REPAIR),
    door("claims/missed", claims.missed_page, name="claims_missed", needs=P.REPAIR),
    door("claims/missed/<str:code>", claims.make, name="claim_make", needs=P.REPAIR),
    door("claims/<int:claim>", claims.claim_page, name="claim", needs=P.REPAIR),
    door("claims/<int:claim>/sending", claims.send, name="claim_sending", needs=P.REPAIR),
    door("claims/<int:claim>/decision", claims.decide, name="claim_decision", needs=P.REPAIR),
    door("claims/<int:claim>/drop", claims.drop, name="claim_drop", needs=P.REPAIR),
    export_door("exports/vendors", vendors.LISTING),
    export_door("exports/claims", claims.LISTING),
    export_door("exports/claims/missed", claims.MISSED),
]
if settings.DEBUG:
    patterns += [
        door("styleguide", styleguide, name="styleguide", public=True),
        door("styleguide/<str:part>", styleguide, name="styleguide_part", public=True),
    ]
