"""Concurrent requests, each in a transaction of its own (`committed_db`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from foundation.problems import Problem


def at_once(*requests: Callable[[], Any]) -> list[Any]:
    """What each request returned, or the Problem that it raised."""
    together = Barrier(len(requests))

    def run(request: Callable[[], Any]) -> Any:
        together.wait(timeout=10)
        try:
            return request()
        except Problem as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return [done.result() for done in [threads.submit(run, each) for each in requests]]


def wait_for_a_lock(other: Future[Any]) -> None:
    """Return once the other transaction waits for a lock of ours."""
    while not _is_lock_awaited():
        assert not other.done(), other.exception()
        time.sleep(0.01)


def _is_lock_awaited() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"
            " WHERE NOT l.granted AND a.datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
