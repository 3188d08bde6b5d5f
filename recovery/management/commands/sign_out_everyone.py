"""Sign everyone out of every device, because credentials may be known to others.

Phones keep their data and what waits in their queues; their owners sign in again. Can be stopped
and run again. Run with DATABASE_ROLE=jobs.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.actions import SYSTEM, Call, perform
from recovery.signin.models import DeviceSession


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        unended = DeviceSession.objects.filter(revoked_at=None)
        users = set(unended.values_list("scope_id", flat=True))
        for user in users:
            call = Call(actor=SYSTEM, now=timezone.now())
            perform("people.end_sessions", data={"user": str(user)}, call=call)
        self.stdout.write(f"{len(users)} people were signed out.")
