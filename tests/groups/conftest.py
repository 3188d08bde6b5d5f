"""The circle: see tests/cast."""

import pytest

from recovery.signin.models import User
from tests.cast import Circle, make_circle, make_olive


@pytest.fixture
def circle(db: None) -> Circle:
    return make_circle()


@pytest.fixture
def olive(db: None) -> User:
    """A clinician of another programme."""
    return make_olive()
