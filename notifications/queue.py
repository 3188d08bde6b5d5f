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
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from foundation.sealing import Place, seal
from notifications.models import Intent, Letter, bucket_of
from notifications.transports.texts import check_context
from notifications.types import NotificationType, require_registered

# Written out, for it runs in nearly every action and building it anew cost more than running it.
# "At once" is the database's clock, as pumps go by it; the same key never makes two rows.
QUEUE_INTENT = """
INSERT INTO notifications_intent (bucket, id, scope_id, type, push_class, except_user, role, jitter,
    due, expires, dedupe, state)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, start, coalesce(%s, start + %s), %s, 'planned'
FROM (SELECT coalesce(%s, statement_timestamp()) AS start) AS at
ON CONFLICT DO NOTHING
"""


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
    jitter = kind.jitter.total_seconds() * settings.PUSH_SPREAD
    who = [scope_id, kind.name, push_class, except_user, role]
    row: list[Any] = [bucket_of(scope_id), uuid7(), *who, jitter, expires, kind.ttl, dedupe, due]
    with connection.cursor() as cursor:
        cursor.execute(QUEUE_INTENT, row)


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
    row = Letter(
        bucket=bucket_of(scope_id),
        id=uuid7(),
        scope_id=scope_id,
        type=kind.name,
        mail=mail,
        due=Now(),
        expires=Now() + kind.ttl,
        dedupe=dedupe,
    )
    content = {"address": address, "locale": locale, "context": context or {}}
    row.sealed = seal(letter_place(row.id, scope_id), json.dumps(content).encode())
    Letter.objects.bulk_create([row], ignore_conflicts=True)


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
