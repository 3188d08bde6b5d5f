"""Push registrations: how the installed app of a session can be reached.

Actions call these inside their transaction, as the acting user who owns the rows.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.resealing import Place
from foundation.sealing import AssociatedData, fingerprints, is_current, seal, unseal
from notifications.models import BrowserKey, PushRegistration
from notifications.transports.subscriptions import endpoint_in


def register(
    *,
    user_id: uuid.UUID,
    session_id: uuid.UUID,
    kind: str,
    value: str,
    platform: str,
    locale: str = "en",
    now: datetime,
) -> PushRegistration:
    """Register this session's app for pushes. Replaces the session's earlier registration.

    `kind`: "token", "fid" or "web". `value`: the token or id from Firebase, or a `Subscription` as
    text. `platform`: android, ios or web. `locale`: the language of what a browser shows.
    Reactivates a dead or quarantined registration and takes over another person's.
    """
    # The earlier registration may be from before SEALING_KEY changed. Sorted, because each call
    # takes a lock, and processes may have the keys in another order.
    devices = fingerprints(_device(kind, value))
    for device in sorted(devices):
        functions.run("notifications_take_over", device_fingerprint=device, new_owner=user_id)
    forget(user_id=user_id, devices=devices)
    forget(user_id=user_id, session_id=session_id)
    row = PushRegistration(
        id=uuid7(), scope_id=user_id, session_id=session_id, kind=kind, platform=platform
    )
    row.sealed = seal(token_aad(row.id, row.scope_id), value.encode())
    row.fingerprint, row.refreshed_at, row.locale = devices[0], now, locale
    row.save(force_insert=True)
    return row


def forget(
    *,
    user_id: uuid.UUID,
    session_id: uuid.UUID | None = None,
    devices: list[bytes] | None = None,
) -> None:
    """Delete the registrations of one session or of devices (their fingerprints), or all of this
    person's."""
    rows = PushRegistration.objects.filter(scope_id=user_id)
    if session_id is not None:
        rows = rows.filter(session_id=session_id)
    if devices is not None:
        rows = rows.filter(fingerprint__in=devices)
    rows.delete()


def has_stopped(*, user_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """Whether the push service no longer knows this session's app."""
    rows = PushRegistration.objects.filter(scope_id=user_id, session_id=session_id)
    return rows.exclude(state="active").exists()


def browser_key() -> str | None:
    """The public key with which browsers subscribe; None before the pump has started once."""
    return BrowserKey.objects.values_list("public", flat=True).first()


def token_aad(registration_id: uuid.UUID, scope_id: uuid.UUID) -> AssociatedData:
    return AssociatedData("notifications_pushregistration", "sealed", registration_id, scope_id)


def value_of(row: PushRegistration) -> str:
    """The token, id or subscription in clear. Raises Unsealable if the row was tampered with."""
    return unseal(token_aad(row.id, row.scope_id), bytes(row.sealed)).decode()


def _under_newest_key(row: PushRegistration) -> dict[str, bytes]:
    value = value_of(row)
    newest = fingerprints(_device(row.kind, value))[0]
    if is_current(bytes(row.sealed)) and bytes(row.fingerprint) == newest:
        return {}
    return {
        "sealed": seal(token_aad(row.id, row.scope_id), value.encode()),
        "fingerprint": newest,
    }


def _device(kind: str, value: str) -> str:
    """What the device is recognised by. A browser may change the keys of a subscription."""
    return endpoint_in(value) if kind == "web" else value


SEALED = Place("push registrations", PushRegistration.objects.all, _under_newest_key)
