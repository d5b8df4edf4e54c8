"""Districts so simple that a closed form knows what will happen in them: what the simulation is checked against."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from firstbell.planning.simulation.calendars import Calendar
from firstbell.planning.simulation.district import Courier, Demand, District, Pool, Prices, Repairs, School

QUIET: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("loss_rate", "theft_rate", "charger_loss_rate", "day_loans", "hidden_share"), 0.0),
        **dict.fromkeys(("monday", "other_days", "school_days"), 1.0),
        "months": {},
        "finite": False,
    }
)
"""Only faults, evenly spread, at a rate a day; whoever has no device breaks one all the same."""
BENCH_ONLY: Mapping[str, Any] = MappingProxyType(
    {**dict.fromkeys(("school_share", "parts_share", "vendor_share", "beyond_repair"), 0.0), "bench_scv": 1.0}
)
AT_ONCE: Mapping[str, Any] = MappingProxyType({"every": 0, "days_in": 0.0, "days_out": 0.0, "back_by_visit": False})
FREE: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(("parts", "vendor_repair", "device", "charger", "technician", "visit"), 0.0)
)
Part = Mapping[str, Any]
NOTHING: Part = MappingProxyType({})


def steady(
    *,
    days: int,
    rate: float,
    kit: int,
    learners: int = 1_000_000,
    schools: int = 1,
    demand: Part = NOTHING,
    repairs: Part = NOTHING,
    courier: Part = NOTHING,
    pool: Part = NOTHING,
) -> District:
    """Return schools that never close, with ``rate`` faults a day each; the parts change what they name."""
    open_all_day = Calendar.always(days)
    return District(
        schools=[School(name=f"School {n}", learners=learners, kit=kit) for n in range(schools)],
        demand=Demand(**{**QUIET, "fault_rate": rate / learners, **demand}),
        repairs=Repairs(**{**BENCH_ONLY, **repairs}),
        courier=Courier(**{**AT_ONCE, **courier}),
        pool=Pool(**pool),
        prices=Prices(**FREE),
        school_calendar=open_all_day,
        depot_calendar=open_all_day,
    )
