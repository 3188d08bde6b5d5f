"""The database backend (`ENGINE = "foundation.postgresql"`).

Inside `pipelined_atomic`, a statement is sent at once but awaited only when its result is needed.
BEGIN travels with the first statement, and the last inserts travel with COMMIT. Waiting is the main
cost of a short transaction: each wait gives up the interpreter and wakes a process on another core.

The error of a statement is raised at the next wait, which may be as late as COMMIT. It takes
precedence over an exception that Python has raised in between, except inside a savepoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql import base
from psycopg.errors import PipelineAborted

from foundation.postgresql.idle import has_unasked

# Django's stubs describe the backend for psycopg 2.
DjangoCursor: Any = base.ServerBindingCursor
DjangoWrapper: Any = base.DatabaseWrapper


class Cursor(DjangoCursor):
    """Waits for the result when `rowcount` or `description` is read. Django reads `rowcount` to see
    whether an update matched a row."""

    @property
    def rowcount(self) -> int:
        self._wait()
        return int(super().rowcount)

    @property
    def description(self) -> Any:
        self._wait()
        return super().description

    def _wait(self) -> None:
        # Django wraps errors only of method calls, and these are attributes.
        with connection.wrap_database_errors:
            self._fetch_pipeline()


class DatabaseWrapper(DjangoWrapper):
    """Like Django's own, except for transactions that `pipelined_atomic` begins."""

    pipelines_next = False
    _pipeline: AbstractContextManager[Any] | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return dict(super().get_connection_params()) | {"cursor_factory": Cursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that PostgreSQL has not ended while it lay in the pool, as when it restarts.
        Looking at the socket costs no round trip, unlike the pool's own check."""
        while True:
            taken = super().get_new_connection(conn_params)
            if not self.pool or not has_unasked(taken):
                return taken
            taken.close()
            self.pool.putconn(taken)  # which makes a new one instead

    def _start_transaction_under_autocommit(self) -> None:
        """Django calls this hook, made for SQLite, instead of turning autocommit off."""
        if not self.pipelines_next:
            self._set_autocommit(False)
            return
        self.pipelines_next = False
        pipeline = self.connection.pipeline()
        with self.wrap_database_errors:
            pipeline.__enter__()
        self._pipeline = pipeline
        self._queue(b"BEGIN")

    def _set_autocommit(self, autocommit: bool) -> None:
        """Skip a change that changes nothing: a pipelined transaction leaves autocommit on."""
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)

    def _commit(self) -> None:
        if self._pipeline is None:
            super()._commit()
            return
        self._queue(b"COMMIT")
        self._leave_pipeline()

    def _rollback(self) -> None:
        if self._pipeline is not None:
            with suppress(DatabaseError):  # what it reports is rolled back anyway
                self._leave_pipeline()
        super()._rollback()

    def _savepoint_commit(self, sid: str) -> None:
        """Wait first, so that an error inside the savepoint is raised inside it."""
        self.wait()
        super()._savepoint_commit(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        """Wait first: PostgreSQL skips whatever follows an error, the rollback too."""
        with suppress(DatabaseError):
            self.wait()
        super()._savepoint_rollback(sid)

    def wait(self) -> None:
        """Wait for all statements sent so far. Raises the error of one that failed."""
        if self._pipeline is not None:
            # PipelineAborted only marks the statements after a failed one. That one raises its own.
            with self.wrap_database_errors, suppress(PipelineAborted):
                self.connection._pipeline.sync()

    def _queue(self, command: bytes) -> None:
        """Queue a command for the next time anything is sent. A cursor would send it at once."""
        with self.wrap_database_errors:
            next(self.connection._exec_command(command), None)

    def _leave_pipeline(self) -> None:
        assert self._pipeline  # noqa: S101  # both callers have checked
        pipeline, self._pipeline = self._pipeline, None
        with self.wrap_database_errors:
            try:
                pipeline.__exit__(None, None, None)
            except PipelineAborted as aborted:
                # COMMIT is skipped after a statement that failed, and only says so. The error of
                # that statement says what went wrong.
                raise (aborted.__context__ or aborted) from None

    def close(self) -> None:
        # Dropping the generator leaves pipeline mode, before the pool gets the connection.
        self._pipeline = None
        super().close()


@contextmanager
def pipelined_atomic() -> Iterator[None]:
    """`transaction.atomic()` in a pipeline. Inside another transaction, plain `atomic()`."""
    backend: Any = connection
    backend.pipelines_next = not connection.in_atomic_block
    try:
        with transaction.atomic():
            try:
                yield
            except Exception:
                # An error that PostgreSQL has not reported yet takes precedence over this one.
                backend.wait()
                raise
    finally:
        # If this transaction could not begin, another one must not be pipelined in its place.
        backend.pipelines_next = False
