"""Devices, whose they are, where they were and are."""

from bench.people import A_SITE


def place(number: int) -> str:
    """Return the id of a place of the device's school."""
    return f"s * {A_SITE} + {number}"


BENCH = f"{A_SITE}"
BOX, RETURN, LOANERS, STORE = 2, 3, 4, 5
DAY = "interval '1 day'"
HOUR = "interval '1 hour'"

# Where a device of each kind was, one interval after the other: (which devices, since, holder, site).
PERSON, PLACE, SHIPMENT = "person", "place", "shipment"
WAY = (
    ("kind <> 'loaner'", "bought", PLACE, place(STORE), "s"),
    ("kind = 'loaner'", "bought", PLACE, place(LOANERS), "s"),
    ("kind <> 'loaner'", "given", PERSON, "i", "s"),
    ("kind = 'loaner' AND j < 8", f"(broke + {HOUR})", PERSON, "i + 100 * {schools}", "s"),
    ("kind IN ('broken', 'past')", f"(broke + {HOUR})", PLACE, place(BOX), "s"),
    ("kind = 'past' OR (kind = 'broken' AND j >= 103)", f"(broke + {DAY})", SHIPMENT, "s * 4 + (j = 106)::int", "1"),
    ("kind = 'past' OR (kind = 'broken' AND j IN (103, 104, 105, 107))", f"(broke + 1.2 * {DAY})", PLACE, BENCH, "1"),
    ("kind = 'past' OR (kind = 'broken' AND j = 107)", f"(broke + 2 * {DAY})", SHIPMENT, "s * 4 + 2", "s"),
    ("kind = 'past' OR (kind = 'broken' AND j = 107)", f"(broke + 2.2 * {DAY})", PLACE, place(RETURN), "s"),
    ("kind = 'past'", f"(broke + 3 * {DAY})", PERSON, "i", "s"),
)


def way() -> str:
    """Return the query for all intervals of all devices, each ending where the next begins."""
    parts = [
        f"SELECT i, s, {number} AS n, {since} AS since, '{kind}' AS holder_kind, ({holder})::bigint AS holder,"
        f" ({site})::bigint AS at FROM bench_device WHERE {which}"
        for number, (which, since, kind, holder, site) in enumerate(WAY)
    ]
    ends = "lead(since) OVER (PARTITION BY i ORDER BY n)"
    return f"(SELECT *, {ends} AS until FROM ({' UNION ALL '.join(parts)}) AS parts ORDER BY since, i) AS way"


AT_DEPOT = "(kind = 'broken' AND j BETWEEN 103 AND 106)"
STATUS = (
    "CASE WHEN kind = 'broken' THEN 'in_repair' WHEN kind = 'loaner' AND j >= 8 THEN 'in_stock' ELSE 'in_service' END"
)
SERIAL = "upper(substr(md5('s' || i), 1, 14))"

ROWS = (
    (
        "devices.DeviceModel",
        {"id": "1", "manufacturer": "'Acme'", "name": "'Book'", "kind": "'chromebook'"},
        "(VALUES (1)) AS one",
    ),
    (
        "devices.Device",
        {
            "id": "i",
            "tag": "'AO' || lpad(i::text, 7, '0')",
            "serial": SERIAL,
            "code": "'D' || upper(to_hex(i))",
            "model_id": "1",
            "status": STATUS,
            "is_loaner": "kind = 'loaner'",
            "home_site_id": "s",
            "at_site_id": f"CASE WHEN {AT_DEPOT} THEN 1 ELSE s END",
            "registered_at": "bought",
        },
        "bench_device",
    ),
    ("devices.DeviceCode", {"device_id": "i", "code": "'AO' || lpad(i::text, 7, '0')"}, "bench_device"),
    ("devices.DeviceCode", {"device_id": "i", "code": SERIAL}, "bench_device"),
    ("devices.DeviceCode", {"device_id": "i", "code": f"right({SERIAL}, 6)"}, "bench_device"),
    ("devices.DeviceCode", {"device_id": "i", "code": "'D' || upper(to_hex(i))"}, "bench_device"),
    (
        "devices.Assignment",
        {"device_id": "i", "person_id": "i", "since": "given"},
        "bench_device WHERE kind <> 'loaner'",
    ),
    (
        "devices.Shipment",
        {
            "id": "s * 4 + n",
            "code": "'V' || s || 'X' || n",
            "from_site_id": "CASE WHEN n = 2 THEN 1 ELSE s END",
            "to_site_id": "CASE WHEN n = 2 THEN s ELSE 1 END",
            "status": "CASE WHEN n = 1 THEN 'sent' ELSE 'closed' END",
            "packed_at": "now() - interval '300 days'",
            "sent_at": "now() - interval '300 days'",
        },
        "(SELECT DISTINCT s FROM bench_device) AS schools, generate_series(0, 2) AS n",
    ),
    (
        "devices.Custody",
        {
            "device_id": "i",
            "kind": "holder_kind",
            "person_id": "CASE WHEN holder_kind = 'person' THEN holder END",
            "place_id": "CASE WHEN holder_kind = 'place' THEN holder END",
            "shipment_id": "CASE WHEN holder_kind = 'shipment' THEN holder END",
            "site_id": "at",
            "since": "since",
            "until": "until",
        },
        way(),
    ),
    (
        "devices.ShipmentItem",
        {"shipment_id": "shipment_id", "device_id": "device_id", "received_at": "until"},
        "devices_custody WHERE kind = 'shipment'",
    ),
)
