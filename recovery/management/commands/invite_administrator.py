"""Invite a programme's first administrator and print the one-use code.

Every other member of staff is invited by an administrator. Run with DATABASE_ROLE=jobs.
"""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.problems import Invalid
from recovery.actions import SYSTEM, Call, perform
from recovery.feed.models import Membership
from recovery.people.roles import ADMIN
from recovery.people.rules import staff_scope


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", type=uuid.UUID)
        for name in ("email", "given_name"):
            parser.add_argument(name)
        parser.add_argument("family_name", nargs="?", default="", help="if there is one")
        parser.add_argument("--locale", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        if _has_administrator(options["programme"]):
            raise CommandError(
                "This programme has an administrator, who invites everyone else. If they have lost"
                " every way to sign in: manage.py renew_invitation."
            )
        names = ("email", "given_name", "family_name", "locale")
        data = {name: options[name] for name in names}
        data |= {"programme": str(options["programme"]), "role": ADMIN, "by_email": False}
        call = Call(actor=SYSTEM, now=timezone.now())
        try:
            outcome = perform("people.invite_staff", data=data, call=call)
        except Invalid as error:
            raise CommandError(f"Not valid: {error.errors}") from None
        self.stdout.write((outcome.once or {})["code"])


def _has_administrator(programme: uuid.UUID) -> bool:
    """Whether one has enrolled. An invitation that was never used is no obstacle."""
    places = Membership.objects.filter(scope_id=staff_scope(programme), role=ADMIN, held=False)
    return bool(places.exists())
