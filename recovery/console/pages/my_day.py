"""My day: what this person has to do now, longest wait first."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from recovery.care.models import Appointment
from recovery.console import cookies
from recovery.console.desk import Desk
from recovery.console.page import page
from recovery.console.session import keep_alive
from recovery.signin.authentication import authenticate


@page("console/my_day.html")
def my_day(desk: Desk) -> dict[str, Any]:
    today = timezone.localdate(desk.now)
    begins = datetime.combine(today, time(), desk.zone)
    sessions = desk.rows(Appointment).filter(
        starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1), status="booked"
    )
    shown = desk.read(sessions.order_by("starts_at", "id"))
    return {"lists": "care group program", "today": today, "sessions": shown}


def here(request: HttpRequest) -> HttpResponse:
    """Somebody is writing on an open page, so their session goes on."""
    user = authenticate(request, token=request.COOKIES.get(cookies.SESSION, ""))
    keep_alive(Desk(request, user, timezone.now()))
    return HttpResponse(status=204)
