"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.doors import door
from firstbell.web.exports import export_door
from firstbell.web.scan import batches, bundle, conflicts, page, turns

P = Permission
SCAN = (P.MOVE_DEVICES, P.SHIP, P.TRANSPORT)

patterns: list[URLPattern] = [
    door("scan/line", page.scan_line, name="scan_line", needs=SCAN),
    door("scan/manifest.webmanifest", page.manifest, name="scan_manifest", public=True),
    door("scan/worker.js", page.worker, name="scan_worker", public=True),
    door("scan/session", bundle.session, name="scan_session", needs=SCAN),
    door("scan/bundle", bundle.bundle, name="scan_bundle", needs=SCAN),
    door("scan/turns/<int:group>", turns.turns, name="scan_turns", needs=P.LEND),
    door("scan/batches", batches.batches, name="scan_batches", needs=SCAN),
    door("scan/conflicts", conflicts.conflict_list, name="scan_conflicts", needs=P.MOVE_DEVICES),
    door("scan/conflicts/<int:conflict_id>", conflicts.settlement, name="scan_settlement", needs=P.MOVE_DEVICES),
    door("scan/phones/<uuid:install>/gap", conflicts.gap_end, name="scan_gap", needs=P.MOVE_DEVICES),
    export_door("exports/scan/conflicts", conflicts.LISTING),
]
