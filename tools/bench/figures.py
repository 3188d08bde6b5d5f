"""A line of `make bench`: the medians of all rounds, their range, and the goals beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from typing import Any

# Benchmark → figure → goal, for two cores that nothing else uses.
GOALS: dict[str, dict[str, str]] = {
    "catchup": {"processor_ms": "<= 1.0"},
    "idle_pull": {"processor_ms": "<= 1.0"},
    "catchup_one_worker": {"processor_ms": "<= 1.0"},
    "idle_pull_one_worker": {"processor_ms": "<= 1.0"},
    "idle_pull_12": {"p95_ms": "<= 5"},
    "first_sync": {"p50_ms": "<= 300"},
    "feed_size": {"ratio": "<= 1.15"},
    "live": {"processor_ms": "<= 3.6", "p50_ms": "<= 12", "p95_ms": "<= 150", "rate": ">= 150"},
    "live_push": {"processor_ms": "<= 3.6", "p50_ms": "<= 12", "p95_ms": "<= 150"},
    "fanout": {"rate": ">= 30000", "kilobytes_a_socket": "<= 40"},
    "herd": {"all_back_s": "<= 60", "p99_ms": "<= 1000", "lost": "<= 0"},
    # Building and filtering a frame may cost as much again as sending it.
    "hints": {"ratio": ">= 0.5"},
    "pump": {"rate": ">= 2000"},
    "first_visit": {
        "interactive_ms": "<= 2000",
        "blocking_ms": "<= 150",
        "layout_shift": "<= 0.02",
    },
    "first_visit_slow_3g": {"ready_ms": "<= 4000"},
    "phone_first_sync": {"stored_ms": "<= 2000"},
    "phone_warm_start": {"ready_4x_ms": "<= 1000", "ready_6x_ms": "<= 1500"},
    "taps": {"longest_ms": "<= 100"},
    "console_mark": {"p50_ms": "<= 400", "p95_ms": "<= 400"},
    "slow_clients": {"p99_ratio": "<= 2", "healthz_p99_ms": "<= 100"},
}

# Every page of every role: a page of one row makes the same queries as one of fifty.
GOALS |= {
    f"console_{role}": {"p95_ms": "<= 100", "kilobytes": "<= 40", "more_queries": "<= 0"}
    for role in ("counsellor", "administrator", "coordinator")
}

# One number, or one for each process and their total.
Value = float | dict[str, float]


def line(bench: str, **values: Any) -> dict[str, Any]:
    """The figures of one benchmark, with its goals."""
    goals = []
    for name, goal in GOALS.get(bench, {}).items():
        sign, bound = goal.split()
        value = _total(values[name])
        met = value <= float(bound) if sign == "<=" else value >= float(bound)
        goals.append({"figure": name, "value": value, "goal": goal, "met": met})
    return {"bench": bench, **values, "cores": os.cpu_count(), "goals": goals}


def rows(figures: dict[str, Any]) -> Iterator[str]:
    """The goals of one line, for people to read: figure | value | goal | met."""
    for each in figures["goals"]:
        name = f"{figures['bench']} {each['figure']}"
        verdict = "met" if each["met"] else "MISSED"
        yield f"{name:36} | {each['value']:>9} | {each['goal']:>8} | {verdict}"


def medians(rounds: Sequence[dict[str, Value]], *, reference: str = "") -> dict[str, Any]:
    """The median of each value over the rounds, never the best, and the range beside it.

    Each round compares its own `rate` with the `reference` that ran beside it.
    """
    if reference:
        rounds = [
            each | {"ratio": _total(each["rate"]) / _total(each["reference"])} for each in rounds
        ]
    values: dict[str, Any] = {"rounds": len(rounds)}
    for name in rounds[0]:
        column = [each[name] for each in rounds]
        totals = [_rounded(_total(value)) for value in column]
        values[name] = _median(column)
        values[f"{name}_range"] = [min(totals), max(totals)]
    if reference:
        values["reference"] = {"name": reference, "rate": values["reference"]}
    return values


def percentiles(millis: Sequence[float]) -> dict[str, Value]:
    """The middle and the slow end of one round."""
    # Twice, because a very busy machine may have time for one only, and quantiles needs two.
    cuts = quantiles([*millis, *millis], n=100, method="inclusive")
    return {f"p{hundredth}_ms": cuts[hundredth - 1] for hundredth in (50, 95, 99)}


def _median(values: Sequence[Value]) -> Value:
    numbers = [value for value in values if not isinstance(value, dict)]
    if numbers:
        return _rounded(median(numbers))
    shares = [value for value in values if isinstance(value, dict)]
    middle = {name: _rounded(median(each[name] for each in shares)) for name in shares[0]}
    return {name: value for name, value in middle.items() if value}


def _total(value: Value) -> float:
    return value["total"] if isinstance(value, dict) else value


def _rounded(number: float) -> float:
    """No more digits than mean something."""
    return round(number, 3 if number < 1 else 2 if number < 100 else None)
