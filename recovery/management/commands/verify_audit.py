"""Check the hash chain over the audit; names every event that was changed or removed.

Prints the head of the chain: keep it outside the database, and give it to the next run with
--head to prove that nothing sealed until then was cut off. Run as role `jobs`.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.actions import seals
from recovery.actions.models import AuditSeal


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", help="position:hash as an earlier run printed it")

    def handle(self, *args: Any, head: str | None, **options: Any) -> None:
        found = [str(link) for link in seals.broken()]
        if head and not holds(head):
            found.append(f"the chain does not contain its earlier head {head}")
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"The audit does not hold: {len(found)} findings.")
        self.stdout.write(f"The audit holds; {seals.waiting().count()} events wait to be sealed.")
        self.stdout.write(str(seals.head()))


def holds(head: str) -> bool:
    """Whether the chain still goes through this head."""
    position, _, digest = head.partition(":")
    link = AuditSeal.objects.filter(position=int(position) if position.isdecimal() else -1).first()
    return position == "0" or (link is not None and bytes(link.hash).hex() == digest)
