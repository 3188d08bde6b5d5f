"""Who is connected to this process, and what they listen to. One object a process."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from recovery.live import messages, queries
from recovery.live.audience import UNCHECKED, Audience, read
from recovery.live.bus import Bus
from recovery.live.closing import Close, Closed
from recovery.live.queries import Place
from recovery.live.socket import Socket

log = structlog.get_logger()


class Hub:
    """`audiences` by scope id; the other indexes find sockets by person, session and phone."""

    def __init__(self) -> None:
        self.pool = queries.make_pool()
        self.valkey = Redis.from_url(
            settings.VALKEY_URL, socket_timeout=1, socket_connect_timeout=1
        )
        self.bus = Bus(settings.VALKEY_URL, self._returned)
        self.epoch = ""
        self.draining = False
        self.waiting = 0
        self.entering = 0
        self.sockets: set[Socket] = set()
        self.audiences: dict[uuid.UUID, Audience] = {}
        self.by_user: dict[uuid.UUID, set[Socket]] = defaultdict(set)
        self.by_session: dict[uuid.UUID, set[Socket]] = defaultdict(set)
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_full(self) -> bool:
        return self.draining or len(self.sockets) + self.waiting >= settings.LIVE_MAX_SOCKETS

    @contextmanager
    def door(self) -> Iterator[None]:
        """Lets in a few at a time. When a crowd is back at once the others are told to come a
        little later, before they have cost anything, instead of all waiting until none can."""
        if self.entering >= settings.LIVE_ENTERING:
            raise Closed(Close.OVERLOADED)
        self.entering += 1
        try:
            yield
        finally:
            self.entering -= 1

    async def enter(self, socket: Socket, places: list[Place]) -> dict[str, int]:
        """Listen for this socket, then read once more, so that no change falls in between.

        Answers its heads: scope name → seq.
        """
        self.sockets.add(socket)
        self.by_user[socket.identity.user_id].add(socket)
        self.by_session[socket.identity.session_id].add(socket)
        self._push_out_elder(socket)
        await self.bus.listen(self._ears(socket))
        await self._follow(socket, places)
        now = await queries.places(self.pool, socket.identity.user_id)
        await self._follow(socket, now)
        return {place.name: place.head for place in now}

    def leave(self, socket: Socket) -> None:
        """Forget a socket that is closed, and what nobody listens to any more."""
        self.sockets.discard(socket)
        for audience in list(socket.audiences.values()):
            self._part(socket, audience)
        for index, key, kind in (
            (self.by_user, socket.identity.user_id, "user"),
            (self.by_session, socket.identity.session_id, "session"),
        ):
            index[key].discard(socket)
            if not index[key]:
                del index[key]
                self.bus.forget([f"{kind}.{key}"])

    async def refresh(self, user_id: uuid.UUID) -> None:
        """This person's memberships changed: begin and stop to listen, and have them pull."""
        now = await queries.places(self.pool, user_id)
        for socket in list(self.by_user.get(user_id, ())):
            await self._follow(socket, now)
            socket.mailbox.put(messages.SCOPES)

    async def check(self, audience: Audience, acl: int = UNCHECKED) -> None:
        """Ask who is still in the scope; who is not stops listening and pulls."""
        for socket in await audience.check(self._ask, acl):
            self._part(socket, audience)
            socket.mailbox.put(messages.SCOPES)

    async def publish(self, channel: str, message: str) -> None:
        """To every live process, this one too; lost without harm while Valkey is away."""
        with suppress(RedisError, OSError):
            await self.valkey.publish(channel, message)

    def close(self, sockets: Iterable[Socket], code: Close) -> None:
        for socket in list(sockets):
            socket.mailbox.close(code)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside; a failure is logged, and made good by the next heartbeat."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _follow(self, socket: Socket, places: list[Place]) -> None:
        """Have the socket in exactly these scopes, unless it left while we asked for them."""
        if socket not in self.sockets:
            return
        now = {place.name for place in places}
        for name in socket.audiences.keys() - now:
            self._part(socket, socket.audiences[name])
        for place in places:
            if place.name not in socket.audiences:
                self._audience(place).add(socket, place.acl, place.head)
        socket.marks = {place.name: place.mark for place in places}
        await self.bus.listen({f"scope.{p.scope_id}": self._ear(p.scope_id) for p in places})

    def _audience(self, place: Place) -> Audience:
        if place.scope_id not in self.audiences:
            self.audiences[place.scope_id] = Audience(place.scope_id, place.name)
        return self.audiences[place.scope_id]

    def _part(self, socket: Socket, audience: Audience) -> None:
        audience.remove(socket)
        socket.marks.pop(audience.name, None)
        if not audience.sockets and self.audiences.get(audience.scope_id) is audience:
            del self.audiences[audience.scope_id]
            self.bus.forget([f"scope.{audience.scope_id}"])

    def _ears(self, socket: Socket) -> dict[str, Any]:
        user_id, session_id = socket.identity.user_id, socket.identity.session_id
        return {
            f"user.{user_id}": lambda said: self._of_user(user_id, said.decode()),
            f"session.{session_id}": lambda said: self._of_session(session_id, said),
        }

    def _ear(self, scope_id: uuid.UUID) -> Any:
        def hear(payload: bytes) -> None:
            audience = self.audiences.get(scope_id)
            if audience and audience.hear(read(payload)):
                self.spawn(self.check(audience))

        return hear

    def _of_user(self, user_id: uuid.UUID, said: str) -> None:
        word, _, rest = said.partition(" ")
        if word == "here":
            client, _, newest = rest.partition(" ")
            mine = self.by_user.get(user_id, set())
            elder = [s for s in mine if s.client == client and str(s.id) < newest]
            self.close(elder, Close.ELSEWHERE)
        else:
            self.spawn(self.refresh(user_id))

    def _of_session(self, session_id: uuid.UUID, said: bytes) -> None:
        code = Close.WIPE if said == b"wipe" else Close.REAUTHENTICATE
        self.close(self.by_session.get(session_id, set()), code)

    def _push_out_elder(self, socket: Socket) -> None:
        """One socket a phone: tell every process, this one at once, that here is a newer one."""
        said = f"here {socket.client} {socket.id}"
        self._of_user(socket.identity.user_id, said)
        self.spawn(self.publish(f"user.{socket.identity.user_id}", said))

    def _returned(self) -> None:
        for socket in self.sockets:
            socket.mailbox.put(messages.resync("reconnected"))

    async def _ask(self, scope: uuid.UUID, users: list[uuid.UUID]) -> tuple[int, set[uuid.UUID]]:
        return await queries.audience(self.pool, scope, users)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("live_task_failed", error=type(error).__name__)
