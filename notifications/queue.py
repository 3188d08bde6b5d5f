"""Queue notifications inside the transaction that causes them (a transactional outbox).

Nothing is sent here. The row commits together with its cause or not at all. The pump sends it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from foundation.resealing import Place, column
from foundation.sealing import AssociatedData, seal
from notifications.models import Intent, Letter, bucket_of
from notifications.transports.texts import check_context
from notifications.types import NotificationType, require_registered

# Raw SQL, because nearly every action runs it and the ORM took longer to build the statement than
# PostgreSQL to run it. "Now" is the database's clock, which the pumps use too. ON CONFLICT: a
# second row with the same `dedupe` is ignored.
QUEUE_INTENT = """
INSERT INTO notifications_intent (bucket, id, scope_id, type, push_class, except_user, role, jitter,
    waits, needed_by, quiet_zone, quiet_start, quiet_end, due, expires, dedupe, state)
SELECT %(bucket)s, %(id)s, %(scope_id)s, %(type)s, %(push_class)s, %(except_user)s, %(role)s,
    %(jitter)s, %(waits)s, %(needed_by)s, %(quiet_zone)s, %(quiet_start)s, %(quiet_end)s, start,
    coalesce(%(expires)s, start + %(ttl)s), %(dedupe)s, 'planned'
FROM (SELECT coalesce(%(due)s, statement_timestamp()) AS start) AS at
ON CONFLICT DO NOTHING
"""


FATES = {"planned": "waiting", "sent": "sent", "dead": "undeliverable", "expired": "expired"}


@dataclass(frozen=True)
class QuietHours:
    """From one wall time to another in `time_zone`; they may pass midnight."""

    time_zone: str
    start: time
    end: time


def push(
    kind: NotificationType,
    *,
    scope_id: uuid.UUID,
    except_user: uuid.UUID | None = None,
    role: str | None = None,
    due: datetime | None = None,
    expires: datetime | None = None,
    dedupe: str | None = None,
    quiet: QuietHours | None = None,
    needed_by: datetime | None = None,
    at_once: bool = False,
) -> None:
    """Notify everyone in the scope at `due` (default: now).

    The recipients are the members at the moment of sending, without `except_user` and, with
    `role`, only those in that role. To notify one person, pass their user id as the scope.
    `expires` defaults to `due` plus the type's ttl. A second call with the same `dedupe` in a
    scope does nothing, even if the first was already sent.

    A type that waits for the morning does so until each recipient's own quiet hours are over, or
    those of `quiet` if they have set none. It does not wait with `at_once`, nor if the quiet hours
    end after `needed_by`.
    """
    push_class = _checked(kind, kind.push_class)
    intent: dict[str, Any] = {
        "bucket": bucket_of(scope_id),
        "id": uuid7(),
        "scope_id": scope_id,
        "type": kind.name,
        "push_class": push_class,
        "except_user": except_user,
        "role": role,
        "jitter": kind.jitter.total_seconds() * settings.PUSH_SPREAD,
        "waits": kind.quiet == "morning" and not at_once,
        "needed_by": needed_by,
        "quiet_zone": quiet.time_zone if quiet else None,
        "quiet_start": quiet.start if quiet else None,
        "quiet_end": quiet.end if quiet else None,
        "due": due,
        "expires": expires,
        "ttl": kind.ttl,
        "dedupe": dedupe,
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE_INTENT, intent)


def email(
    kind: NotificationType,
    *,
    address: str,
    scope_id: uuid.UUID,
    context: dict[str, str] | None = None,
    locale: str = "en",
    dedupe: str | None = None,
) -> None:
    """Send one e-mail with the type's constant text in `locale` ("en" or "es").

    `context` is `{"code": ...}` for mails with a code, else empty. Raises ValueError for anything
    else, because nothing else may be sent. Address and context are stored encrypted and erased
    once the e-mail is sent.
    """
    mail = _checked(kind, kind.mail)
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
    row.sealed = seal(letter_aad(row.id, scope_id), json.dumps(content).encode())
    Letter.objects.bulk_create([row], ignore_conflicts=True)


def email_states(scope_id: uuid.UUID, keys: Iterable[str]) -> dict[str, str]:
    """What became of e-mails, by `dedupe`: "waiting", "sent", "undeliverable" (there is no such
    address, or its server refuses the letter for good) or "expired" (no server could be reached in
    time). Two weeks after its end, nothing is known of an e-mail.
    """
    letters = Letter.objects.filter(scope_id=scope_id, dedupe__in=list(keys))
    return {key: FATES[state] for key, state in letters.values_list("dedupe", "state") if key}


def cancel(scope_id: uuid.UUID, *, dedupe: str) -> int:
    """Cancel what has not been sent yet under the key `dedupe` or a key below it (`dedupe:...`).

    Returns how many. The cancelled keys can be used again.
    """
    stem = dedupe.rstrip(":")
    below = Q(dedupe=stem) | Q(dedupe__startswith=f"{stem}:")
    waiting = Intent.objects.filter(below, scope_id=scope_id, state="planned")
    return waiting.update(state="cancelled", dedupe=None)


def cancel_email(scope_id: uuid.UUID, *, dedupe: str) -> None:
    """Let an e-mail that has not left yet expire at once."""
    waiting = Letter.objects.filter(scope_id=scope_id, dedupe=dedupe, state="planned")
    waiting.update(expires=Now())


def letter_aad(letter_id: uuid.UUID, scope_id: uuid.UUID) -> AssociatedData:
    return AssociatedData("notifications_letter", "sealed", letter_id, scope_id)


SEALED = Place(
    "e-mails",
    Letter.objects.all,
    column("sealed", lambda row: letter_aad(row.id, row.scope_id)),
)


def _checked(kind: NotificationType, form: str | None) -> str:
    """`form`: the type's push class or kind of mail. Raises ValueError if it has none."""
    require_registered(kind)
    if form is None:
        raise ValueError(f"{kind.name!r} is not sent this way")
    if not connection.in_atomic_block:
        raise RuntimeError("a notification must be queued in the transaction of its cause")
    return form
