"""Saying, inside the transaction of the cause, that somebody must hear of it.

Nothing is sent here. The row commits with its cause or not at all; the pump does the rest.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Model, Q, Value
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from notifications.models import Intent, Letter, bucket_of
from notifications.sealing import Place, seal
from notifications.transports.texts import check_context
from notifications.types import NotificationType, require_registered


def push(
    kind: NotificationType,
    *,
    scope_id: uuid.UUID,
    except_user: uuid.UUID | None = None,
    role: str | None = None,
    due: datetime | None = None,
    expires: datetime | None = None,
    dedupe: str | None = None,
) -> None:
    """Let everybody in the scope know, at `due` (default: at once).

    Everybody is whoever is a member when it is sent, but for `except_user`, and with `role`
    only those who have it. A person's own scope is their user id. `expires` defaults to `due`
    plus the type's ttl. A second call with the same `dedupe` in the scope does nothing, whether
    the first was sent or still waits.
    """
    push_class = _way(kind, kind.push_class)
    start, end = _period(kind, due, expires)
    _insert(
        Intent(
            bucket=bucket_of(scope_id),
            id=uuid7(),
            scope_id=scope_id,
            type=kind.name,
            push_class=push_class,
            except_user=except_user,
            role=role,
            jitter=kind.jitter.total_seconds() * settings.PUSH_SPREAD,
            due=start,
            expires=end,
            dedupe=dedupe,
        )
    )


def email(
    kind: NotificationType,
    *,
    address: str,
    scope_id: uuid.UUID,
    context: dict[str, str] | None = None,
    locale: str = "en",
    dedupe: str | None = None,
) -> None:
    """Send one letter of the type's constant text in `locale` ("en" or "es").

    `context`: `{"code": ...}` for a code, else empty. ValueError: anything else, for nothing
    else may leave. Address and context are kept sealed and erased once the letter is gone.
    """
    mail = _way(kind, kind.mail)
    check_context(mail, context or {})
    start, end = _period(kind, None, None)
    row = Letter(
        bucket=bucket_of(scope_id),
        id=uuid7(),
        scope_id=scope_id,
        type=kind.name,
        mail=mail,
        due=start,
        expires=end,
        dedupe=dedupe,
    )
    content = {"address": address, "locale": locale, "context": context or {}}
    row.sealed = seal(letter_place(row.id, scope_id), json.dumps(content).encode())
    _insert(row)


def cancel(scope_id: uuid.UUID, *, dedupe: str) -> int:
    """Take back what waits under the key `dedupe` and every key below it (`dedupe:...`).

    Answers how many. The keys become free again; what was sent stays sent.
    """
    stem = dedupe.rstrip(":")
    below = Q(dedupe=stem) | Q(dedupe__startswith=f"{stem}:")
    waiting = Intent.objects.filter(below, scope_id=scope_id, state="planned")
    return waiting.update(state="cancelled", dedupe=None)


def letter_place(letter_id: uuid.UUID, scope_id: uuid.UUID) -> Place:
    """Where a letter's address and context are sealed."""
    return Place("notifications_letter", "sealed", letter_id, scope_id)


def _way(kind: NotificationType, way: str | None) -> str:
    """The class of push or kind of mail that this type is sent as, if it is sent that way."""
    require_registered(kind)
    if way is None:
        raise ValueError(f"{kind.name!r} is not sent this way")
    if not connection.in_atomic_block:
        raise RuntimeError("a notification is queued in the transaction of its cause")
    return way


def _period(
    kind: NotificationType, due: datetime | None, expires: datetime | None
) -> tuple[Any, Any]:
    """From when until when it may be sent. "At once" is the database's clock, as pumps go by it."""
    start = Now() if due is None else Value(due, DateTimeField())
    return start, start + kind.ttl if expires is None else expires


def _insert(row: Model) -> None:
    """One INSERT ... ON CONFLICT DO NOTHING: the same key never makes two rows."""
    type(row)._default_manager.bulk_create([row], ignore_conflicts=True)
