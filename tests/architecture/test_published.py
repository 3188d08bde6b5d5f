"""Every action is tested somewhere in the suite, where published.py watches it."""

import re
from pathlib import Path

import pytest

from recovery.actions.registry import ACTIONS
from recovery.signin.models import DeviceSession
from tests.architecture import published

TESTS = Path(__file__).parents[1]


def test_every_action_is_tested() -> None:
    """Its name appears in a test, or in the view or job that performs it."""
    text = "".join(path.read_text() for path in TESTS.rglob("*.py"))
    text += "".join(re.findall(r'perform\(\s*"[\w.]+"', _code()))
    assert {name for name in ACTIONS if name not in text} == set()


def _code() -> str:
    return "".join(path.read_text() for path in (TESTS.parent / "recovery").rglob("*.py"))


def test_a_saved_row_that_is_not_published_is_detected() -> None:
    """Only the start and end of an action are simulated. The row's signal is real."""
    watching = published.Watch()
    row = DeviceSession(scope_id="01a20000-0000-7000-8000-000000000001")
    watching.note(DeviceSession, row)
    end = {"action": "people.sign_in", "outcome": "applied"}
    stored = {"kinds": ["device_session"], "objects": [row.pk], "scopes": [row.scope_id]}
    watching.check(lambda *_: None, "end_action(", end | stored, False, {})
    nothing: dict[str, list[str]] = {"kinds": [], "objects": [], "scopes": []}
    with pytest.raises(AssertionError, match="did not publish"):
        watching.check(lambda *_: None, "end_action(", end | nothing, False, {})
