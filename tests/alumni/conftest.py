"""The circle: see tests/factories/peers.py."""

import pytest

from recovery.signin.models import User
from tests.factories.peers import Circle, make_circle, make_other_staff


@pytest.fixture
def circle(db: None) -> Circle:
    return make_circle()


@pytest.fixture
def olive(db: None) -> User:
    """A clinician of another programme."""
    return make_other_staff()
