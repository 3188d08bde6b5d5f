"""Approve a code that a member of staff has made, where no colleague can.

The operator of the server is then the second person: a programme with a single member of staff has
no other. Run with DATABASE_ROLE=jobs.
"""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.problems import NotFound
from recovery.actions import SYSTEM, Call, Refused, perform


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", type=uuid.UUID)
        parser.add_argument("invitation", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        data = {name: str(options[name]) for name in ("programme", "invitation")}
        call = Call(actor=SYSTEM, now=timezone.now())
        try:
            outcome = perform("people.approve_invitation", data=data, call=call)
        except (NotFound, Refused) as error:
            raise CommandError(error.title) from None
        self.stdout.write(f"works from {(outcome.data or {})['usable_from']}")
