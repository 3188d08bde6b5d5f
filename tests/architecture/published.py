"""Watches every action of the suite: it must publish each saved row that phones show.

So the feed stays a projection of the rows, no matter who writes the next action. Django's own
signals report saved rows; the two SQL functions that every action calls mark its beginning and end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection
from django.db.models import signals

from recovery.feed.documents import KINDS

Key = tuple[str, str, str]


class Watch:
    """The rows that the running action has saved so far."""

    def __init__(self) -> None:
        self.saved: set[Key] = set()
        self.kinds = {kind.model: kind.name for kind in KINDS.values()}

    def note(self, sender: Any, instance: Any, **_: Any) -> None:
        if sender in self.kinds:
            self.saved.add((self.kinds[sender], str(instance.pk), str(instance.scope_id)))

    def check(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        if "begin_action" in str(sql):
            self.saved.clear()
        if "end_action(" in str(sql) and params["outcome"] == "applied":
            columns = (params["kinds"], params["objects"], params["scopes"])
            stored = {(k, str(o), str(s)) for k, o, s in zip(*columns, strict=True)}
            forgotten = self.saved - stored
            assert not forgotten, f"{params['action']} saved but did not publish {forgotten}"
        return execute(sql, params, many, context)


@contextmanager
def watch() -> Iterator[None]:
    """A context in which an action that forgets to publish raises AssertionError."""
    watching = Watch()
    with ExitStack() as stack:
        # Not post_delete: a listener to it makes Django delete by id, which is not what
        # runs in production.
        signals.post_save.connect(watching.note, dispatch_uid="published")
        stack.callback(signals.post_save.disconnect, dispatch_uid="published")
        stack.enter_context(connection.execute_wrapper(watching.check))
        yield
