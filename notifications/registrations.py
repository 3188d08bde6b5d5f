"""Push registrations: how the installed app of a session can be reached.

Actions call these inside their transaction, as the acting user who owns the rows.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.sealing import AssociatedData, fingerprint, seal, unseal
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
    """Register this session's app for pushes. Replaces the session's earlier registration.

    `kind`: "token" or "fid". `value`: the token or id from Firebase. `platform`: android, ios or
    web. Reactivates a dead or quarantined registration and takes over another person's.
    """
    device = fingerprint(value)
    functions.run("notifications_take_over", device_fingerprint=device, new_owner=user_id)
    forget(user_id=user_id, device=device)
    forget(user_id=user_id, session_id=session_id)
    row = PushRegistration(
        id=uuid7(), scope_id=user_id, session_id=session_id, kind=kind, platform=platform
    )
    row.sealed = seal(token_aad(row.id, row.scope_id), value.encode())
    row.fingerprint, row.refreshed_at = device, now
    row.save(force_insert=True)
    return row


def forget(
    *, user_id: uuid.UUID, session_id: uuid.UUID | None = None, device: bytes | None = None
) -> None:
    """Delete the registration of one session or one device, or all of this person's."""
    rows = PushRegistration.objects.filter(scope_id=user_id)
    if session_id is not None:
        rows = rows.filter(session_id=session_id)
    if device is not None:
        rows = rows.filter(fingerprint=device)
    rows.delete()


def token_aad(registration_id: uuid.UUID, scope_id: uuid.UUID) -> AssociatedData:
    return AssociatedData("notifications_pushregistration", "sealed", registration_id, scope_id)


def value_of(row: PushRegistration) -> str:
    """The token or installation id in clear. Raises Unsealable if the row was tampered with."""
    return unseal(token_aad(row.id, row.scope_id), bytes(row.sealed)).decode()
