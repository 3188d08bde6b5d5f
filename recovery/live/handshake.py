"""Who may open a socket: checks a browser's Origin, then a token or ticket. Never a cookie."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import psycopg
from django.conf import settings
from redis.exceptions import RedisError

from recovery.feed import schemas
from recovery.limits.consume import is_used_up
from recovery.live import allowances, queries, tickets
from recovery.live.close_codes import CloseCode, SocketClosed
from recovery.live.hub import Hub
from recovery.live.messages import Hello, Token
from recovery.live.queries import ScopeState, Session
from recovery.live.socket import Identity
from recovery.signin import rules
from recovery.signin.tokens import bearer_token, is_access_token, sha256

UNAVAILABLE = (psycopg.Error, RedisError, OSError)


class Headers:
    """The headers of the handshake. ASGI sends names in lower case."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._values = {name: value.decode("latin-1") for name, value in headers}

    @property
    def is_origin_allowed(self) -> bool:
        """Apps send no Origin. A page on another site does, and could abuse a signed-in user."""
        origin = self._values.get(b"origin")
        return origin is None or origin in settings.LIVE_ORIGINS

    @property
    def token(self) -> str | None:
        return bearer_token(self._values.get(b"authorization", ""))


async def authenticate(
    hub: Hub, headers: Headers, hello: Hello, now: datetime
) -> tuple[Identity, Session, list[ScopeState]]:
    """Whose socket this is. Raises SocketClosed if it may not stay open."""
    token_hash = await _token_hash(hub, headers.token, hello.ticket)
    session, client, scopes = await queries.handshake(hub.pool, token_hash, hello.client_id, now)
    session = signed_in(session)
    if await is_used_up(hub.valkey, *allowances.SOCKET.uses(session.session_id, session.user_id)):
        raise SocketClosed(CloseCode.TOO_SLOW)
    # An unknown phone is the app's mistake. Only one that we revoked has to wipe itself.
    if client is None:
        raise SocketClosed(CloseCode.BAD_MESSAGE)
    if client.revoked:
        raise SocketClosed(CloseCode.WIPE)
    if client.schema < schemas.OLDEST:
        raise SocketClosed(CloseCode.APP_TOO_OLD)
    is_current = client.schema >= schemas.newest()
    identity = Identity(session.user_id, session.session_id, hello.client_id, is_current)
    return identity, session, scopes


async def renew(hub: Hub, identity: Identity, fresh: Token, now: datetime) -> Session:
    """Extend the socket with a fresh token of the same session."""
    token_hash = await _token_hash(hub, fresh.token, fresh.ticket)
    session = signed_in(await queries.session(hub.pool, token_hash, now))
    if session.session_id != identity.session_id:
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    return session


def signed_in(session: Session | None) -> Session:
    """`session` if it is live and, for staff, has its second factor. Raises SocketClosed."""
    if session and session.state == "wipe":
        raise SocketClosed(CloseCode.WIPE)
    if session is None or session.state != "live":
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    if not rules.has_factors(session.is_staff, session.methods):
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    return session


async def _token_hash(hub: Hub, token: str | None, ticket: str | None) -> bytes:
    """The hash of the access token: the one sent, or the one that the ticket stands for."""
    token_hash = None
    if ticket is not None:
        token_hash = await tickets.redeem(hub.valkey, ticket)
    elif token and is_access_token(token):
        token_hash = sha256(token)
    if token_hash is None:
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    return token_hash
