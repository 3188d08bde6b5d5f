"""Actions of care."""

from recovery.care.actions import (  # noqa: F401  # registration
    admission,
    alumni,
    attendance,
    hours,
    levels,
    programmes,
    reminders,
    series,
    sessions,
    team,
)
