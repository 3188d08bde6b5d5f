"""After SEALING_KEY got a new first key: seal again under it whatever an older key sealed.

Run as role `jobs`, beside everything else. Stopped anywhere, the next run goes on with the rest. It
fails as long as something is left, so its success means that the older keys can go.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from foundation.problems import FileUnchecked, NoRoom
from foundation.resealing import Tally, reseal_rows
from notifications import queue, registrations
from recovery.blobs import storage
from recovery.blobs.models import Blob, Upload
from recovery.people.actions import addresses
from recovery.signin import second_factors
from recovery.signin.ceremony import store

ROWS = (registrations, queue, store, second_factors, addresses)
SEALED = (*ROWS, storage)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--despite-lost", action="store_true", help="succeed though some values open no more"
        )

    def handle(self, *args: Any, despite_lost: bool, **options: Any) -> None:
        if connection.settings_dict["USER"] != "jobs":
            raise CommandError("Only role jobs sees every row. Set DATABASE_ROLE=jobs.")
        tallies = {module.SEALED.name: reseal_rows(module.SEALED) for module in ROWS}
        tallies["files"] = self.files()
        for name, tally in tallies.items():
            self.stdout.write(f"{name}: {tally.resealed} sealed again")
        left = [
            f"{name}: {tally.busy} in use, {tally.shut} that no key of SEALING_KEY opens"
            for name, tally in tallies.items()
            if tally.busy or (tally.shut and not despite_lost)
        ]
        if left:
            raise CommandError("Keep the older keys and run this again. Left: " + "; ".join(left))
        self.stdout.write("Everything is under the newest key.")

    def files(self) -> Tally:
        tally = Tally()
        try:
            for blob in Blob.objects.order_by("id").iterator():
                storage.reseal(blob, tally)
            for upload in Upload.objects.filter(blob_id=None).order_by("id").iterator():
                storage.reseal_pieces(upload, tally)
        except (NoRoom, FileUnchecked) as error:
            raise CommandError(
                f"A file could not be stored ({error.code}). Run this again when there is room."
            ) from error
        return tally
