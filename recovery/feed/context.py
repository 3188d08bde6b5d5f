"""Who acts in this transaction: what row-level security goes by."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_actor: ContextVar[uuid.UUID | None] = ContextVar("actor", default=None)


def set_actor(user_id: uuid.UUID | None) -> None:
    """Let the rest of this transaction see what `user_id` may see; None sees nothing."""
    actor_is(user_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id or "")])


def actor_is(user_id: uuid.UUID | None) -> None:
    """Remember whom the database knows as the acting user of this transaction."""
    _actor.set(user_id)


@contextmanager
def acting_as(user_id: uuid.UUID) -> Iterator[None]:
    """Write into another person's own scope, for the few actions that must.

    Each use says why in a comment. After an exception the transaction is lost anyway, so the
    former actor is restored only on success.
    """
    before = _actor.get()
    set_actor(user_id)
    yield
    set_actor(before)
