"""Create demonstration staff, patients and alumni in a programme, and print how they sign in.

A programme that already has staff is skipped, so nothing is duplicated and no real data is touched.
Run with DATABASE_ROLE=jobs, after load_notice, load_library and load_programme.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from recovery.care.models import Programme
from recovery.management.content import DEMONSTRATION, FOLDER
from recovery.management.demonstration import Demonstration, has_staff

HEAD = (
    "Demonstration people of {name}. These codes work once, for 72 hours, and are not shown again:"
)
FOOT = """
  Everyone enrols with their code (POST /api/v1/enrolment). Patients also send their date of birth.
  Staff then add a second factor (GET and POST /auth/app/v1/account/authenticators/totp).
  Later they sign in with a code by e-mail: /auth/app/v1/auth/code/request, then the mail folder.
"""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, default=sorted(FOLDER.glob(DEMONSTRATION.pattern))
        )

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        for path in files:
            people = DEMONSTRATION.read(path)
            programme = Programme.objects.filter(slug=people["programme"]).first()
            if programme is None:
                raise CommandError(f"{path}: there is no programme {people['programme']}.")
            if not has_staff(programme.id):
                # All or nothing: the next run would skip a programme that has staff.
                with transaction.atomic():
                    sign_ins = Demonstration(people, programme.id, timezone.now()).load()
                self.stdout.write(f"\n{HEAD.format(name=programme.name)}\n\n")
                for s in sign_ins:
                    line = f"{s.role:<20}{s.name:<16}{s.email:<34}{s.code}  {s.date_of_birth}"
                    self.stdout.write(f"  {line.rstrip()}")
                self.stdout.write(FOOT)
