"""The time of "tonight's group", for a day that is played within minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LEAD = timedelta(seconds=5)  # enough to plan the session before its reminder is due


def tonight(zone: str, lead_minutes: int, now: datetime | None = None) -> dict[str, Any]:
    """Return local date, local time and UTC start of a session. Its reminder, `lead_minutes` before
    the start, is due at the next full minute that leaves time to plan the session."""
    due = (now or datetime.now(UTC)) + LEAD
    due = due.replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts = due + timedelta(minutes=lead_minutes)
    local = starts.astimezone(ZoneInfo(zone))
    return {
        "tonight_date": local.date().isoformat(),
        "tonight_time": f"{local:%H:%M}",
        "tonight_starts": starts.isoformat().replace("+00:00", "Z"),
    }
