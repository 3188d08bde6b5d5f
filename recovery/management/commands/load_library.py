"""Publish the exercises under `content/exercises`. Published versions do not change.

Run with DATABASE_ROLE=jobs. Every file is checked before the first one is published.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recovery.actions import SYSTEM, Call, Refused, perform
from recovery.management.content import EXERCISE, FOLDER


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        exercises = EXERCISE.read_all(folder)
        if not exercises:
            raise CommandError(f"{folder} holds no {EXERCISE.pattern}.")
        new = sum(self.publish(path, content) for path, content in exercises.items())
        self.stdout.write(f"{len(exercises)} exercises, {new} new in the library")

    def publish(self, path: Path, content: dict[str, Any]) -> bool:
        call = Call(actor=SYSTEM, now=timezone.now())
        try:
            outcome = perform("practice.publish_exercise", data=content, call=call)
        except Refused as refusal:
            raise CommandError(f"{path}: version: {refusal.title}") from refusal
        return bool(outcome.data and outcome.data["published"])
