"""Which installed app of which session can be reached.

Called by actions, inside their transaction and under row-level security as the owner.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection
from uuid_utils.compat import uuid7

from foundation.sealing import Place, fingerprint, seal, unseal
from notifications.models import PushRegistration


def register(
    *,
    user_id: uuid.UUID,
    session_id: uuid.UUID,
    kind: str,
    value: str,
    platform: str,
    now: datetime,
) -> PushRegistration:
    """Remember how to reach this session's app; replaces what the session had before.

    `kind`: "token" or "fid"; `value`: as Firebase gave it; `platform`: android, ios or web. A
    dead or quarantined registration lives again, and another person's is taken over.
    """
    device = fingerprint(value)
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_take_over(%s, %s)", [device, user_id])
    forget(user_id=user_id, device=device)
    forget(user_id=user_id, session_id=session_id)
    row = PushRegistration(
        id=uuid7(), scope_id=user_id, session_id=session_id, kind=kind, platform=platform
    )
    row.sealed, row.fingerprint, row.refreshed_at = seal(place(row), value.encode()), device, now
    row.save(force_insert=True)
    return row


def forget(
    *, user_id: uuid.UUID, session_id: uuid.UUID | None = None, device: bytes | None = None
) -> None:
    """Reach no longer: the app of one session, one device, or all that this person has."""
    rows = PushRegistration.objects.filter(scope_id=user_id)
    if session_id is not None:
        rows = rows.filter(session_id=session_id)
    if device is not None:
        rows = rows.filter(fingerprint=device)
    rows.delete()


def place(row: PushRegistration) -> Place:
    """Where this registration's token is sealed."""
    return token_place(row.id, row.scope_id)


def token_place(registration_id: uuid.UUID, scope_id: uuid.UUID) -> Place:
    return Place("notifications_pushregistration", "sealed", registration_id, scope_id)


def value_of(row: PushRegistration) -> str:
    """The token or installation id in clear. Unsealable: the row was tampered with."""
    return unseal(place(row), bytes(row.sealed)).decode()
