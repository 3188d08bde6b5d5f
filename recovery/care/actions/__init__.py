"""What can be done in care."""

from recovery.care.actions import programmes  # noqa: F401  # registration
