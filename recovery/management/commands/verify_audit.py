"""Verify the hash chain over the audit. Prints every event that was changed or removed.

Also prints the head of the chain. Keep it outside the database, and pass it to the next run with
--head, which proves that nothing sealed until then was cut off. Run as role `jobs`.
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
        problems = [str(link) for link in seals.broken()]
        if head and not contains(head):
            problems.append(f"the chain does not contain its earlier head {head}")
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"The audit is not intact: {len(problems)} problems.")
        self.stdout.write(
            f"The audit is intact. {seals.waiting().count()} events are not sealed yet."
        )
        self.stdout.write(str(seals.head()))


def contains(head: str) -> bool:
    """Whether the chain still contains this head."""
    position, _, expected = head.partition(":")
    link = AuditSeal.objects.filter(position=int(position) if position.isdecimal() else -1).first()
    return position == "0" or (link is not None and bytes(link.hash).hex() == expected)
