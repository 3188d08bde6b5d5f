"""Send due notifications: pushes to Firebase Cloud Messaging, e-mails to the mail server.

Runs until SIGTERM, as role `pump`. Any number of pumps can run in parallel.
"""

from __future__ import annotations

from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.pump.process import main
from notifications.transports.credentials import Misconfigured


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_ROLE != "pump":
            raise CommandError("The pump runs with DATABASE_ROLE=pump.")
        try:
            uvloop.run(main())
        except Misconfigured as problem:
            raise CommandError(str(problem)) from None
