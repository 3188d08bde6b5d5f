"""Issue the tokens of a session."""

from __future__ import annotations

from datetime import datetime

from recovery.signin import rules
from recovery.signin.models import DeviceSession
from recovery.signin.tokens import RefreshToken, new_access_token, new_refresh_token, sha256


def set_tokens(session: DeviceSession, access: str, refresh: RefreshToken, now: datetime) -> None:
    """Make these the session's current tokens, not used yet. Does not save."""
    session.access_hash = sha256(access)
    session.access_expires_at = min(now + rules.ACCESS_LIFE, session.expires_at)
    session.current_hash = sha256(refresh.secret)
    session.arrived = False


def start_family(session: DeviceSession, now: datetime) -> dict[str, str]:
    """Start a new token family, because the user has just proved their identity. Does not save.

    Returns the response for the phone.
    """
    access, refresh = new_access_token(), new_refresh_token()
    set_tokens(session, access, refresh, now)
    session.family_hash, session.previous_hash = sha256(refresh.family), None
    session.generation += 1
    session.auth_time = session.rotated_at = now
    return token_response(session, access, refresh)


def token_response(session: DeviceSession, access: str, refresh: RefreshToken) -> dict[str, str]:
    """The tokens in clear. They are sent once and never stored."""
    return {
        "user": str(session.scope_id),
        "session": str(session.id),
        "access_token": access,
        "access_expires_at": session.access_expires_at.isoformat(),
        "refresh_token": str(refresh),
    }
