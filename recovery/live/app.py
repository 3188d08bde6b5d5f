"""One phone's socket from handshake to close, as a plain ASGI application."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from recovery.live import doorkeeper, messages, queries
from recovery.live.closing import Close, Closed
from recovery.live.doorkeeper import UNAVAILABLE, Headers
from recovery.live.hub import Hub
from recovery.live.mailbox import Mailbox, Send
from recovery.live.messages import Ephemeral, Hello, Token
from recovery.live.patience import Patience
from recovery.live.queries import Place
from recovery.live.socket import Socket

Receive = Callable[[], Awaitable[dict[str, Any]]]
JITTER = 0.1  # of the time after which a socket is asked to connect anew


class Gone(Exception):  # not an error: phones hang up
    """The phone closed the socket or lost its network."""


class LiveSocket:
    """The application; `hub` is the process's one."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        headers = Headers(scope["headers"])
        if not headers.may_come_from_there:
            await send({"type": "websocket.close"})
            return
        subprotocol = next((p for p in scope["subprotocols"] if p == messages.PROTOCOL), None)
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        mailbox = Mailbox(send)
        try:
            await self._converse(headers, receive, mailbox, subprotocol)
        except Closed as end:
            mailbox.close(end.code)
        except UNAVAILABLE:
            mailbox.close(Close.OVERLOADED)
        except Gone:
            mailbox.stop()
        await mailbox.ended()

    async def _converse(
        self, headers: Headers, receive: Receive, mailbox: Mailbox, subprotocol: str | None
    ) -> None:
        """Until one side ends it. Whatever happens, the hub forgets the socket."""
        if subprotocol is None:
            raise Closed(Close.WRONG_PROTOCOL)
        if settings.HOME_MOVED_TO:
            raise Closed(Close.EPOCH_CHANGED)  # the pull that follows learns where
        if self.hub.is_full or settings.MAINTENANCE:
            raise Closed(Close.OVERLOADED)
        hello = await self._hello(receive)
        with self.hub.door():
            now = datetime.now(UTC)
            identity, session, places = await doorkeeper.admit(self.hub, headers, hello, now)
            socket = Socket(identity, mailbox, session.expires_at, recycle_at(now))
            await self._enter(socket, places, now)
        try:
            await self._listen(socket, receive)
        finally:
            self.hub.leave(socket)

    async def _enter(self, socket: Socket, places: list[Place], now: datetime) -> None:
        try:
            heads = await self.hub.enter(socket, places)
            socket.mailbox.open(
                messages.hello(
                    epoch=self.hub.epoch or await queries.epoch(self.hub.pool),
                    now=now,
                    beat=settings.LIVE_HEARTBEAT,
                    expires_in=(socket.expires_at - now).total_seconds(),
                    heads=heads,
                )
            )
        except BaseException:
            self.hub.leave(socket)
            raise

    async def _hello(self, receive: Receive) -> Hello:
        self.hub.waiting += 1
        try:
            async with asyncio.timeout(settings.LIVE_HELLO):
                said = await _next(receive)
        except TimeoutError:
            raise Closed(Close.NO_HELLO) from None
        finally:
            self.hub.waiting -= 1
        if not isinstance(said, Hello):
            raise Closed(Close.BAD_MESSAGE)
        return said

    async def _listen(self, socket: Socket, receive: Receive) -> None:
        patience = Patience()
        while True:
            said = await _next(receive)
            if patience.is_exhausted():
                raise Closed(Close.TOO_SLOW)
            await self._answer(socket, said)

    async def _answer(self, socket: Socket, said: Hello | Token | Ephemeral) -> None:
        """Every message is also an occasion to look whether the sign-in still holds."""
        now = datetime.now(UTC)
        if isinstance(said, Token):
            session = await doorkeeper.renew(self.hub, socket.identity, said, now)
            socket.expires_at = session.expires_at
            socket.mailbox.put(messages.token((session.expires_at - now).total_seconds()))
            return
        session_id = socket.identity.session_id
        if session_id not in await queries.living(self.hub.pool, [session_id], now):
            raise Closed(Close.REAUTHENTICATE)
        if isinstance(said, Hello):
            raise Closed(Close.BAD_MESSAGE)
        await self._relay(socket, said)

    async def _relay(self, socket: Socket, said: Ephemeral) -> None:
        """To the others in the scope; lost without harm, and dropped from who is not in it."""
        user_id = socket.identity.user_id
        audience = socket.audiences.get(said.scope)
        if audience is None:
            return
        scope_id = audience.scope_id
        acl, members = await queries.audience(self.hub.pool, scope_id, [user_id])
        if user_id in members:
            member = uuid.uuid5(scope_id, str(user_id))
            frame = messages.ephemeral(said.scope, said.kind, member)
            await self.hub.publish(f"scope.{scope_id}", f"e {acl} {user_id} 0 {frame}")


async def _next(receive: Receive) -> Hello | Token | Ephemeral:
    event = await receive()
    if event["type"] == "websocket.disconnect":
        raise Gone
    return messages.parse(event)


def recycle_at(now: datetime) -> datetime:
    """When a socket that opens now is asked to connect anew, not all of them at once."""
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # jitter
    return now + timedelta(seconds=settings.LIVE_RECYCLE * spread)
