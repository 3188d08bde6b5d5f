"""`python -m tests.faults.make_session GROUP LEADER MINUTES USER …`: one session of the group, that
number of minutes from now. Each user wants to be reminded an hour before, whatever the time of day.

It is a separate program, because Django uses one database for the life of a process.
"""

from __future__ import annotations

import importlib
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

import django

ZONE = "America/New_York"  # the zone of every programme that tests.cast makes


def main(group: str, leader: str, minutes: int, users: list[str]) -> None:
    django.setup()
    from django.utils import timezone

    from recovery.signin.models import User

    act = importlib.import_module("tests.cast").act
    now = timezone.now()
    start = (now + timedelta(minutes=minutes)).astimezone(ZoneInfo(ZONE))
    for user in users:
        wishes = {"time_zone": ZONE, "quiet_start": None, "quiet_end": None, "lead_minutes": [60]}
        act(User.objects.get(id=user), "care.set_reminder_preferences", now=now, **wishes)
    series = {
        "kind": "group",
        "title": "Once",
        "rule": "FREQ=DAILY;COUNT=1",
        "first_date": f"{start:%Y-%m-%d}",
        "times": [f"{start:%H:%M}"],
        "minutes": 60,
    }
    leading = User.objects.get(id=leader)
    act(leading, "care.create_series", now=now, scope=f"group:{group}", **series)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
