"""The acting user of a transaction. Row-level security decides by it."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from django.db import connection

from foundation.postgresql import functions

_actor: ContextVar[uuid.UUID | None] = ContextVar("actor", default=None)


class Actor(Protocol):
    """A user, or the system. Only the id decides what an actor sees."""

    @property
    def id(self) -> uuid.UUID: ...


def set_actor(user_id: uuid.UUID | None) -> None:
    """Let the rest of this transaction see what `user_id` may see. None sees nothing."""
    actor_is(user_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id or "")])


def actor_is(user_id: uuid.UUID | None) -> None:
    """Note that a SQL function has already set the acting user in the database."""
    _actor.set(user_id)


@contextmanager
def acting_as(
    user_id: uuid.UUID, *, by: str = "act_for", of: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Write into another person's own scope. Each use says in a comment why it must.

    `by` is the SQL function that lets the acting user do so, or not: see sql/scopes.sql. `of`: what
    it takes in place of the person.
    """
    before = _actor.get()
    functions.run(by, **(of or {"person": user_id}))
    actor_is(user_id)
    yield
    # Not in a `finally`: after an exception the transaction rolls back and takes no statement.
    set_actor(before)
