"""For tests that begin with nothing counted: the limits' keys depend on the secret key."""

import secrets
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def fresh_limits(settings: Any) -> None:
    settings.SECRET_KEY = secrets.token_urlsafe(32)
