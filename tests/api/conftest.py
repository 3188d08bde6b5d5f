"""Actions that fail unexpectedly, for the rules about failures."""

from collections.abc import Iterator

import pytest

from recovery.actions import ActionInput, Call, action
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in
from recovery.signin.models import DeviceSession


@pytest.fixture
def poison() -> Iterator[None]:
    @action("testing.poison", input=ActionInput, allow=anyone_signed_in)
    def fail(call: Call) -> None:
        raise ZeroDivisionError

    yield
    del ACTIONS["testing.poison"]


@pytest.fixture
def broken() -> Iterator[None]:
    """An action that violates a constraint of its table."""

    @action("testing.broken", input=ActionInput, allow=anyone_signed_in)
    def save(call: Call) -> None:
        DeviceSession(scope_id=call.actor.id, platform=None).save(force_insert=True)

    yield
    del ACTIONS["testing.broken"]
