"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.desk import (
    closet,
    devices,
    handbacks,
    loaners,
    motions,
    people,
    places,
    queue,
    records,
    register,
    scan,
    tickets,
)
from firstbell.web.doors import door

P = Permission

patterns: list[URLPattern] = [
    door("scan", scan.scan, name="scan"),
    door("desk", queue.queue, name="queue", needs=P.SEE_TICKETS),
    door("tickets/<str:code>", tickets.ticket_page, name="ticket", needs=P.SEE_TICKETS),
    door("tickets/<str:code>/history", tickets.ticket_history, name="ticket_history", needs=P.SEE_TICKETS),
    door("tickets/<str:code>/worker", tickets.take, name="ticket_take", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/triage", tickets.triage, name="ticket_triage", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/wait", tickets.wait, name="ticket_wait", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/level", tickets.hand_up, name="ticket_hand_up", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/solution", tickets.resolve, name="ticket_resolve", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/closure", tickets.close, name="ticket_close", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/reopening", tickets.reopen, name="ticket_reopen", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/messages", tickets.write, name="ticket_write", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/device", tickets.name_device, name="ticket_device", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/admission", tickets.let_in, name="ticket_admit", needs=P.WORK_TICKETS),
    door("tickets/<str:code>/note-clearance", tickets.clear_note, name="ticket_clear_note", needs=P.SUPERVISE_TEAM),
    door("devices/new", register.register_page, name="register_device", needs=P.REGISTER_DEVICES),
    door("devices/new/entries", register.enter, name="enter_device", needs=P.REGISTER_DEVICES),
    door("devices/<path:tag>/history", devices.device_history, name="device_history", needs=P.SEE_DEVICES),
    door("devices/<path:tag>/record", devices.device_record, name="device_record", needs=P.SEE_DEVICES),
    door("devices/<path:tag>/places", devices.device_places, name="device_places", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/fault", devices.device_fault, name="device_fault", needs=P.WORK_TICKETS),
    door("devices/<path:tag>/faults", records.note_fault, name="note_fault", needs=P.WORK_TICKETS),
    door("devices/<path:tag>/correction", records.correct, name="correct_record", needs=P.REGISTER_DEVICES),
    door("devices/<path:tag>/line", records.change_line, name="change_line", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/swap", motions.swap, name="swap", needs=P.LEND),
    door("devices/<path:tag>/intake", motions.intake, name="intake", needs=P.LEND),
    door("devices/<path:tag>/hand-back", motions.return_to_owner, name="hand_back", needs=P.LEND),
    door("devices/<path:tag>/shelf", motions.shelve, name="shelve", needs=P.LEND),
    door("devices/<path:tag>/loan", motions.loan, name="loan", needs=P.LEND),
    door("devices/<path:tag>/loan/return", motions.loan_return, name="loan_return", needs=P.LEND),
    door("devices/<path:tag>/holder", motions.handover, name="handover", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/release", motions.release, name="release_owner", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/place", motions.put, name="put_device", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/aside", motions.aside, name="set_aside", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/clearance", motions.clear, name="clear_device", needs=P.MOVE_DEVICES),
    door("devices/<path:tag>/pool", motions.pool, name="pool_device", needs=P.LEND),
    door("devices/<path:tag>", devices.device_page, name="device", needs=P.SEE_DEVICES),  # last: a tag may hold a slash
    door("people/<int:pk>", people.person_page, name="person", needs=P.SEE_PEOPLE),
    door("people/<int:pk>/reports", people.report_for, name="report_for", needs=P.WORK_TICKETS),
    door("loans", loaners.loans, name="loans", needs=P.LEND),
    door("hand-back", handbacks.hand_backs, name="hand_backs", needs=P.LEND),
    door("closet", closet.closet, name="closet", needs=P.SEE_DEVICES),
    door("places", places.places, name="places", needs=P.MOVE_DEVICES),
    door("places/new", places.make, name="make_place", needs=P.MOVE_DEVICES),
    door("places/codes", places.codes, name="place_codes", needs=P.MOVE_DEVICES),
    door("places/<str:code>", places.place_page, name="place", needs=P.SEE_DEVICES),
    door("places/<str:code>/code", places.renew, name="renew_code", needs=P.MOVE_DEVICES),
]
