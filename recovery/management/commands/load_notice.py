"""Publish the texts that people sign: `content/texts/notice.*.yaml` and `consent.*.yaml`.

Run with DATABASE_ROLE=jobs. Published versions do not change.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.problems import Refused
from recovery.actions import SYSTEM, Call, perform
from recovery.management.content import CONSENT, FOLDER, NOTICE

ACTIONS = {NOTICE: "privacy.publish_notice", CONSENT: "privacy.publish_consent_form"}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        texts = {kind: kind.read_all(folder) for kind in ACTIONS}
        if not any(texts.values()):
            raise CommandError(f"{folder} holds no {NOTICE.pattern} and no {CONSENT.pattern}.")
        results = [
            _publish(path, ACTIONS[kind], text)
            for kind, files in texts.items()
            for path, text in files.items()
        ]
        self.stdout.write(f"{len(results)} texts to sign, {sum(results)} new")


def _publish(path: Path, action: str, text: Any) -> bool:
    try:
        outcome = perform(action, data=text, call=Call(actor=SYSTEM, now=timezone.now()))
    except Refused as refusal:
        raise CommandError(f"{path}: {refusal.title}") from refusal
    return bool(outcome.data and outcome.data["published"])
