"""Watches every statement of the suite: one that touches scoped rows must name their scope.

The policy is a wall, not the filter: a query without its scope would be slow on one machine and
impossible on several. Only statements of our own code count, not those of the tests.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.apps import apps
from django.db import connection

from recovery.feed.walls import WALLED, table_class

ROOT = Path(__file__).resolve().parents[2]
CODE = (str(ROOT / "recovery"), str(ROOT / "notifications"))
# Jobs and commands across all scopes, by file. Each has a reason.
OVER_ALL_SCOPES = {
    "rebuild.py",  # compares the whole feed with all rows
    "seals.py",  # seals every new audit event
    "jobs.py",  # plans for everybody, as role `jobs`
    "replay_dead.py",  # an operator's command over the whole outbox
    "sign_out_everyone.py",  # ends the sessions of everybody
    "reseal.py",  # seals everybody's values under a new key
    "load_demonstration.py",  # finds what an earlier run made
}
NAMED = r"(scope_id|recovery_scope\"?\.\"?id|user_id)\"?\s*(=|IN\b)"


def watch() -> Any:
    """A context in which a statement that forgets the scope raises AssertionError."""
    return connection.execute_wrapper(_check)


def _check(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    text = str(sql)
    touched = [table for table in _tables() if re.search(rf"\b{table}\b", text)]
    if touched and not text.lstrip().startswith("INSERT") and not re.search(NAMED, text):
        source = _our_caller()
        if source and source.name not in OVER_ALL_SCOPES:
            raise AssertionError(f"{source.name}: names no scope of {touched}: {text}")
    return execute(sql, params, many, context)


@functools.cache
def _tables() -> list[str]:
    return [m._meta.db_table for m in apps.get_models() if table_class(m) in WALLED]


def _our_caller() -> Path | None:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(CODE):
            return Path(name)
        if name.startswith(str(ROOT / "tests")) and not name.endswith("statements.py"):
            return None
        frame = frame.f_back
    return None


@contextmanager
def counted() -> Iterator[list[str]]:
    """The text of every statement executed inside, in order, without BEGIN and COMMIT."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        seen.append(str(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen
