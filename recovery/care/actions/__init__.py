"""What can be done in care."""

from recovery.care.actions import (  # noqa: F401  # registration
    programmes,
    reminders,
    series,
    sessions,
)
