"""The sockets of one scope in this process.

A frame carries the version (`acl`) of the memberships at which it was committed. It is sent only
once the sockets here have been checked at that version or a later one. Otherwise the database is
asked first, so that a lost message about a revocation cannot leak a byte.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from recovery.live import messages
from recovery.live.socket import Socket

UNCHECKED = -1
# Sockets may join during a check, which then has to run again. This many times in a row is a bug.
MAX_CHECKS = 5
# (scope, users) → the scope's acl, and which of these users are members at it.
MembersOf = Callable[[uuid.UUID, list[uuid.UUID]], Awaitable[tuple[int, set[uuid.UUID]]]]


class UncheckableError(Exception):
    """The memberships of a scope changed during every check."""


class ChannelMessage(NamedTuple):
    """One message of a scope's channel.

    `kind`: "c" (a change), "p" (a change to pull, each phone after a delay of its own) or "e"
    (ephemeral). `author`: the id of the phone that wrote; for "e", of the user who types.
    `number`: that phone's mutation id. `size`: bytes.
    """

    kind: str
    acl: int
    author: str
    number: str
    frame: str
    size: int


def parse(payload: bytes) -> ChannelMessage:
    """Raises ValueError if `payload` is not in our format."""
    kind, acl, author, number, frame = payload.decode().split(" ", 4)
    return ChannelMessage(kind, int(acl), author, number, frame, len(payload))


class Audience:
    """`acl`: the version at which all sockets were last checked. `head`: as of the last heartbeat.
    `pending`: the messages that wait for a check; None while no check is running."""

    __slots__ = ("acl", "head", "name", "pending", "scope_id", "sockets")

    def __init__(self, scope_id: uuid.UUID, name: str) -> None:
        self.scope_id = scope_id
        self.name = name
        self.sockets: set[Socket] = set()
        self.acl = UNCHECKED
        self.head = 0
        self.pending: deque[ChannelMessage] | None = None

    def add(self, socket: Socket, acl: int, head: int) -> None:
        """Add a socket whose membership was read in the same query as `acl` and `head`."""
        if not self.sockets:
            self.acl, self.head = acl, head
        elif acl != self.acl:
            # This socket was checked at one version and the others at another.
            self.acl = UNCHECKED
        self.sockets.add(socket)
        socket.audiences[self.name] = self

    def remove(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        socket.audiences.pop(self.name, None)

    def hold(self, *messages: ChannelMessage) -> None:
        """Hold these and all later messages. The caller must start a `check`, which sends them.

        Called before the check's task is spawned: if a message came in between, it would start a
        second check. The two would share one queue, and each send what only the other had checked.
        """
        self.pending = deque(messages)

    def receive(self, message: ChannelMessage) -> bool:
        """Send `message` or hold it. Returns True if the caller must start a `check`."""
        if self.pending is not None:
            self.pending.append(message)
            return False
        if message.acl > self.acl:
            self.hold(message)
            return True
        self._send(message)
        return False

    async def check(self, members_of: MembersOf, acl: int = UNCHECKED) -> list[Socket]:
        """Check memberships at `acl` and for all pending messages, then send those.

        Returns the sockets that were removed. If the database cannot answer, the sockets get a
        `resync`: they pull, and the pull checks their memberships itself.
        """
        if self.pending is None:
            self.hold()
        pending = self.pending
        removed: list[Socket] = []
        try:
            removed += await self._check_at(acl, members_of)
            # More messages may arrive while we wait for the database.
            while pending:
                removed += await self._check_at(pending[0].acl, members_of)
                self._send(pending.popleft())
        except Exception:
            self.send_all(messages.resync("unchecked"))
            raise
        finally:
            self.pending = None
        return removed

    def send_all(self, frame: str) -> None:
        for socket in self.sockets:
            socket.queue.put(frame)

    async def _check_at(self, acl: int, members_of: MembersOf) -> list[Socket]:
        removed: list[Socket] = []
        for _ in range(MAX_CHECKS):
            if acl <= self.acl:
                return removed
            removed += await self._check_once(members_of)
        raise UncheckableError

    async def _check_once(self, members_of: MembersOf) -> list[Socket]:
        users = {socket.identity.user_id for socket in self.sockets}
        acl, members = await members_of(self.scope_id, list(users))
        removed = [s for s in self.sockets if s.identity.user_id in users - members]
        for socket in removed:
            self.remove(socket)
        # The answer does not cover users who joined while we waited for it.
        complete = all(socket.identity.user_id in users for socket in self.sockets)
        self.acl = acl if complete else UNCHECKED
        return removed

    def _send(self, message: ChannelMessage) -> None:
        if message.acl < self.acl:
            # Committed before the latest member joined, who may not be allowed to see it.
            self._send_each(message, old=True)
            return
        if message.kind != "c":
            self._send_each(message, old=False)
            return
        # The hot path: the same text for everyone but the author, outdated apps and staff.
        author, frame, size = message.author, message.frame, message.size
        for socket in self.sockets:
            if socket.identity.inline and socket.client != author:
                socket.queue.put(frame, size)
            else:
                text = frame
                if socket.client == author:
                    # Its own mutation id, only for the author: the ids of phones are private.
                    text = f'{frame[:-1]},"o":["{author}",{message.number}]}}'
                if socket.identity.inline:
                    socket.queue.put(text, size)
                else:
                    socket.queue.put(_poke(text))

    def _send_each(self, message: ChannelMessage, *, old: bool) -> None:
        for socket in self.sockets:
            if message.kind == "p":
                socket.queue.put(_with_random_delay(message.frame), message.size)
            elif message.kind == "c":
                socket.queue.put(_poke(message.frame))
            elif not old and str(socket.identity.user_id) != message.author:
                socket.queue.put(message.frame, message.size)


def _poke(frame: str) -> str:
    """The same frame without its documents, so that the phone pulls."""
    change: dict[str, Any] = json.loads(frame)
    kept = {name: change[name] for name in ("t", "s", "from", "to") if name in change}
    return json.dumps(kept, separators=(",", ":"))


def _with_random_delay(frame: str) -> str:
    """A delay of its own for each phone, so that they do not all pull at the same moment."""
    change = json.loads(frame)
    change["delay_ms"] = random.randrange(change["delay_ms"] + 1)  # noqa: S311  # spread
    return json.dumps(change, separators=(",", ":"))
