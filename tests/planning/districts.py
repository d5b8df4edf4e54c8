"""Districts so simple that a closed form knows what will happen in them."""

from typing import Any

from firstbell.planning.simulation.calendars import Calendar
from firstbell.planning.simulation.district import Courier, Demand, District, Pool, Prices, Repairs, School

QUIET: dict[str, Any] = {
    "loss_rate": 0,
    "theft_rate": 0,
    "charger_loss_rate": 0,
    "day_loans": 0,
    "hidden_share": 0,
    "months": {},
    "monday": 1,
    "other_days": 1,
    "school_days": 1,
    "finite": False,
}
"""Only faults, evenly spread, at a rate a day; whoever has no device breaks one all the same."""
PLAIN: dict[str, Any] = {"school_share": 0, "parts_share": 0, "vendor_share": 0, "beyond_repair": 0, "bench_scv": 1}
"""Only the bench."""
AT_ONCE: dict[str, Any] = {"every": 0, "days_in": 0, "days_out": 0, "back_by_visit": False}
FREE = dict.fromkeys(("parts", "vendor_repair", "device", "charger", "technician", "visit"), 0)


def plain(
    *, days: int, rate: float, kits: int, learners: int = 1_000_000, schools: int = 1, **parts: dict[str, Any]
) -> District:
    """Return schools that never close; ``rate`` faults a day each. ``parts`` change demand, repairs, courier, pool."""
    demand = {**QUIET, "fault_rate": rate / learners, **parts.get("demand", {})}
    open_all_day = Calendar.always(days)
    return District(
        schools=[School(name=f"School {n}", learners=learners, kit=kits) for n in range(schools)],
        demand=Demand(**demand),
        repairs=Repairs(**{**PLAIN, **parts.get("repairs", {})}),
        courier=Courier(**{**AT_ONCE, **parts.get("courier", {})}),
        pool=Pool(**parts.get("pool", {})),
        prices=Prices(**FREE),
        school_calendar=open_all_day,
        depot_calendar=open_all_day,
    )


def small(**parts: Any) -> District:
    """Return two usual schools with everything that happens in a usual year."""
    schools = parts.pop("schools", None) or [
        School(name="Elm", learners=400, kit=4, fault_factor=0.6),
        School(name="Oak", learners=700, kit=9, fault_factor=1.6, turn=1),
    ]
    return District(schools=schools, **{"repairs": Repairs(technicians=1), **parts})
