"""What phones see of care. A document uses nothing but its own row, so that it can be rebuilt from
the row."""

from recovery.care.documents import attendance, record, timetable  # noqa: F401  # registration
