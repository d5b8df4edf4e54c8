"""The events that tell all of it, what they are about, and the operations they belong to."""

from bench.stock import DAY, HOUR, STATUS


def op(*parts: str) -> str:
    """Return an operation id made from what the operation was."""
    return f"md5('op:' || {' || chr(58) || '.join(parts)})::uuid"


def event(kind: str, facts: str, *, at: str, operation: str, source: str) -> tuple[str, dict[str, str], str]:
    """Return rows of the ledger."""
    values = {
        "kind": f"'{kind}'",
        "actor_kind": "'system'",
        "operation_id": operation,
        "facts": f"jsonb_build_object({facts})",
        "happened_at": at,
        "recorded_at": at,
    }
    return "ledger.Event", values, source


PREVIOUS = "OVER (PARTITION BY device_id ORDER BY since, id)"
MOVES = (
    "(SELECT *, coalesce(person_id, place_id, shipment_id) AS holder,"
    f" lag(kind) {PREVIOUS} AS before_kind, lag(coalesce(person_id, place_id, shipment_id)) {PREVIOUS} AS before"
    " FROM devices_custody ORDER BY since, id) AS moves"
)
ABOUT = (("device", "device_id"), ("person", "person_id"), ("ticket", "ticket_id"), ("workorder", "work_order_id"))

ROWS = (
    event(
        "devices.registered",
        "'device_id', i, 'home_site_id', s",
        at="bought",
        operation=op("i", "'bought'"),
        source="bench_device",
    ),
    event(
        "devices.custody_changed",
        "'device_id', device_id, 'holder_kind', kind, 'holder_id', holder, 'site_id', site_id,"
        " 'previous_kind', before_kind, 'previous_id', before, 'reason', 'moved'",
        at="since",
        operation=op("device_id", "since"),
        source=MOVES,
    ),
    event(
        "devices.assigned",
        "'device_id', device_id, 'person_id', person_id, 'class_group_id', NULL",
        at="since",
        operation=op("device_id", "since"),
        source="devices_assignment",
    ),
    event(
        "devices.status_changed",
        f"'device_id', i, 'from_status', 'in_stock', 'to_status', {STATUS}",
        at=f"broke + {HOUR}",
        operation=op("i", f"broke + {HOUR}"),
        source=f"bench_device WHERE {STATUS} <> 'in_stock'",
    ),
    event(
        "tickets.opened",
        "'ticket_id', id, 'site_id', site_id, 'channel', channel, 'symptom', symptom, 'class_stopper', class_stopper,"
        " 'place_id', place_id, 'device_id', device_id",
        at="opened_at",
        operation=op("id", "'opened'"),
        source="tickets_ticket",
    ),
    event(
        "tickets.moved",
        "'ticket_id', ticket_id, 'from_status', 'new', 'to_status', status, 'level', level, 'waiting_on', waiting_on,"
        " 'reason', 'taken_in'",
        at="since",
        operation=op("ticket_id", "since"),
        source="tickets_phase WHERE status <> 'new'",
    ),
    event(
        "repairs.opened",
        "'work_order_id', id, 'device_id', device_id, 'symptom', symptom, 'route', route",
        at="opened_at",
        operation=op("device_id", "opened_at"),
        source="repairs_workorder",
    ),
    event(
        "repairs.repaired",
        "'work_order_id', id, 'device_id', device_id, 'fault', fault, 'part_cents', 0, 'minutes', 20",
        at="repaired_at",
        operation=op("device_id", "repaired_at"),
        source="repairs_workorder WHERE repaired_at IS NOT NULL",
    ),
    event(
        "loans.lent",
        "'loan_id', id, 'device_id', device_id, 'person_id', person_id, 'reason', reason, 'due_on', due_on",
        at="out_at",
        operation=op("device_id", "out_at"),
        source="loans_loan",
    ),
    event(
        "devices.condition_noted",
        "'device_id', i, 'grade', 'good', 'marks', '[]'::jsonb, 'holder_kind', 'person', 'holder_id', i",
        at=f"given + n * {DAY}",
        operation=op("i", "'noted'", "n"),
        source="bench_device, generate_series(1, {filler}) AS n",
    ),
    *(
        (
            "ledger.About",
            {"event_id": "id", "subject_kind": f"'{kind}'", "subject_id": f"(facts->>'{fact}')::bigint"},
            f"ledger_event WHERE facts->>'{fact}' IS NOT NULL",
        )
        for kind, fact in ABOUT
    ),
    (
        "ledger.Operation",
        {
            "id": "operation_id",
            "verb": "'bench'",
            "actor_kind": "'system'",
            "fingerprint": "''",
            "result": "'{}'::jsonb",
        },
        "(SELECT DISTINCT operation_id FROM ledger_event ORDER BY operation_id) AS operations",
    ),
)
