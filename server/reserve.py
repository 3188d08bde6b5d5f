"""Connections that nothing else can take, for signing in and for asking for help."""

from typing import Any

from django.conf import settings
from django.db import connections

_pools: dict[str, Any] = {}


def use() -> None:
    """From now on this thread takes its connections from the reserve's own pool."""
    usual: Any = connections["default"]
    reserved = type(usual)(usual.settings_dict | settings.DATABASE_RESERVE)
    # Django keeps its pools by alias, and all code asks for "default".
    reserved._connection_pools = _pools
    connections["default"] = reserved
