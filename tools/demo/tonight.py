"""When "tonight's group" is, for a day that is played in a minute."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ENOUGH = timedelta(seconds=5)  # for everybody to be told of the session before it is due


def tonight(zone: str, lead_minutes: int, now: datetime | None = None) -> dict[str, Any]:
    """Wall date and time of a session whose reminder, `lead_minutes` before, is due at the next
    full minute that leaves enough time to plan it."""
    due = (now or datetime.now(UTC)) + ENOUGH
    due = due.replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts = due + timedelta(minutes=lead_minutes)
    local = starts.astimezone(ZoneInfo(zone))
    return {
        "tonight_date": local.date().isoformat(),
        "tonight_time": f"{local:%H:%M}",
        "tonight_starts": starts.isoformat().replace("+00:00", "Z"),
    }
