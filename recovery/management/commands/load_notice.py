"""Publish the texts that people sign: `content/texts/notice.*.yaml` and `consent.*.yaml`.

Run with DATABASE_ROLE=jobs. Published versions do not change.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.problems import Invalid, Refused
from recovery.actions import SYSTEM, Call, perform
from recovery.management.content import read_yaml

ACTIONS = {"notice": "privacy.publish_notice", "consent": "privacy.publish_consent_form"}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        texts = settings.BASE_DIR / "content" / "texts"
        parser.add_argument("folder", nargs="?", type=Path, default=texts)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        paths = {path: kind for kind in ACTIONS for path in sorted(folder.glob(f"{kind}.*.yaml"))}
        if not paths:
            raise CommandError(f"{folder} holds no notice.*.yaml and no consent.*.yaml.")
        texts = {path: read_yaml(path) for path in paths}
        new = sum(_publish(path, ACTIONS[paths[path]], text) for path, text in texts.items())
        self.stdout.write(f"{len(paths)} texts to sign, {new} new")


def _publish(path: Path, action: str, text: Any) -> bool:
    try:
        outcome = perform(action, data=text, call=Call(actor=SYSTEM, now=timezone.now()))
    except Invalid as error:
        raise CommandError(f"{path}: {error.errors}") from error
    except Refused as refusal:
        raise CommandError(f"{path}: {refusal.title}") from refusal
    return bool(outcome.data and outcome.data["published"])
