"""Empty counters for a test: a new secret key gives new keys for the limits."""

import secrets
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def fresh_limits(settings: Any) -> None:
    settings.SECRET_KEY = secrets.token_urlsafe(32)
