"""Load a programme's preset, see content/programmes/*.yaml. Loading it again changes nothing.

Settings that an administrator has changed since are kept, unless --reset. Run as role `jobs`.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recovery.actions import SYSTEM, Call, perform
from recovery.management.content import PROGRAMME


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("presets", nargs="+", type=Path)
        parser.add_argument(
            "--reset", action="store_true", help="override the changes of administrators"
        )

    def handle(self, *args: Any, presets: list[Path], reset: bool, **options: Any) -> None:
        for path in presets:
            self._load(path, reset)

    def _load(self, path: Path, reset: bool) -> None:
        preset = PROGRAMME.read(path)
        call = Call(actor=SYSTEM, now=timezone.now())
        perform("care.load_programme", data={"preset": preset, "reset": reset}, call=call)
        self.stdout.write(f"{preset['slug']} is loaded.")
