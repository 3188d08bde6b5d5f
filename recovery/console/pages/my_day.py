"""My day: what this person has to do now, longest wait first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from recovery.care.models import Appointment
from recovery.console.desk import Desk
from recovery.console.page import page


@page("console/my_day.html")
def my_day(desk: Desk) -> dict[str, Any]:
    begins = datetime.combine(desk.today, time(), desk.zone)
    sessions = desk.rows(Appointment).filter(
        starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1), status="booked"
    )
    shown = desk.read(sessions.order_by("starts_at", "id"))
    return {"lists": "care group program", "sessions": shown}
