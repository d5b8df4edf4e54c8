"""Tickets, repairs, loans."""

from bench.people import A_SITE
from bench.stock import DAY, HOUR

PAST = "kind = 'past'"
TICKETS = "bench_device WHERE kind IN ('broken', 'asked', 'past')"
STATUS = "CASE WHEN kind = 'past' THEN 'closed' WHEN kind = 'broken' THEN 'waiting' ELSE 'new' END"
LEVEL = "CASE WHEN kind = 'asked' THEN 2 ELSE 3 END"
WAITING = "CASE WHEN kind = 'broken' THEN CASE WHEN j < 103 THEN 'pickup' ELSE 'repair' END ELSE '' END"
ENDED = f"CASE WHEN {PAST} THEN broke + 3 * {DAY} END"

ROWS = (
    (
        "tickets.Ticket",
        {
            "id": "i",
            "code": "'T' || upper(to_hex(i))",
            "site_id": "s",
            "place_id": f"s * {A_SITE} + 6 + i % 20",
            "device_id": "i",
            "person_id": "i",
            "reporter": "'student'",
            "channel": "'qr'",
            "symptom": "'cracked'",
            "status": STATUS,
            "level": LEVEL,
            "waiting_on": WAITING,
            "outcome": "CASE WHEN kind = 'asked' THEN '' ELSE 'swap' END",
            "owner_id": "s",
            "opened_at": "broke",
            "triaged_at": f"CASE WHEN kind <> 'asked' THEN broke + {HOUR} END",
            "first_answer_at": f"CASE WHEN kind <> 'asked' THEN broke + {HOUR} END",
            "resolved_at": ENDED,
            "closed_at": ENDED,
        },
        TICKETS,
    ),
    (
        "tickets.Phase",
        {"ticket_id": "i", "status": "'new'", "level": "2", "since": "broke", "until": f"broke + {HOUR}"},
        "bench_device WHERE kind IN ('broken', 'past')",
    ),
    (
        "tickets.Phase",
        {
            "ticket_id": "i",
            "status": "'waiting'",
            "level": "3",
            "waiting_on": "'pickup'",
            "since": f"broke + {HOUR}",
            "until": f"broke + 3 * {DAY}",
        },
        "bench_device WHERE kind = 'past'",
    ),
    (
        "tickets.Phase",
        {
            "ticket_id": "i",
            "status": STATUS,
            "level": LEVEL,
            "waiting_on": WAITING,
            "since": f"CASE WHEN kind = 'asked' THEN broke WHEN {PAST} THEN broke + 3 * {DAY} ELSE broke + {HOUR} END",
        },
        TICKETS,
    ),
    (
        "repairs.WorkOrder",
        {
            "code": "'W' || upper(to_hex(i))",
            "device_id": "i",
            "ticket_id": "i",
            "site_id": "s",
            "symptom": "'cracked'",
            "route": "'depot'",
            "status": "CASE WHEN kind = 'past' THEN 'closed' WHEN j = 107 THEN 'checked'"
            " WHEN j = 105 THEN 'awaiting_parts' ELSE 'opened' END",
            "fault": "CASE WHEN kind = 'past' OR j IN (105, 107) THEN 'screen' ELSE '' END",
            "opened_at": f"broke + {HOUR}",
            "diagnosed_at": f"CASE WHEN kind = 'past' OR j IN (105, 107) THEN broke + 1.3 * {DAY} END",
            "repaired_at": f"CASE WHEN kind = 'past' OR j = 107 THEN broke + 1.4 * {DAY} END",
            "checked_at": f"CASE WHEN kind = 'past' OR j = 107 THEN broke + 1.5 * {DAY} END",
            "closed_at": ENDED,
        },
        "bench_device WHERE kind IN ('broken', 'past')",
    ),
    (
        "loans.PoolDevice",
        {"device_id": "i", "site_id": "s", "since": "bought"},
        "bench_device WHERE kind = 'loaner'",
    ),
    (
        "loans.Loan",
        {
            "device_id": "i",
            "person_id": "i + 100 * {schools}",
            "site_id": "s",
            "ticket_id": "i + 100 * {schools}",
            "reason": "'repair'",
            "out_at": f"broke + {HOUR}",
            "due_on": "current_date + 10 - (i % 15)::int",
        },
        "bench_device WHERE kind = 'loaner' AND j < 8",
    ),
)
