"""Actions of exercises and check-ins."""

from recovery.practice.actions import assignments, attempts, check_ins, library

__all__ = ["assignments", "attempts", "check_ins", "library"]
