"""Times as the wall clock of the programme Northlight shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

TIME_ZONE = "America/Los_Angeles"


def local(text: str, zone: str = TIME_ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
