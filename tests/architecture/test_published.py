"""Every action is tried somewhere in the suite, where published.py watches it."""

import re
from pathlib import Path

import pytest

from recovery.actions.registry import ACTIONS
from recovery.signin.models import DeviceSession
from tests.architecture import published

TESTS = Path(__file__).parents[1]


def test_every_action_is_tried_in_a_test() -> None:
    """By its name in a test or, where a view or a job performs it, there."""
    text = "".join(path.read_text() for path in TESTS.rglob("*.py"))
    text += "".join(re.findall(r'perform\(\s*"[\w.]+"', _code()))
    assert {name for name in ACTIONS if name not in text} == set()


def _code() -> str:
    return "".join(path.read_text() for path in (TESTS.parent / "recovery").rglob("*.py"))


def test_a_row_that_is_saved_and_not_published_is_noticed() -> None:
    """Only the ends of an action are played here; the row's signal is the real one."""
    watching = published.Watch()
    row = DeviceSession(scope_id="01a20000-0000-7000-8000-000000000001")
    watching.note(DeviceSession, row)
    ends = [None] * 4 + ["people.sign_in", "applied"]
    published_rows = f'[["device_session", "{row.pk}", "{row.scope_id}"]]'
    watching.check(lambda *_: None, "SELECT end_action(", [*ends, published_rows], False, {})
    with pytest.raises(AssertionError, match="did not publish"):
        watching.check(lambda *_: None, "SELECT end_action(", [*ends, "[]"], False, {})
