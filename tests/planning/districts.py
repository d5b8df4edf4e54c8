"""Districts for tests: the steady ones of the planner itself, and a small usual one."""

from typing import Any

from firstbell.planning.simulation.district import District, Repairs, School


def small(**parts: Any) -> District:
    """Return two usual schools with everything that happens in a usual year."""
    schools = parts.pop("schools", None) or [
        School(name="Elm", learners=400, kit=4, fault_factor=0.6),
        School(name="Oak", learners=700, kit=9, fault_factor=1.6, turn=1),
    ]
    return District(schools=schools, **{"repairs": Repairs(technicians=1), **parts})
