"""Staff of a programme that has a neighbour."""

import pytest

from recovery.signin.models import User
from tests.cast import employ, load_programme, preset


@pytest.fixture
def clinician(committed_db: None) -> User:
    load_programme()
    load_programme(preset("cedar-bridge"))
    return employ(role="clinician")
