"""Exercises and what people do with them; the daily check-in."""

from recovery.practice.models.attempts import Assignment, Attempt, AttemptReview, WhatHelps
from recovery.practice.models.check_ins import CheckIn, CheckInVersion
from recovery.practice.models.exercises import Exercise, ExerciseText, ExerciseVersion

__all__ = [
    "Assignment",
    "Attempt",
    "AttemptReview",
    "CheckIn",
    "CheckInVersion",
    "Exercise",
    "ExerciseText",
    "ExerciseVersion",
    "WhatHelps",
]
