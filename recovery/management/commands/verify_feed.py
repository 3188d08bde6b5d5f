"""List the documents in which the feed differs from the rows. Exit 1 if any. Run as `jobs`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.feed.rebuild import differences


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for difference in differences():
            count += 1
            problem = "differs" if difference.expected else "should not be there"
            self.stdout.write(f"{difference.kind}/{difference.object_id} {problem}")
        if count:
            raise CommandError(f"{count} documents differ from their rows")
        self.stdout.write("The feed equals the rows.")
