"""The cast as fixtures, in a transaction that is rolled back after the test."""

from __future__ import annotations

import pytest

from recovery.signin.models import User
from tests.cast import Circle, make_circle, make_olive


@pytest.fixture
def circle(db: None) -> Circle:
    return make_circle()


@pytest.fixture
def olive(db: None) -> User:
    return make_olive()
