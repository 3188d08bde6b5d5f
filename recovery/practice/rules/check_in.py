"""The questions of the daily check-in, and how the answers of two phones are merged."""

from __future__ import annotations

from typing import Any

from recovery.practice.models import CheckIn

SLOTS = ("day", "morning", "evening")
HALT = ("hungry", "angry", "lonely", "tired")
MEDICATION = ("taken", "partly", "not_taken", "none_due")
# The success of the day before comes first, as in the group.
ANSWERS = (
    "success",
    "success_shared",
    "mood",
    "craving_now",
    "craving_worst",
    "sleep_hours",
    "sleep_quality",
    "halt",
    "medication",
    "used",
    "used_what",
    "plan",
    "gap_reason",
)


def answers_of(check_in: CheckIn) -> dict[str, Any]:
    """Every answer of a check-in; None if there is no answer."""
    return {name: getattr(check_in, name) for name in ANSWERS}


def changes(check_in: CheckIn, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that differ from those of the check-in."""
    return {name: value for name, value in answers.items() if getattr(check_in, name) != value}
