"""How often what happens: reference figures for US 1:1 programmes, and defaults inside their ranges."""

from collections.abc import Mapping
from types import MappingProxyType

from firstbell.demo.packages import Size

SCHOOL_DAYS = 175
TICKETS = 0.6
"""Requests for help a student-year (found: 0.32 to 0.72)."""
LIVELY: Mapping[Size, float] = MappingProxyType({Size.XS: 1.1, Size.S: 0.8})
"""Small districts live faster in the demo, so that every board has something to show."""
LIVING_STUDENTS = 3_400
"""Schools live until they have so many students together; the others exist and are quiet."""
MONDAY = 1.3
DAY_LOANS = 0.001
"""Loaners for forgotten or empty devices, a student-day (found: 0 to 0.034; kept small, the pool is 3 %)."""
SELF_HELP = 0.35
"""Problems solved by the steps shown, for each request sent."""

SYMPTOMS = (
    ("cracked", 22),
    ("dead", 10),
    ("input", 13),
    ("slow", 13),
    ("internet", 13),
    ("flat", 5),
    ("signin", 10),
    ("blocked", 4),
    ("other", 6),
    ("unsafe", 0.7),
    ("missing", 1.3),
)
"""Symptom -> weight. About four of ten end at the bench."""
BROKEN = frozenset({"cracked", "dead"})
TEAM = frozenset({"slow", "internet", "input"})
TO_THE_BENCH = 0.25
"""Of the keyboard and trackpad troubles that the team hands up, so many need a repair."""

CAUSES: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        "cracked": (("screen", 70), ("hinge", 15), ("liquid", 4), ("keyboard", 8), ("port", 3)),
        "dead": (("board", 24), ("battery", 22), ("port", 22), ("liquid", 12), ("software", 12), ("nothing", 8)),
        "input": (("keyboard", 62), ("trackpad", 24), ("liquid", 8), ("software", 6)),
    }
)
"""Symptom -> fault found at the bench; together screens 42 %, keyboards 17 %, liquid 5 % and so on (operations 2.2)."""
AWAITS_PART = 0.12
BEYOND_REPAIR = 0.03
CHECK_FAILS = 0.04
KEEPS_LOANER = 0.06
NEVER_BACK = 0.04
LATE_HAND_BACK = 0.12
NOTES_DAMAGE = 0.45
"""Of accidents at the desk, so many are noted with their cause."""

NOTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cracked": ("It fell off the desk.", "Someone stepped on my bag.", "La pantalla tiene rayas.", "On the bus."),
        "dead": ("Does nothing at all.", "No enciende.", "It was fine last night."),
        "input": ("The E key is missing.", "Mouse jumps around.", "La tecla de espacio no va."),
        "slow": ("Takes ten minutes to start.", "Freezes in the reading test."),
        "internet": ("Nobody in the row gets in.", "Se desconecta cada rato."),
        "signin": ("It says my password is wrong.", "New student, no account yet."),
        "blocked": ("The museum site for social studies.", "A video for science class."),
        "other": ("The charger does not fit.", "The stylus is lost."),
    }
)  # fmt: skip
NOTED = 0.4
"""Of reports, so many come with a few words."""
