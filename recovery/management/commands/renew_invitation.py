"""Make a new code for a member of staff whom no administrator can help, and print it.

For a programme whose only administrator has lost every way to sign in. The code works once a member
of staff has approved it in the product. Run with DATABASE_ROLE=jobs.
"""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.problems import NotFound
from recovery.actions import SYSTEM, Call, Refused, perform
from recovery.people.models import StaffMember


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", type=uuid.UUID)
        parser.add_argument("user", type=uuid.UUID, nargs="?", help="without it: lists the staff")
        parser.add_argument("--resets-factors", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["user"] is None:
            self._list(options["programme"])
            return
        names = ("programme", "user", "resets_factors")
        data = {name: str(options[name]) for name in names[:2]}
        call = Call(actor=SYSTEM, now=timezone.now())
        try:
            outcome = perform(
                "people.recover_staff",
                data=data | {"resets_factors": options["resets_factors"]},
                call=call,
            )
        except (NotFound, Refused) as error:
            raise CommandError(error.title) from None
        answer = outcome.data or {}
        self.stdout.write((outcome.once or {})["code"])
        self.stdout.write(f"invitation {answer['invitation']}: {answer['state']}")

    def _list(self, programme: uuid.UUID) -> None:
        for row in StaffMember.objects.in_scope(programme).filter(left_at=None):
            self.stdout.write(f"{row.user_id} {row.full_name}, {row.role}")
