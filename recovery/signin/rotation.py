"""What a presented refresh token means (security.md §2.2). A table, without database or clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from recovery.signin.models import DeviceSession

LOST_ANSWER = timedelta(seconds=60)


class Verdict(Enum):
    ROTATE = "the current token: give the next one"
    REPLACE = "the answer with the next one was lost: give another in its place"
    REUSE = "a token that was replaced: somebody has a copy, end the session"
    PROOF = "the device key must sign: say so"
    ENDED = "the session is over"
    WIPE = "the session is over and the phone must be emptied"


def judge(session: DeviceSession, presented: bytes, *, proved: bool, now: datetime) -> Verdict:
    """What to do about the secret with hash `presented` of this session's family.

    `proved`: the session's device key signed this very request. A session that has a device
    key goes on only with its proof.
    """
    is_current = presented == session.current_hash
    lost_answer = presented == session.previous_hash and not session.arrived
    if session.wipe_requested_at and (is_current or lost_answer):
        return Verdict.WIPE
    if session.revoked_at or now >= min(session.idle_expires_at, session.expires_at):
        return Verdict.ENDED
    if not is_current and not lost_answer:
        return Verdict.REUSE
    if session.device_key and not proved:
        return Verdict.PROOF
    if is_current:
        return Verdict.ROTATE
    return Verdict.REPLACE if proved or _is_fresh(session, now) else Verdict.REUSE


def _is_fresh(session: DeviceSession, now: datetime) -> bool:
    """Without a key, nothing tells the phone from a thief but how soon it asks again."""
    return now - session.rotated_at <= LOST_ANSWER
