"""The receipt with which a phone confirms that it has wiped its data. Derived, never stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid

from django.utils.crypto import salted_hmac

SALT = "recovery.people.wipe"


def wipe_receipt(session_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """The phone sends it back after deleting everything. 86 characters."""
    ids = session_id.bytes + user_id.bytes
    return base64.urlsafe_b64encode(ids + _mac(ids)).decode()


def read_wipe_receipt(receipt: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """(session id, user id), or None if the receipt is not genuine."""
    try:
        raw = base64.b64decode(receipt, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    ids, mac = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(ids)):
        return None
    return uuid.UUID(bytes=ids[:16]), uuid.UUID(bytes=ids[16:])


def _mac(ids: bytes) -> bytes:
    return salted_hmac(SALT, ids, algorithm="sha256").digest()
