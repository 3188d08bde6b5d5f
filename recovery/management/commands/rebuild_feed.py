"""Repair the feed from the rows. Phones then get the repaired documents. Run as `jobs`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.feed.rebuild import repair


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{repair(timezone.now())} documents repaired.")
