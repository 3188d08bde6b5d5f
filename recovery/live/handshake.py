"""Who may open a socket: checks a browser's Origin, then a token or ticket. A cookie counts for the
console's own socket only (desk.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
from django.conf import settings
from django.http import parse_cookie
from redis.exceptions import RedisError

from recovery.feed import schemas
from recovery.limits.consume import is_used_up
from recovery.limits.network import networks_of
from recovery.live import allowances, queries, tickets
from recovery.live.close_codes import CloseCode, SocketClosed
from recovery.live.hub import Hub
from recovery.live.messages import Hello, Token
from recovery.live.queries import ScopeState, Session
from recovery.live.socket import Identity
from recovery.signin import rules
from recovery.signin.allowances import STRANGER
from recovery.signin.tokens import SESSION_COOKIE, bearer_token, is_access_token, sha256

UNAVAILABLE = (psycopg.Error, RedisError, OSError)


class Headers:
    """The headers of the handshake, and where it came from. ASGI sends names in lower case."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], peer: str = "") -> None:
        self._values = {name: value.decode("latin-1") for name, value in headers}
        self._peer = peer

    @property
    def is_origin_allowed(self) -> bool:
        """Apps send no Origin. A page on another site does, and could abuse a signed-in user."""
        origin = self._values.get(b"origin")
        return origin is None or origin in settings.LIVE_ORIGINS

    @property
    def is_of_the_console(self) -> bool:
        """A page of the console has sent it, and no other page with the console's cookie."""
        return bool(settings.CONSOLE_URL) and self._values.get(b"origin") == settings.CONSOLE_URL

    @property
    def session_cookie(self) -> str | None:
        cookies = parse_cookie(self._values.get(b"cookie", ""))
        return cookies.get(SESSION_COOKIE)

    @property
    def token(self) -> str | None:
        return bearer_token(self._values.get(b"authorization", ""))

    @property
    def networks(self) -> tuple[str, ...]:
        return networks_of(self._peer, self._values.get(b"x-forwarded-for", ""))


async def authenticate(
    hub: Hub, headers: Headers, hello: Hello, now: datetime
) -> tuple[Identity, Session, list[ScopeState]]:
    """Whose socket this is. Raises SocketClosed if it may not stay open."""
    async with strangers_limited(hub, headers):
        token_hash = await _token_hash(hub, headers.token, hello.ticket)
        session, client, scopes = await queries.handshake(
            hub.pool, token_hash, hello.client_id, now
        )
        known = _known(session)
    session = signed_in(known)
    if await is_used_up(hub.valkey, *allowances.SOCKET.uses(session.session_id, session.user_id)):
        raise SocketClosed(CloseCode.TOO_SLOW)
    # An unknown phone is the app's mistake. Only one that we revoked has to wipe itself.
    if client is None:
        raise SocketClosed(CloseCode.BAD_MESSAGE)
    if client.revoked:
        raise SocketClosed(CloseCode.WIPE)
    if client.schema < schemas.OLDEST:
        raise SocketClosed(CloseCode.APP_TOO_OLD)
    inline = client.schema >= schemas.newest() and not session.is_staff
    identity = Identity(session.user_id, session.session_id, hello.client_id, inline)
    return identity, session, scopes


@asynccontextmanager
async def strangers_limited(hub: Hub, headers: Headers) -> AsyncIterator[None]:
    """Count sockets whose credential means nothing against where they come from, as REST does. A
    true credential is never refused for them."""
    try:
        yield
    except SocketClosed as closed:
        if closed.code is CloseCode.REAUTHENTICATE and await is_used_up(
            hub.valkey, *STRANGER.uses(headers.networks)
        ):
            raise SocketClosed(CloseCode.TOO_SLOW) from None
        raise


async def renew(
    hub: Hub, headers: Headers, identity: Identity, fresh: Token, now: datetime
) -> Session:
    """Extend the socket with a fresh token of the same session."""
    async with strangers_limited(hub, headers):
        token_hash = await _token_hash(hub, fresh.token, fresh.ticket)
        known = _known(await queries.session(hub.pool, token_hash, now))
    session = signed_in(known)
    if session.session_id != identity.session_id:
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    return session


async def of_the_desk(hub: Hub, headers: Headers, now: datetime) -> Session:
    """The session of a member of staff whose browser has the console's cookie."""
    async with strangers_limited(hub, headers):
        token = headers.session_cookie
        if token is None or not is_access_token(token):
            raise SocketClosed(CloseCode.REAUTHENTICATE)
        known = _known(await queries.session(hub.pool, sha256(token), now))
    session = signed_in(known)
    if not session.is_staff:
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    if await is_used_up(hub.valkey, *allowances.SOCKET.uses(session.session_id, session.user_id)):
        raise SocketClosed(CloseCode.TOO_SLOW)
    return session


def _known(session: Session | None) -> Session:
    if session is None:
        raise SocketClosed(CloseCode.REAUTHENTICATE)
    return session


def signed_in(session: Session) -> Session:
    """`session` if it is live and, for staff, has its second factor. Raises SocketClosed."""
    if session.state == "wipe":
        raise SocketClosed(CloseCode.WIPE)
    if session.state != "live":
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
