"""Who may come in: the Origin of browsers, then a token or a ticket, never a cookie."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import psycopg
from django.conf import settings
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from recovery.feed import schemas
from recovery.limits.consume import is_used_up
from recovery.live import allowances, queries, tickets
from recovery.live.closing import Close, Closed
from recovery.live.hub import Hub
from recovery.live.messages import Hello, Token
from recovery.live.queries import Client, Place, Session
from recovery.live.socket import Identity
from recovery.signin import rules
from recovery.signin.tokens import is_access_token, sha256

UNAVAILABLE = (psycopg.Error, PoolTimeout, RedisError, OSError)


class Headers:
    """Of the handshake; names are lower case in ASGI."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._values = {name: value.decode("latin-1") for name, value in headers}

    @property
    def may_come_from_there(self) -> bool:
        """Apps send no Origin. A page on another site does, and could ride on a signed-in user."""
        origin = self._values.get(b"origin")
        return origin is None or origin in settings.LIVE_ORIGINS

    @property
    def token(self) -> str | None:
        scheme, _, token = self._values.get(b"authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


async def admit(
    hub: Hub, headers: Headers, hello: Hello, now: datetime
) -> tuple[Identity, Session, list[Place]]:
    """Whose socket this is. Closed: why it may not stay."""
    proof = await _proof(hub, headers.token, hello.ticket)
    session, client, places = await queries.greeting(hub.pool, proof, hello.client_id, now)
    session = signed_in(session)
    if await is_used_up(hub.valkey, *allowances.SOCKET.uses(session.session_id, session.user_id)):
        raise Closed(Close.TOO_SLOW)
    is_current = _known(client).schema >= schemas.newest()
    identity = Identity(session.user_id, session.session_id, hello.client_id, is_current)
    return identity, session, places


async def renew(hub: Hub, identity: Identity, fresh: Token, now: datetime) -> Session:
    """The same session, proven again."""
    proof = await _proof(hub, fresh.token, fresh.ticket)
    session = signed_in(await queries.session(hub.pool, proof, now))
    if session.session_id != identity.session_id:
        raise Closed(Close.REAUTHENTICATE)
    return session


def signed_in(session: Session | None) -> Session:
    """A session that may go on, with its second factor where one is needed."""
    if session and session.state == "wipe":
        raise Closed(Close.WIPE)
    if session is None or session.state != "live":
        raise Closed(Close.REAUTHENTICATE)
    if not rules.has_factors(session.is_staff, session.methods):
        raise Closed(Close.REAUTHENTICATE)
    return session


async def _proof(hub: Hub, token: str | None, ticket: str | None) -> bytes:
    """The hash of the access token that was presented, or that the ticket stands for."""
    if ticket is not None:
        found = await tickets.redeem(hub.valkey, ticket)
    else:
        found = sha256(token) if token and is_access_token(token) else None
    if found is None:
        raise Closed(Close.REAUTHENTICATE)
    return found


def _known(client: Client | None) -> Client:
    """Unknown is the phone's mistake, revoked is ours: only the latter makes a phone wipe."""
    if client is None:
        raise Closed(Close.BAD_MESSAGE)
    if client.revoked:
        raise Closed(Close.WIPE)
    if client.schema < schemas.OLDEST:
        raise Closed(Close.APP_TOO_OLD)
    return client
