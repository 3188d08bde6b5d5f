"""My day: what this person has to do now, longest wait first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from recovery.care.models import Appointment
from recovery.console.desk import Desk
from recovery.console.group import led
from recovery.console.page import page


@page("console/my_day.html")
def my_day(desk: Desk) -> dict[str, Any]:
    begins = datetime.combine(desk.today, time(), desk.zone)
    sessions = desk.rows(Appointment).filter(
        starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1), status="booked"
    )
    shown = desk.read(sessions.order_by("starts_at", "id"))
    groups = led(desk).filter(scope_id__in=[each.scope_id for each in shown])
    mine = set(groups.values_list("scope_id", flat=True))
    rows = [{"session": each, "is_led": each.scope_id in mine} for each in shown]
    return {"lists": "care group program", "sessions": rows}
