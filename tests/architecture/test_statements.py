"""The statement watcher can fail a test."""

from types import SimpleNamespace

import pytest

from tests.architecture import statements

FORGETFUL = compile(
    "execute('SELECT 1 FROM recovery_receipt')", f"{statements.CODE[0]}/x.py", "exec"
)
CAREFUL = compile(
    "execute('SELECT 1 FROM recovery_receipt WHERE scope_id = %s', [None])",
    f"{statements.CODE[0]}/x.py",
    "exec",
)


@pytest.mark.django_db
def test_a_query_without_a_scope_is_detected() -> None:
    """The code is compiled as if it were in recovery/, because only our own code is checked."""
    from django.db import connection

    space = SimpleNamespace(execute=connection.cursor().execute)
    with statements.watch():
        exec(CAREFUL, vars(space))  # noqa: S102
        with pytest.raises(AssertionError, match="names no scope"):
            exec(FORGETFUL, vars(space))  # noqa: S102
