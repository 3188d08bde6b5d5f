"""What helps a person: exercises ranked by their own ratings before and after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recovery.practice.rules.exercise import BETTER

MINIMUM_RUNS = 3  # where the programme sets no minimum


@dataclass(frozen=True)
class Result:
    """The rated attempts of one exercise. `mean_relief` is from -10 to 10."""

    exercise_id: uuid.UUID
    rated: int
    eased: int
    mean_relief: float


def relief(about: str, before: int | None, after: int | None) -> int | None:
    """The improvement from before to after (-10 to 10), or None without both ratings."""
    if before is None or after is None:
        return None
    return (after - before) * BETTER[about]


def rank(results: Iterable[Result], minimum: int = MINIMUM_RUNS) -> list[dict[str, Any]]:
    """Exercises that helped at least once, by the share of attempts in which they helped.

    Exercises with fewer than `minimum` rated attempts are left out: one good evening is not
    evidence.
    """
    ranked = [result for result in results if result.rated >= minimum and result.eased]
    ranked.sort(key=lambda r: (-r.eased / r.rated, -r.mean_relief, -r.rated, r.exercise_id))
    return [
        {
            "exercise": str(result.exercise_id),
            "rated": result.rated,
            "eased": result.eased,
            "mean_relief": round(result.mean_relief, 1),
        }
        for result in ranked
    ]
