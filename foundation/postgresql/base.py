"""The database backend (`ENGINE = "foundation.postgresql"`).

Inside `pipelined_atomic` a statement is sent and not waited for until its result is needed:
BEGIN travels with the first statement, and the last inserts with COMMIT. Waiting is what a short
transaction costs most: each wait gives up the interpreter and wakes a process on another core.

An error of a statement is raised by the first one that waits after it, so it may appear as late as
at COMMIT. It always takes precedence over what Python raised in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql import base
from psycopg.errors import PipelineAborted

# Django's stubs describe the backend for psycopg 2.
DjangoCursor: Any = base.ServerBindingCursor
DjangoWrapper: Any = base.DatabaseWrapper


class Cursor(DjangoCursor):
    """Django decides by `rowcount` whether an update found its row, so asking for it waits."""

    @property
    def rowcount(self) -> int:
        self._wait()
        return int(super().rowcount)

    @property
    def description(self) -> Any:
        self._wait()
        return super().description

    def _wait(self) -> None:
        # Django wraps the errors of methods only, and these are attributes.
        with connection.wrap_database_errors:
            self._fetch_pipeline()


class DatabaseWrapper(DjangoWrapper):
    """Django's own, but for transactions that `pipelined_atomic` has begun."""

    pipelines_next = False
    _pipeline: AbstractContextManager[Any] | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return dict(super().get_connection_params()) | {"cursor_factory": Cursor}

    def _start_transaction_under_autocommit(self) -> None:
        """Django calls this in place of turning autocommit off (SQLite begins in this way)."""
        if not self.pipelines_next:
            self._set_autocommit(False)
            return
        self.pipelines_next = False
        self._pipeline = self.connection.pipeline()
        self._pipeline.__enter__()
        self.connection.execute("BEGIN", prepare=False)

    def _set_autocommit(self, autocommit: bool) -> None:
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)

    def _commit(self) -> None:
        if self._pipeline is None:
            super()._commit()
            return
        self.connection.execute("COMMIT", prepare=False)
        self._leave_pipeline()

    def _rollback(self) -> None:
        if self._pipeline is not None:
            self._leave_pipeline()
        super()._rollback()

    def _savepoint_commit(self, sid: str) -> None:
        """What failed inside a savepoint is raised inside it."""
        self.wait()
        super()._savepoint_commit(sid)

    def wait(self) -> None:
        """Wait for everything that was sent. Raises the error of a statement that failed."""
        if self._pipeline is not None:
            # What follows a statement that failed is aborted; its own error was raised before.
            with self.wrap_database_errors, suppress(PipelineAborted):
                self.connection._pipeline.sync()

    def _leave_pipeline(self) -> None:
        assert self._pipeline  # noqa: S101  # both callers have looked
        pipeline, self._pipeline = self._pipeline, None
        with self.wrap_database_errors:
            pipeline.__exit__(None, None, None)

    def close(self) -> None:
        self._pipeline = None
        super().close()


@contextmanager
def pipelined_atomic() -> Iterator[None]:
    """`transaction.atomic()` in a pipeline; inside another transaction just that."""
    backend: Any = connection
    backend.pipelines_next = not connection.in_atomic_block
    with transaction.atomic():
        try:
            yield
        except Exception:
            backend.wait()
            raise
