"""Run a stand-in for Firebase Cloud Messaging at FCM_ENDPOINT, with a page that shows the pushes.

For development, tests and benchmarks. It hands out its private key, so it runs on loopback only.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import uvloop
from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.fcm_simulator.app import Simulator

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        endpoint = settings.FCM_ENDPOINT
        url = urlsplit(endpoint)
        if url.hostname not in LOOPBACK or url.scheme != "http" or not url.port:
            raise CommandError(f"FCM_ENDPOINT is {endpoint}: it must be http://127.0.0.1:<port>.")
        self.stdout.write(f"FCM simulator: {endpoint}")
        uvloop.install()
        try:
            web.run_app(
                Simulator(endpoint).app(),
                host=url.hostname,
                port=url.port,
                print=None,
                access_log=None,
                handler_cancellation=True,
                shutdown_timeout=1,
            )
        except OSError as problem:
            raise CommandError(f"Cannot listen at {endpoint}: {problem.strerror}.") from None
