"""What helps me: exercises in the order of one person's own ratings before and after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recovery.practice.rules.exercise import BETTER

MINIMUM_RUNS = 3


@dataclass(frozen=True)
class Result:
    """One exercise's rated attempts: how many, how many eased things, and by how much (-10-10)."""

    exercise_id: uuid.UUID
    rated: int
    eased: int
    mean_relief: float


def relief(about: str, before: int | None, after: int | None) -> int | None:
    """How much better it was afterwards (-10 to 10), or None without both ratings."""
    if before is None or after is None:
        return None
    return (after - before) * BETTER[about]


def rank(results: Iterable[Result], minimum: int = MINIMUM_RUNS) -> list[dict[str, Any]]:
    """Exercises that eased things at least once, the surest first: `worked 7 of 9 times`.

    Below `minimum` rated attempts nothing is said: one good evening is no evidence.
    """
    told = [result for result in results if result.rated >= minimum and result.eased]
    told.sort(key=lambda r: (-r.eased / r.rated, -r.mean_relief, -r.rated, r.exercise_id))
    return [
        {
            "exercise": str(result.exercise_id),
            "rated": result.rated,
            "eased": result.eased,
            "mean_relief": round(result.mean_relief, 1),
        }
        for result in told
    ]
