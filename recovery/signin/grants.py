"""Giving a session its tokens and telling the phone."""

from __future__ import annotations

from datetime import datetime

from recovery.signin import rules
from recovery.signin.models import DeviceSession
from recovery.signin.tokens import RefreshToken, digest, new_access_token, new_refresh_token


def give(session: DeviceSession, access: str, refresh: RefreshToken, now: datetime) -> None:
    """Make these the session's tokens, of which none has been used yet; unsaved."""
    session.access_hash = digest(access)
    session.access_expires_at = min(now + rules.ACCESS_LIFE, session.expires_at)
    session.current_hash = digest(refresh.secret)
    session.arrived = False


def begin(session: DeviceSession, now: datetime) -> dict[str, str]:
    """A new family of tokens, for identity was proved just now; unsaved. What the phone is told."""
    access, refresh = new_access_token(), new_refresh_token()
    give(session, access, refresh, now)
    session.family_hash, session.previous_hash = digest(refresh.family), None
    session.generation += 1
    session.auth_time = session.rotated_at = now
    return told(session, access, refresh)


def told(session: DeviceSession, access: str, refresh: RefreshToken) -> dict[str, str]:
    """What the phone is told."""
    return {
        "user": str(session.scope_id),
        "session": str(session.id),
        "access_token": access,
        "access_expires_at": session.access_expires_at.isoformat(),
        "refresh_token": str(refresh),
    }
