"""Send dead e-mails and pushes again, once the cause is fixed.

Without arguments it prints how many are dead, by reason. `--reason R` (repeatable) or `--all`
plans those again that have not expired. A push to a device that is gone becomes dead again. Run
it as role `pump`.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count
from django.db.models.functions import Now

from notifications.management.outbox import OUTGOING, require_pump_role
from notifications.models import Outgoing


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--reason", action="append", default=[], help="as listed; repeatable")
        chosen.add_argument("--all", action="store_true", help="whatever the reason")

    def handle(self, *args: Any, **options: Any) -> None:
        require_pump_role()
        for name, model in OUTGOING:
            if options["all"] or options["reason"]:
                count = replay(model, None if options["all"] else options["reason"])
                self.stdout.write(f"{name}: {count} planned again")
            else:
                self.list(name, model)

    def list(self, name: str, model: type[Outgoing]) -> None:
        dead = model._default_manager.filter(state="dead").values_list("reason")
        for reason, count in dead.annotate(count=Count("id")).order_by("-count"):
            self.stdout.write(f"{name}: {count} dead: {reason}")


def replay(model: type[Outgoing], reasons: list[str] | None) -> int:
    """Plan dead rows again that have not expired. Returns how many."""
    dead = model._default_manager.filter(state="dead", expires__gt=Now())
    if reasons is not None:
        dead = dead.filter(reason__in=reasons)
    return dead.update(state="planned", due=Now(), reason="", settled_at=None)
