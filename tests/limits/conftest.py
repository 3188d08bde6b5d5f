"""Limits while Valkey is away."""

from collections.abc import Iterator
from typing import Any

import pytest

from foundation.valkey import valkey


@pytest.fixture
def no_valkey(settings: Any) -> Iterator[None]:
    """Nothing listens where Valkey should be."""
    valkey.cache_clear()
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    yield
    valkey.cache_clear()
