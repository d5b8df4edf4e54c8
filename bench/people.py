"""Sites, places, people, logins."""

FIRST_SCHOOL = 3
PLACES = ("desk", "pickup_box", "return_shelf", "loaner_shelf", "store")
ROOMS = 20
A_SITE = 30  # ids of places a site takes

SCHOOLS = f"generate_series({FIRST_SCHOOL}, {FIRST_SCHOOL} + {{schools}} - 1) AS s"
GIVEN = (
    "ARRAY['Ana','Ben','Carla','Dmitri','Elif','Fatima','Grace','Hugo','Ines','Jamal','Kim','Luis','Maya','Noah','Olga',"
    "'Paulo','Quinn','Rosa','Sven','Tariq','Uma','Vera','Wei','Ximena','Yara','Zoe','Amir','Bella','Chidi','Dana']"
)
FAMILY = (
    "ARRAY['Abbott','Baker','Castillo','Diaz','Evans','Flores','Garcia','Hughes','Ibrahim','Jones','Khan','Lopez','Moore',"
    "'Nguyen','Ortiz','Patel','Quintero','Reyes','Smith','Torres','Ueda','Vargas','Walker','Xu','Young','Zhang','Ali']"
)
PERSON = f"bench_device, LATERAL (SELECT ({GIVEN})[1 + i % 30] AS g, ({FAMILY})[1 + (i / 7) % 27] AS f) AS names"

ROWS = (
    ("directory.Calendar", {"id": "1", "name": "'All'"}, "(VALUES (1)) AS one"),
    (
        "directory.BellPeriod",
        {"calendar_id": "1", "weekday": "day", "name": "'day'", "starts": "'07:30'", "ends": "'15:30'"},
        "generate_series(0, 4) AS day",
    ),
    (
        "directory.Site",
        {"id": "n", "kind": "k", "name": "k", "code": "'S' || n", "calendar_id": "1", "timezone": "'America/New_York'"},
        "(VALUES (1, 'depot'), (2, 'office')) AS fixed (n, k)",
    ),
    (
        "directory.Site",
        {
            "id": "s",
            "kind": "'school'",
            "name": "'School ' || s",
            "code": "'S' || s",
            "calendar_id": "1",
            "timezone": "'America/New_York'",
            "enrolment": "600",
        },
        SCHOOLS,
    ),
    (
        "directory.Place",
        {"id": f"{A_SITE}", "site_id": "1", "kind": "'bench'", "name": "'Bench'", "code": "'PBENCH'"},
        "(VALUES (1)) AS one",
    ),
    (
        "directory.Place",
        {
            "id": f"s * {A_SITE} + n",
            "site_id": "s",
            "kind": f"CASE WHEN n <= 5 THEN (ARRAY{list(PLACES)!r})[n] ELSE 'room' END",
            "name": "'Place ' || n",
            "code": "'P' || s || 'X' || n",
        },
        f"{SCHOOLS}, generate_series(1, {5 + ROOMS}) AS n",
    ),
    (
        "directory.Person",
        {
            "id": "i",
            "kind": "'student'",
            "source_id": "'p' || i",
            "local_number": "(1000000 + i)::text",
            "given_name": "g",
            "family_name": "f",
            "grade": "(6 + i % 7)::text",
            "site_id": "s",
        },
        PERSON,
    ),
    ("directory.PersonWord", {"person_id": "i", "word": "lower(g)"}, PERSON),
    ("directory.PersonWord", {"person_id": "i", "word": "lower(f)"}, PERSON),
    ("directory.PersonWord", {"person_id": "i", "word": "(1000000 + i)::text"}, PERSON),
    (
        "directory.User",
        {"id": "s", "password": "'!'", "username": "'lead' || s", "display_name": "'Lead ' || s"},
        SCHOOLS,
    ),
    (
        "directory.User",
        {"id": "n", "password": "'!'", "username": "'u' || n", "display_name": "'User ' || n"},
        "generate_series(1, 2) AS n",
    ),
    ("directory.RoleHeld", {"user_id": "s", "role": "'it_lead'", "site_id": "s", "since": "'2020-01-01'"}, SCHOOLS),
    (
        "directory.RoleHeld",
        {"user_id": "n", "role": "k", "since": "'2020-01-01'"},
        "(VALUES (1, 'district_tech'), (2, 'district_it')) AS held (n, k)",
    ),
)
