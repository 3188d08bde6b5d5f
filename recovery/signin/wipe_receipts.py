"""The receipt with which an emptied phone says so: made from the session, never stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid

from django.utils.crypto import salted_hmac

SALT = "recovery.people.wipe"


def wipe_receipt(session_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """What a phone sends back after deleting everything. 86 characters."""
    ids = session_id.bytes + user_id.bytes
    return base64.urlsafe_b64encode(ids + _seal(ids)).decode()


def read_wipe_receipt(given: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """(session id, user id) of a true receipt, otherwise None."""
    try:
        raw = base64.b64decode(given, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    ids, seal = raw[:32], raw[32:]
    if not hmac.compare_digest(seal, _seal(ids)):
        return None
    return uuid.UUID(bytes=ids[:16]), uuid.UUID(bytes=ids[16:])


def _seal(ids: bytes) -> bytes:
    return salted_hmac(SALT, ids, algorithm="sha256").digest()
