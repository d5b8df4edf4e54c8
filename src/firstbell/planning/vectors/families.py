"""The families of reference cases, each with the formula that answers it.

A family is a list of cases, or a single case; the answer has the same shape: what was asked, with computed answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from firstbell.planning.cycles import periodic_pickup, season
from firstbell.planning.echelons import two_echelons
from firstbell.planning.errors import OutOfRange
from firstbell.planning.pools import erlang_b, erlang_c, least_pool, least_pool_lost, loaner_pool
from firstbell.planning.queues import bench_queue, finite_source, one_technician
from firstbell.planning.reserves import Severity, covered_claims, reserve
from firstbell.planning.sampling import zero_defect_sample
from firstbell.planning.vectors.cases import Case, WrongCase
from firstbell.planning.vectors.rounds import rounds
from firstbell.planning.vectors.school_clock import school_clock
from firstbell.planning.vectors.simulated import SIMULATED

Answers = dict[str, Any]
TARGETS = ("0.90", "0.95", "0.99")


def _palm(case: Case) -> Answers:
    pool = loaner_pool(rate=case.number("lam"), turnaround=case.number("T"), loaners=case.whole("S"))
    return {
        "mean": pool.mean_out,
        "p_arrival_blocked": pool.blocked,
        "p_some_wait": pool.some_wait,
        "ready": pool.ready,
        "ebo": pool.waiting,
        "erlang_b": pool.lost,
    }


def _min_pool(case: Case) -> Answers:
    mean, target = case.number("mean"), case.number("target")
    return {"S_backorder": least_pool(mean, target), "S_loss": least_pool_lost(mean, target)}


def _erlang(case: Case) -> Answers:
    load, servers = case.number("a"), case.whole("c")
    return {"B": erlang_b(load, servers), "C": erlang_c(load, servers)}


def _finite(case: Case) -> Answers:
    found = finite_source(
        learners=case.whole("M"),
        spares=case.whole("S"),
        technicians=case.whole("techs"),
        fail_rate=case.number("fail_rate"),
        repair_rate=case.number("repair_rate"),
    )
    return {
        "EN": found.down,
        "E_without": found.without,
        "p_any_without": found.any_without,
        "ready_at_failure": found.ready_at_failure,
        "throughput": found.repairs_a_day,
        "tech_utilisation": found.technicians_busy,
    }


def _echelons(case: Case) -> Answers:
    found = two_echelons(
        schools=case.whole("n"),
        rate=case.number("lam"),
        repair_days=case.number("T0"),
        transport_days=case.number("O"),
        reserve=case.whole("S0"),
        kit=case.whole("Si"),
    )
    return {
        "depot_EBO": found.reserve_waiting,
        "depot_delay": found.reserve_delay,
        "metric_EBO_i": found.metric_waiting,
        "exact_mean": found.mean_out,
        "exact_var": found.variance_out,
        "exact_EBO_i": found.waiting,
        "exact_ready": found.ready,
    }


def _pickup(case: Case) -> Answers:
    found = periodic_pickup(
        rate=case.number("lam"),
        interval=case.number("interval"),
        after_days=case.number("after_delay"),
        loaners=case.whole("S"),
    )
    return {"mean": found.mean, "peak": found.peak, "trough": found.trough, "ready_time_avg": found.ready}


def _bench(case: Case) -> Answers:
    found = bench_queue(rate=case.number("lam"), work=case.number("es"), technicians=case.whole("c"))
    return {"rho": found.load, "C": found.chance_to_wait, "Wq": found.wait}


def _one_technician(case: Case) -> Answers:
    return {"Wq": one_technician(rate=case.number("lam"), work=case.number("es"), scv=case.number("scv"))}


def _season(case: Case) -> Answers:
    found = season(
        rate=case.number("lam_bar"),
        swing=case.number("beta"),
        period=case.number("period"),
        turnaround=case.number("ES"),
    )
    return {
        "mean": found.mean,
        "amplitude_exp": found.swing_exponential,
        "lag_exp": found.lag_exponential,
        "amplitude_det": found.swing_fixed,
        "lag_det": found.lag_fixed,
    }


def _sample(case: Case) -> Answers:
    return {"n": zero_defect_sample(confidence=case.number("conf"), most_wrong=case.number("max_rate"))}


def _claims(case: Case) -> Answers:
    return {"covered": covered_claims(rate=case.number("p"), limit=case.whole("k"))}


def _reserves(case: Case) -> Answers:
    severity = _severity(case.inner("severity"))
    rate = case.number("rate")
    bills = [
        {**one.values, **asdict(reserve(devices=one.whole("N"), rate=rate, severity=severity))}
        for one in case.each("cases")
    ]
    return {"EX": severity.mean, "EX2": severity.second_moment, "cases": bills}


def _severity(case: Case) -> Severity:
    try:
        shares = {float(cost): case.number(cost) for cost in case.values}
    except ValueError:
        raise WrongCase(f"{case.where}: each name must be a cost in dollars, such as 45.") from None
    return Severity(shares)


def _clustered(case: Case) -> Answers:
    mean, ratio = case.number("mean"), case.number("vmr")
    asked = case.values.get("S")
    targets = list(asked) if isinstance(asked, Mapping) and asked else TARGETS
    return {"S": {target: least_pool(mean, _target(case, target), ratio=ratio) for target in targets}}


def _target(case: Case, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise WrongCase(f"{case.where}, S: each name must be a target such as 0.95, not {text!r}.") from None


FAMILIES: Mapping[str, Callable[[Case], Answers]] = MappingProxyType(
    {
        "palm_mginf": _palm,
        "min_pool": _min_pool,
        "erlang_b": _erlang,
        "finite_source": _finite,
        "two_echelon": _echelons,
        "periodic_pickup": _pickup,
        "mmc": _bench,
        "mg1": _one_technician,
        "mtminf": _season,
        "audit_sample_zero_defect": _sample,
        "vrp": rounds,
        "claims_limit": _claims,
        "compound_poisson": _reserves,
        "sla_calendar": school_clock,
        "clustered_pool": _clustered,
    }
)


def answer(asked: object, *, runs: int = 0) -> dict[str, Any]:
    """Return what was asked with computed answers; raises WrongCase with one sentence.

    With ``runs``, cases that the simulation can live through get its intervals over so many runs, as "simulated".
    """
    if not isinstance(asked, Mapping):
        raise WrongCase("The file must hold an object whose names are families of cases.")
    return {name: _family(name, cases, runs) for name, cases in asked.items()}


def _family(name: str, cases: object, runs: int) -> Any:
    if name not in FAMILIES:
        raise WrongCase(f"There is no family {name!r}. Known families: {', '.join(FAMILIES)}.")
    if isinstance(cases, list):
        return [_one(f"{name}, case {number}", name, values, runs) for number, values in enumerate(cases, 1)]
    return _one(name, name, cases, runs)


def _one(where: str, name: str, values: object, runs: int) -> dict[str, Any]:
    case = Case(where, values)
    try:
        found = {**case.values, **FAMILIES[name](case)}
        if runs and name in SIMULATED:
            found["simulated"] = SIMULATED[name](case, runs)
    except OutOfRange as error:
        raise WrongCase(f"{where}: {error}") from error
    return found
