"""The questions of the daily check-in, and how the answers of two phones are merged."""

from __future__ import annotations

from typing import Any

from recovery.care.rules.settings import ANSWERS
from recovery.practice.models import CheckIn

HALT = ("hungry", "angry", "lonely", "tired")
MEDICATION = ("taken", "partly", "not_taken", "none_due")


def answers_of(check_in: CheckIn) -> dict[str, Any]:
    """Every answer of a check-in; None if there is no answer."""
    return {name: getattr(check_in, name) for name in ANSWERS}


def changes(check_in: CheckIn, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers that differ from those of the check-in."""
    return {name: value for name, value in answers.items() if getattr(check_in, name) != value}
