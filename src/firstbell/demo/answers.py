"""The demo's plan: answered as a district might, save for a few questions that are visibly open."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

UNDECIDED = frozenset({"pickup.reading", "repair.fields", "handback.days", "channels.class_stopper_minutes"})
"""Left open on purpose: the plan shows them, and their safe value holds."""

ANSWERS: Mapping[str, tuple[Any, str]] = MappingProxyType(
    {
        "triage.place": ("desk", "One place that everybody knows."),
        "channels.student": (["qr", "desk", "team"], "Some pupils have no second device: the desk and the team stay."),
        "channels.staff": (["qr", "desk", "phone"], "A teacher cannot leave the room."),
        "reporting.self_help": (True, "Four of ten reports last year were solved by a restart."),
        "levels.team_minutes": (30, "Longer, and the lesson is over."),
        "intake.place": ("pickup_box", "Nothing broken stays on the desk."),
        "intake.stand_in": ("loan", "Families want the same device back."),
        "repair.where": ("depot", "One bench, one stock of parts."),
        "pickup.days": (["0", "2", "4"], "Two routes of one driver."),
        "repair.days": (5, "What the bench kept last year nine times of ten."),
        "repair.quality_check": ("second_person", "Three of a hundred came back before."),
        "status.silent_days": (3, "After that, somebody calls."),
        "loans.days": (10, "Two school weeks cover a repair with a part on order."),
        "closet.days": (2, "Forty devices lay in a closet for a year."),
        "measures.deviceless_minutes": (30, "Half a lesson."),
        "roster.brake": (10, "A term's leavers are five of a hundred."),
    }
)
"""Key -> answer and reason. What is missing here is answered with its safe value."""

LATER_REASON = "Taken over from last year."
OWN_ANSWER = ("intake.place", "desk", "The pick-up box does not lock; the desk does.")
"""One school's own answer, kept beside the district's."""
