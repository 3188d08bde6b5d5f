"""Check the files under content/ without loading them. Needs no database.

Prints every error as file:line: key: message, and exits with 1 if there is one.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recovery.management import content


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=content.FOLDER)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        files = content.read_folder(folder)
        if not files:
            raise CommandError(f"{folder}: no content. Give the folder that has exercises/ in it.")
        self.stdout.write(f"{len(files)} files, all well")
