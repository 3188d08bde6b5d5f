"""The sockets of one scope in this process.

A frame carries the version (`acl`) of the memberships at which it was committed. It goes out
only when the sockets here have been checked at that very version; otherwise the database is
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
# People may come in while we ask; more often than this in a row is no coincidence.
MOST_ASKS = 5
Ask = Callable[[uuid.UUID, list[uuid.UUID]], Awaitable[tuple[int, set[uuid.UUID]]]]


class UncheckableError(Exception):
    """The memberships of a scope changed each time they were asked for."""


class News(NamedTuple):
    """One message of a scope's channel.

    `kind`: "c" (a change), "p" (a change to pull for, each phone at a moment of its own) or "e"
    (ephemeral). `author`: the phone that wrote, or for "e" the person who types; `number`: that
    phone's mutation.
    """

    kind: str
    acl: int
    author: str
    number: str
    frame: str
    size: int


def read(payload: bytes) -> News:
    """ValueError: it is none of ours."""
    kind, acl, author, number, frame = payload.decode().split(" ", 4)
    return News(kind, int(acl), author, number, frame, len(payload))


class Audience:
    """`acl`: the version at which everybody here was checked; `head` as of the last heartbeat."""

    __slots__ = ("acl", "head", "held", "name", "scope_id", "sockets")

    def __init__(self, scope_id: uuid.UUID, name: str) -> None:
        self.scope_id = scope_id
        self.name = name
        self.sockets: set[Socket] = set()
        self.acl = UNCHECKED
        self.head = 0
        self.held: deque[News] | None = None

    def add(self, socket: Socket, acl: int, head: int) -> None:
        """Take in a socket whose membership was read together with `acl` and `head`."""
        if not self.sockets:
            self.acl, self.head = acl, head
        elif acl != self.acl:
            self.acl = UNCHECKED
        self.sockets.add(socket)
        socket.audiences[self.name] = self

    def remove(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        socket.audiences.pop(self.name, None)

    def hear(self, news: News) -> bool:
        """Pass `news` on, or hold it; True: `check` is needed before anything goes out."""
        if self.held is not None:
            self.held.append(news)
            return False
        if news.acl > self.acl:
            self.held = deque([news])
            return True
        self._tell(news)
        return False

    async def check(self, ask: Ask, acl: int = UNCHECKED) -> list[Socket]:
        """Ask who is in at `acl`, and for all that is held; the sockets that are out.

        When the database cannot say, the sockets are told to pull, which asks by itself.
        """
        self.held = held = self.held or deque()
        out: list[Socket] = []
        try:
            out += await self._checked_at(acl, ask)
            while held:
                out += await self._checked_at(held[0].acl, ask)
                self._tell(held.popleft())
        except Exception:
            self.tell_all(messages.resync("unchecked"))
            raise
        finally:
            self.held = None
        return out

    def tell_all(self, frame: str) -> None:
        for socket in self.sockets:
            socket.mailbox.put(frame)

    async def _checked_at(self, acl: int, ask: Ask) -> list[Socket]:
        out: list[Socket] = []
        for _ in range(MOST_ASKS):
            if acl <= self.acl:
                return out
            out += await self._ask(ask)
        raise UncheckableError

    async def _ask(self, ask: Ask) -> list[Socket]:
        asked = {socket.identity.user_id for socket in self.sockets}
        acl, members = await ask(self.scope_id, list(asked))
        out = [s for s in self.sockets if s.identity.user_id in asked - members]
        for socket in out:
            self.remove(socket)
        # Somebody who came in meanwhile was not asked about.
        complete = all(socket.identity.user_id in asked for socket in self.sockets)
        self.acl = acl if complete else UNCHECKED
        return out

    def _tell(self, news: News) -> None:
        if news.acl < self.acl:
            # Committed before somebody here came in, who may not see what was said before.
            self._tell_each(news, old=True)
        elif news.kind == "c":
            self._tell_same(news)
        else:
            self._tell_each(news, old=False)

    def _tell_same(self, news: News) -> None:
        """The hot path: the same text for everybody but the author and outdated apps."""
        author, frame, size = news.author, news.frame, news.size
        for socket in self.sockets:
            if socket.identity.current and socket.client != author:
                socket.mailbox.put(frame, size)
            else:
                text = _for_author(news) if socket.client == author else frame
                socket.mailbox.put(text if socket.identity.current else _poke(text), size)

    def _tell_each(self, news: News, *, old: bool) -> None:
        for socket in self.sockets:
            if news.kind == "p":
                socket.mailbox.put(_spread(news.frame), news.size)
            elif news.kind == "c":
                socket.mailbox.put(_poke(news.frame), news.size)
            elif not old and str(socket.identity.user_id) != news.author:
                socket.mailbox.put(news.frame, news.size)


def _for_author(news: News) -> str:
    """Only the phone that wrote learns which mutation it was: ids of phones are nobody else's."""
    return f'{news.frame[:-1]},"o":["{news.author}",{news.number}]}}'


def _poke(frame: str) -> str:
    """The same frame without documents: pull."""
    change: dict[str, Any] = json.loads(frame)
    kept = {name: change[name] for name in ("t", "s", "from", "to") if name in change}
    return json.dumps(kept, separators=(",", ":"))


def _spread(frame: str) -> str:
    """A delay of its own for each phone, so that they do not all pull in the same moment."""
    change = json.loads(frame)
    change["delay_ms"] = random.randrange(change["delay_ms"] + 1)  # noqa: S311  # spread
    return json.dumps(change, separators=(",", ":"))
