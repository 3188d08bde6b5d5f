"""Publish the exercises under `content/exercises`. Published versions do not change.

Run with DATABASE_ROLE=jobs. Every file is checked before the first one is published.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recovery.actions import SYSTEM, Call, Refused, perform
from recovery.practice.rules.packs import BadPack, read_exercise


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.BASE_DIR / "content")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        exercises = read_all(folder / "exercises")
        new = sum(self.publish(path, content) for path, content in exercises.items())
        self.stdout.write(f"{len(exercises)} exercises, {new} new in the library")

    def publish(self, path: Path, content: dict[str, Any]) -> bool:
        call = Call(actor=SYSTEM, now=timezone.now())
        try:
            outcome = perform("practice.publish_exercise", data=content, call=call)
        except Refused as refusal:
            raise CommandError(f"{path}: version: {refusal.title}") from refusal
        return bool(outcome.data and outcome.data["published"])


def read_all(folder: Path) -> dict[Path, dict[str, Any]]:
    """Every exercise in the folder. CommandError: one line for each problem."""
    exercises, problems = {}, []
    for path in sorted(folder.glob("*.yaml")):
        try:
            exercises[path] = read_exercise(path.read_text(encoding="utf-8"), str(path))
        except (BadPack, UnicodeDecodeError) as problem:
            problems.append(str(problem))
    if not exercises and not problems:
        problems.append(f"{folder} holds no *.yaml file.")
    if problems:
        raise CommandError("\n".join(problems))
    return exercises
