"""After a restore: set aside what the lost database may have sent already.

Whatever was due by now, or claimed, waits for nobody to send it twice: pushes and letters become
dead with the reason `restored` (see replay_dead), announcements are cancelled. What is due later
stays. Runs as role `pump`, before the pump does.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from notifications.models import PLANNED, Delivery, Intent, Letter, Outgoing


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.settings_dict["USER"] != "pump":
            raise CommandError("Nobody else sees the whole outbox: run it with DATABASE_ROLE=pump.")
        for name, model in (("pushes", Delivery), ("letters", Letter)):
            self.stdout.write(f"{name}: {fence(model)} set aside")
        due = Intent.objects.filter(PLANNED, due__lte=Now())
        self.stdout.write(
            f"announcements: {due.update(state='cancelled', settled_at=Now())} set aside"
        )


def fence(model: type[Outgoing]) -> int:
    """Answers how many. A claim is a lease, and so due only later, but may have been sent."""
    waiting = model._default_manager.filter(PLANNED).filter(Q(due__lte=Now()) | Q(fence__gt=0))
    dead: dict[str, Any] = {"state": "dead", "reason": "restored", "settled_at": Now()}
    return waiting.update(fence=F("fence") + 1, **dead)
