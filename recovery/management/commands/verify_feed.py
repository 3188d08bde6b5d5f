"""Say in which documents the feed differs from the rows; exit 1 if in any. Run as `jobs`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.feed.rebuild import differences


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for difference in differences():
            found += 1
            what = "differs" if difference.wanted else "should not be there"
            self.stdout.write(f"{difference.kind}/{difference.object_id} {what}")
        if found:
            raise CommandError(f"{found} documents differ from their rows")
        self.stdout.write("The feed equals the rows.")
