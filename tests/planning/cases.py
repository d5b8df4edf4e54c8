"""What is asked in the reference vectors, family by family: everything else in them is an answer."""

from typing import Any

ASKED: dict[str, set[str]] = {
    "palm_mginf": {"lam", "T", "S"},
    "min_pool": {"mean", "target"},
    "erlang_b": {"a", "c"},
    "finite_source": {"M", "S", "techs", "fail_rate", "repair_rate"},
    "two_echelon": {"n", "lam", "T0", "O", "S0", "Si"},
    "periodic_pickup": {"lam", "interval", "after_delay", "S"},
    "mmc": {"lam", "es", "c"},
    "mg1": {"lam", "es", "scv"},
    "mtminf": {"lam_bar", "beta", "period", "ES"},
    "audit_sample_zero_defect": {"conf", "max_rate"},
    "claims_limit": {"p", "k"},
    "clustered_pool": {"mean", "vmr"},
}
MAPS = {"coords", "scale", "metric", "demands", "capacity", "vehicles", "coords_km", "freq", "days", "patterns"}


def stripped(vectors: dict[str, Any]) -> dict[str, Any]:
    """Return the questions without a single answer."""
    found: dict[str, Any] = {name: _strip(vectors[name], asked) for name, asked in ASKED.items()}
    found["vrp"] = {name: _strip(one, MAPS) for name, one in vectors["vrp"].items()}
    bills = vectors["compound_poisson"]
    cases = _strip(bills["cases"], {"N"})
    found["compound_poisson"] = {"severity": bills["severity"], "rate": bills["rate"], "cases": cases}
    clock = vectors["sla_calendar"]
    found["sla_calendar"] = {
        **clock,
        "cases": _strip(clock["cases"], {"opened"}),
        "pause": _strip(clock["pause"], {"start", "end", "pause_from", "pause_to"}),
    }
    return found


def _strip(cases: Any, asked: set[str]) -> Any:
    if isinstance(cases, list):
        return [_strip(case, asked) for case in cases]
    return {name: value for name, value in cases.items() if name in asked}


def differences(found: Any, wanted: Any, where: str = "") -> list[str]:
    """Return where two structures differ: names exactly, numbers by more than 1e-6, relative or absolute."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        faults = [f"{where}: {sorted(set(found) ^ set(wanted))}"] if set(found) != set(wanted) else []
        return faults + [
            fault
            for name in wanted.keys() & found
            for fault in differences(found[name], wanted[name], f"{where}/{name}")
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(found, wanted, strict=True))
        return [fault for n, (one, other) in pairs for fault in differences(one, other, f"{where}[{n}]")]
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return [] if abs(found - wanted) <= 1e-6 * max(1, abs(wanted)) else [f"{where}: {found} is not {wanted}"]
    return [] if found == wanted else [f"{where}: {found} is not {wanted}"]
