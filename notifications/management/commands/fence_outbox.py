"""After a restore: set aside notifications that the lost database may already have sent.

Pushes and e-mails that are due or claimed become dead with the reason `restored`, so that they
are not sent twice (see replay_dead). Due intents are cancelled. Everything due later stays. Run
it as role `pump`, before starting the pump.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F, Q
from django.db.models.functions import Now

from notifications.management.outbox import OUTGOING, require_pump_role
from notifications.models import PLANNED, Intent, Outgoing


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        require_pump_role()
        for name, model in OUTGOING:
            self.stdout.write(f"{name}: {fence(model)} set aside")
        due = Intent.objects.filter(PLANNED, due__lte=Now())
        count = due.update(state="cancelled", settled_at=Now())
        self.stdout.write(f"intents: {count} set aside")


def fence(model: type[Outgoing]) -> int:
    """Returns the number of rows that are now dead."""
    # A claimed row (fence > 0) is due only when its lease ends, but may already have been sent.
    waiting = model._default_manager.filter(PLANNED).filter(Q(due__lte=Now()) | Q(fence__gt=0))
    dead: dict[str, Any] = {"state": "dead", "reason": "restored", "settled_at": Now()}
    return waiting.update(fence=F("fence") + 1, **dead)
