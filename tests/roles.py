"""A database role other than `app`, for part of a test with real commits (`committed_db`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from environs import Env

from server.database import database


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Inside the block Django connects as `role`, as the worker does (`jobs`)."""
    serving = connections["default"]
    name = settings.DATABASES["default"]["NAME"]
    # Pools are shared by alias, so this connection has none.
    change = database(Env(), role) | {"NAME": name, "OPTIONS": {}}
    connections["default"] = type(serving)(serving.settings_dict | change, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = serving
