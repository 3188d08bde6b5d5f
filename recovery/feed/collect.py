"""What one action has published, until the end of its transaction.

`perform` opens a collection and handlers add to it with `publish` and `retract`. The flush takes
it all at once, so that scopes are locked last, in a fixed order and as briefly as possible.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

Key = tuple[uuid.UUID, str, uuid.UUID]


@dataclass
class Collection:
    """Rows to publish by (scope, kind, id), and changed memberships as (scope, user).

    None instead of a row stands for a tombstone.
    """

    rows: dict[Key, Any | None] = field(default_factory=dict)
    members: set[tuple[uuid.UUID, uuid.UUID]] = field(default_factory=set)


_current: ContextVar[Collection | None] = ContextVar("collection", default=None)


@contextmanager
def collecting() -> Iterator[Collection]:
    """Collect what is published inside the block. Collections do not nest."""
    token = _current.set(Collection())
    try:
        yield current()
    finally:
        _current.reset(token)


def current() -> Collection:
    """The open collection. Raises RuntimeError outside an action, where nothing would flush it."""
    collection = _current.get()
    if collection is None:
        raise RuntimeError("rows are published by actions only")
    return collection


def membership_changed(scope_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Raise the scope's acl at the flush, and notify this user's sockets after the commit."""
    current().members.add((scope_id, user_id))
