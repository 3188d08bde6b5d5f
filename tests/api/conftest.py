"""An action that always fails unexpectedly, for the rules about such."""

from collections.abc import Iterator

import pytest

from recovery.actions import ActionInput, Call, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in


@pytest.fixture
def poison() -> Iterator[None]:
    @action("testing.poison", input=ActionInput, allow=anyone_signed_in)
    def fail(call: Call, data: dict) -> None:
        raise ZeroDivisionError

    yield
    del ACTIONS["testing.poison"]
