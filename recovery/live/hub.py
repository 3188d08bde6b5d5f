"""The sockets connected to this process and the channels they listen to. One object per process."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from recovery.live import messages, queries
from recovery.live.audience import UNCHECKED, Audience, parse
from recovery.live.close_codes import CloseCode, SocketClosed
from recovery.live.pubsub import PubSub
from recovery.live.queries import ScopeState
from recovery.live.socket import Socket

log = structlog.get_logger()


class Hub:
    """`audiences` is keyed by scope id; `by_user` and `by_session` find a person's sockets."""

    def __init__(self) -> None:
        self.pool = queries.make_pool()
        self.valkey = Redis.from_url(
            settings.VALKEY_URL, socket_timeout=1, socket_connect_timeout=1
        )
        self.pubsub = PubSub(settings.VALKEY_URL, self._on_reconnect)
        self.epoch = ""
        self.draining = False
        self.awaiting_hello = 0
        self.joining = 0
        self.sockets: set[Socket] = set()
        self.audiences: dict[uuid.UUID, Audience] = {}
        self.by_user: dict[uuid.UUID, set[Socket]] = defaultdict(set)
        self.by_session: dict[uuid.UUID, set[Socket]] = defaultdict(set)
        # asyncio keeps only weak references to tasks.
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_full(self) -> bool:
        return self.draining or len(self.sockets) + self.awaiting_hello >= settings.LIVE_MAX_SOCKETS

    @contextmanager
    def admission(self) -> Iterator[None]:
        """Admit LIVE_ENTERING sockets at a time.

        When a crowd reconnects, the rest are turned away before they have cost anything, instead
        of all of them queueing until every one times out.
        """
        if self.joining >= settings.LIVE_ENTERING:
            raise SocketClosed(CloseCode.OVERLOADED)
        self.joining += 1
        try:
            yield
        finally:
            self.joining -= 1

    async def join(self, socket: Socket, scopes: list[ScopeState]) -> dict[str, int]:
        """Add a socket and follow its scopes. Returns its heads: scope name → seq."""
        user_id, session_id = socket.identity.user_id, socket.identity.session_id
        self.sockets.add(socket)
        self.by_user[user_id].add(socket)
        self.by_session[session_id].add(socket)
        # One socket per phone: close older ones here at once, and in every other process.
        message = f"here {socket.client} {socket.id}"
        self._on_user_message(user_id, message.encode())
        self.spawn(self.publish(f"user.{user_id}", message))
        await self.pubsub.subscribe(
            {
                f"user.{user_id}": partial(self._on_user_message, user_id),
                f"session.{session_id}": partial(self._on_session_message, session_id),
            }
        )
        await self._follow(socket, scopes)
        # Read again after subscribing, so that no change can fall in between.
        current = await queries.scope_states(self.pool, user_id)
        await self._follow(socket, current)
        return {state.name: state.head for state in current}

    def leave(self, socket: Socket) -> None:
        """Remove a closed socket and unsubscribe from the channels that no one needs now."""
        self.sockets.discard(socket)
        for audience in list(socket.audiences.values()):
            self._unfollow(socket, audience)
        for index, key, kind in (
            (self.by_user, socket.identity.user_id, "user"),
            (self.by_session, socket.identity.session_id, "session"),
        ):
            index[key].discard(socket)
            if not index[key]:
                del index[key]
                self.pubsub.unsubscribe([f"{kind}.{key}"])

    async def refresh(self, user_id: uuid.UUID) -> None:
        """This user's memberships changed: follow the new scopes and have the phones pull."""
        current = await queries.scope_states(self.pool, user_id)
        for socket in list(self.by_user.get(user_id, ())):
            await self._follow(socket, current)
            socket.queue.put(messages.SCOPES)

    async def check(self, audience: Audience, acl: int = UNCHECKED) -> None:
        """Ask the database who is still a member; the others stop listening and pull."""
        for socket in await audience.check(partial(queries.audience, self.pool), acl):
            self._unfollow(socket, audience)
            socket.queue.put(messages.SCOPES)

    async def publish(self, channel: str, message: str) -> None:
        """Publish to every live process, including this one. Does nothing without Valkey."""
        with suppress(RedisError, OSError):
            await self.valkey.publish(channel, message)

    def close(self, sockets: Iterable[Socket], code: CloseCode) -> None:
        for socket in list(sockets):
            socket.queue.close(code)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work` in the background. Failures are logged; the next heartbeat makes up for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    async def _follow(self, socket: Socket, scopes: list[ScopeState]) -> None:
        """Make the socket follow exactly these scopes."""
        # It may have left while the caller waited for the database.
        if socket not in self.sockets:
            return
        names = {state.name for state in scopes}
        for name in socket.audiences.keys() - names:
            self._unfollow(socket, socket.audiences[name])
        for state in scopes:
            if state.name not in socket.audiences:
                audience = self.audiences.setdefault(
                    state.scope_id, Audience(state.scope_id, state.name)
                )
                audience.add(socket, state.acl, state.head)
        socket.marks = {state.name: state.mark for state in scopes}
        await self.pubsub.subscribe(
            {f"scope.{s.scope_id}": partial(self._on_scope_message, s.scope_id) for s in scopes}
        )

    def _unfollow(self, socket: Socket, audience: Audience) -> None:
        audience.remove(socket)
        socket.marks.pop(audience.name, None)
        if not audience.sockets and self.audiences.get(audience.scope_id) is audience:
            del self.audiences[audience.scope_id]
            self.pubsub.unsubscribe([f"scope.{audience.scope_id}"])

    def _on_scope_message(self, scope_id: uuid.UUID, payload: bytes) -> None:
        audience = self.audiences.get(scope_id)
        if audience and audience.receive(parse(payload)):
            self.spawn(self.check(audience))

    def _on_user_message(self, user_id: uuid.UUID, payload: bytes) -> None:
        """`here <client> <socket>`: this phone has a newer socket. Otherwise: scopes changed."""
        word, _, rest = payload.decode().partition(" ")
        if word == "here":
            client, _, newest = rest.partition(" ")
            sockets = self.by_user.get(user_id, set())
            # Socket ids are UUIDv7, so an older socket has a smaller id.
            older = [s for s in sockets if s.client == client and str(s.id) < newest]
            self.close(older, CloseCode.ELSEWHERE)
        else:
            self.spawn(self.refresh(user_id))

    def _on_session_message(self, session_id: uuid.UUID, payload: bytes) -> None:
        code = CloseCode.WIPE if payload == b"wipe" else CloseCode.REAUTHENTICATE
        self.close(self.by_session.get(session_id, set()), code)

    def _on_reconnect(self) -> None:
        for socket in self.sockets:
            socket.queue.put(messages.resync("reconnected"))

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("live_task_failed", error=type(error).__name__)
