"""Several requests at the very same moment, each in a transaction of its own (`committed_db`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from recovery.actions.errors import ActionError


def at_once(*requests: Callable[[], Any]) -> list[Any]:
    """What each answered: its result, or the ActionError that it was refused with."""
    together = Barrier(len(requests))

    def run(request: Callable[[], Any]) -> Any:
        together.wait(timeout=10)
        try:
            return request()
        except ActionError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return [done.result() for done in [threads.submit(run, each) for each in requests]]
