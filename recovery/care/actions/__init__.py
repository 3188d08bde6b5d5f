"""Actions of care."""

from recovery.care.actions import (  # noqa: F401  # registration
    admission,
    alumni,
    attendance,
    corrections,
    entered_in_error,
    episodes,
    hours,
    levels,
    links,
    programmes,
    reminders,
    series,
    sessions,
    team,
)
