"""One phone's socket from handshake to close, as a plain ASGI application."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from recovery.live import handshake, messages, queries
from recovery.live.close_codes import CloseCode, SocketClosed
from recovery.live.handshake import UNAVAILABLE, Headers
from recovery.live.hub import Hub
from recovery.live.messages import Ephemeral, Hello, Token
from recovery.live.queries import ScopeState
from recovery.live.send_queue import Send, SendQueue
from recovery.live.socket import Socket
from recovery.live.token_bucket import TokenBucket

Receive = Callable[[], Awaitable[dict[str, Any]]]
JITTER = 0.1  # of the time after which a socket is asked to reconnect


class Disconnected(Exception):  # not an error: phones hang up
    """The phone closed the socket or lost its network."""


class LiveSocket:
    """The ASGI application. All sockets of a process share one `hub`."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        headers = Headers(scope["headers"], (scope.get("client") or ("",))[0])
        if not headers.is_origin_allowed:
            await send({"type": "websocket.close"})
            return
        subprotocol = next((p for p in scope["subprotocols"] if p == messages.PROTOCOL), None)
        # Accept first: a browser cannot see the close code of a rejected handshake.
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        queue = SendQueue(send)
        await until_closed(queue, self._serve(headers, receive, queue, subprotocol))

    async def _serve(
        self, headers: Headers, receive: Receive, queue: SendQueue, subprotocol: str | None
    ) -> None:
        """Run until either side ends the connection, then remove the socket from the hub."""
        if subprotocol is None:
            raise SocketClosed(CloseCode.WRONG_PROTOCOL)
        if settings.HOME_MOVED_TO:
            # The phone reacts with a pull, and that answer has the new address.
            raise SocketClosed(CloseCode.EPOCH_CHANGED)
        require_room(self.hub)
        hello = await self._hello(receive)
        with self.hub.admission():
            now = datetime.now(UTC)
            identity, session, scopes = await handshake.authenticate(self.hub, headers, hello, now)
            socket = Socket(identity, queue, session.expires_at, recycle_at(now))
            await self._join(socket, scopes, now)
        try:
            await self._listen(socket, headers, receive)
        finally:
            self.hub.leave(socket)

    async def _join(self, socket: Socket, scopes: list[ScopeState], now: datetime) -> None:
        try:
            heads = await self.hub.join(socket, scopes)
            socket.queue.start(
                messages.hello(
                    epoch=self.hub.epoch or await queries.epoch(self.hub.pool),
                    now=now,
                    heartbeat=settings.LIVE_HEARTBEAT,
                    expires_in=(socket.expires_at - now).total_seconds(),
                    heads=heads,
                )
            )
        except BaseException:
            self.hub.leave(socket)
            raise

    async def _hello(self, receive: Receive) -> Hello:
        self.hub.awaiting_hello += 1
        try:
            async with asyncio.timeout(settings.LIVE_HELLO):
                message = await _next(receive)
        except TimeoutError:
            raise SocketClosed(CloseCode.NO_HELLO) from None
        finally:
            self.hub.awaiting_hello -= 1
        if not isinstance(message, Hello):
            raise SocketClosed(CloseCode.BAD_MESSAGE)
        return message

    async def _listen(self, socket: Socket, headers: Headers, receive: Receive) -> None:
        bucket = TokenBucket()
        while True:
            message = await _next(receive)
            if not bucket.take():
                raise SocketClosed(CloseCode.TOO_SLOW)
            await self._handle(socket, headers, message)

    async def _handle(
        self, socket: Socket, headers: Headers, message: Hello | Token | Ephemeral
    ) -> None:
        """Every message is also an occasion to check that the session is still valid."""
        now = datetime.now(UTC)
        if isinstance(message, Token):
            session = await handshake.renew(self.hub, headers, socket.identity, message, now)
            socket.expires_at = session.expires_at
            socket.queue.put(messages.token((session.expires_at - now).total_seconds()))
            return
        session_id = socket.identity.session_id
        if session_id not in await queries.valid_sessions(self.hub.pool, [session_id], now):
            raise SocketClosed(CloseCode.REAUTHENTICATE)
        if isinstance(message, Hello):
            raise SocketClosed(CloseCode.BAD_MESSAGE)
        await self._relay(socket, message)

    async def _relay(self, socket: Socket, message: Ephemeral) -> None:
        """Publish to the other members of the scope. Dropped if the sender is not a member."""
        user_id = socket.identity.user_id
        audience = socket.audiences.get(message.scope)
        if audience is None:
            return
        scope_id = audience.scope_id
        # The hub may not have heard of a revocation yet, so ask the database.
        acl, members = await queries.audience(self.hub.pool, scope_id, [user_id])
        if user_id in members:
            member = uuid.uuid5(scope_id, str(user_id))
            frame = messages.ephemeral(message.scope, message.kind, member)
            await self.hub.publish(f"scope.{scope_id}", f"e {acl} {user_id} 0 {frame}")


async def until_closed(queue: SendQueue, serving: Awaitable[None]) -> None:
    """Serve a socket until either side ends it, and say why."""
    try:
        await serving
    except SocketClosed as end:
        queue.close(end.code)
    except UNAVAILABLE:
        queue.close(CloseCode.OVERLOADED)
    except Disconnected:
        queue.stop()
    await queue.wait_closed()


def require_room(hub: Hub) -> None:
    if hub.is_full or settings.MAINTENANCE:
        raise SocketClosed(CloseCode.OVERLOADED)


async def _next(receive: Receive) -> Hello | Token | Ephemeral:
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise Disconnected
    return messages.parse(event)


def recycle_at(now: datetime) -> datetime:
    """When to ask a socket opened at `now` to reconnect; jittered, so that they spread out."""
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # jitter
    return now + timedelta(seconds=settings.LIVE_RECYCLE * spread)
