"""A database role other than `app`, for part of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, connections
from environs import Env

from server.database import database


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Inside the block Django connects as `role`, as the worker does (`jobs`). Only for tests with
    real commits (`committed_db`)."""
    serving = connections["default"]
    if serving.in_atomic_block:
        raise RuntimeError("what another role does here would outlive this test")
    name = settings.DATABASES["default"]["NAME"]
    # Pools are shared by alias, so this connection has none.
    change = database(Env(), role) | {"NAME": name, "OPTIONS": {}}
    connections["default"] = type(serving)(serving.settings_dict | change, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = serving


@contextmanager
def set_scene() -> Iterator[None]:
    """Inside the block the transaction has the rights of `jobs`, to make what a test begins with.

    tests/servers.py allows `app` this in the test databases only.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a scene is set in a transaction")
    _set_role("jobs")
    try:
        yield
    finally:
        if not connection.needs_rollback:  # a transaction that has failed takes no statement
            _set_role("none")


def _set_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [role])
