"""What to do about a refresh token. Pure: no database, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from recovery.signin.models import DeviceSession

LOST_RESPONSE = timedelta(seconds=60)


class Verdict(Enum):
    ROTATE = "the current token: issue the next one"
    REPLACE = "the response with the next token was lost: issue another in its place"
    REUSE = "a token that was replaced: someone has a copy, end the session"
    PROOF = "the device key must sign the request"
    ENDED = "the session has ended"
    WIPE = "the session has ended and the phone must wipe its data"


def judge(session: DeviceSession, presented: bytes, *, proved: bool, now: datetime) -> Verdict:
    """What to do about a token of this session's family whose secret has the hash `presented`.

    `proved`: the session's device key signed this request. A session that has a device key is
    only continued with such a proof.
    """
    is_current = presented == session.current_hash
    lost_response = presented == session.previous_hash and not session.arrived
    if session.wipe_requested_at and (is_current or lost_response):
        return Verdict.WIPE
    if session.revoked_at or now >= min(session.idle_expires_at, session.expires_at):
        return Verdict.ENDED
    if not is_current and not lost_response:
        return Verdict.REUSE
    if session.device_key and not proved:
        return Verdict.PROOF
    if is_current:
        return Verdict.ROTATE
    # Without a device key, only a quick retry distinguishes the phone from a thief.
    is_quick = now - session.rotated_at <= LOST_RESPONSE
    return Verdict.REPLACE if proved or is_quick else Verdict.REUSE
