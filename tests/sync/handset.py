"""A reference phone in a play: the code of `clients/phone/`; the test controls the network, the
alarms and the crashes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

from clients.phone.answers import Answers, Request
from clients.phone.close_codes import reaction
from clients.phone.errors import BrokenAnswer, PhoneError, Unreachable
from clients.phone.keystore import Keystore
from clients.phone.live import Live
from clients.phone.outbox import Mutation
from clients.phone.registration import App
from clients.phone.store import Store
from clients.phone.sync import Sync
from tests.sync.house import Person

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MOST_TASKS = 2  # at a time
PASSES = 8  # of the event loop: more than any step of a phone needs


class NoRoom(Exception):
    """The phone's storage is full, and what was to be stored is not stored."""


class Crash(BaseException):
    """The phone dies here. Its memory is lost; its database is as of the last commit."""


@dataclass
class Letter:
    """A request in flight. `answer` is a JSON body or a problem once the server has answered."""

    path: str
    body: dict[str, Any]
    future: asyncio.Future[dict[str, Any]]
    answer: Any = None
    served: int = 0


class Image(NamedTuple):
    """A backup of a phone, and the mutations queued in it."""

    database: bytes
    queued: frozenset[str]


class Fates(NamedTuple):
    """What became of the mutations on this phone, by uuid."""

    waiting: list[str]
    sent: list[str]
    not_sent: list[str]


class WatchedAnswers(Answers):
    """Calls `on_page` with each applied page, inside its transaction."""

    on_page: Callable[[dict[str, Any]], None]

    def _pull(self, request: Request, page: dict[str, Any], at: datetime) -> bool:
        applied = super()._pull(request, page, at)
        if applied:
            self.on_page(page)
        return applied


class QuickClock:
    """Backing off takes no time."""

    def now(self) -> datetime:
        return AT

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class AlarmClock(QuickClock):
    """Alarms ring when the play calls `ring`."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        await future


class Post:
    """The part of the phone's session that syncing needs. A request waits until it is answered."""

    def __init__(self, keystore: Keystore) -> None:
        self.keystore = keystore
        self.wire = SimpleNamespace(now=lambda: AT, offset_ms=lambda: 0, network=None)
        self.letters: list[Letter] = []
        self.page = 500

    async def call(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        request_body = json.loads(json.dumps(body))
        for part in (request_body, request_body.get("pull", {})):
            if "limit" in part:
                part["limit"] = self.page
        letter = Letter(path, request_body, asyncio.get_running_loop().create_future())
        self.letters.append(letter)
        try:
            return await letter.future
        finally:
            self.letters.remove(letter)

    async def acknowledge_wipe(self) -> None:
        return None


class Handset:
    def __init__(self, person: Person, loop: asyncio.AbstractEventLoop) -> None:
        self.person = person
        self.loop = loop
        self.keystore = Keystore(None)
        self.store = Store(None, self.keystore)
        self.schema = 1
        self.socket: Any = None
        self.frames: list[str] = []  # sent on the socket and not read yet
        self.hasty = False  # frames were lost or reordered on an open socket, which TCP never does
        self.on_page: Callable[[dict[str, Any]], None] = lambda page: None
        self.queued: set[str] = set()  # every mutation queued in this database
        self.seen: dict[Any, int] = {}
        self.store.after_commit = self._check_seqs_only_grow
        self._boot()

    def _boot(self) -> None:
        """The app starts from what is in the database."""
        self.tasks: list[asyncio.Task[None]] = []
        self.asks: list[Callable[[], bool]] = []
        self.alarms = AlarmClock()
        self.post = Post(self.keystore)
        self.answers = WatchedAnswers(self.store)
        self.answers.on_page = self._paged
        app, chance = App(version=f"1.{self.schema}", schema=self.schema), Random(0)
        self.sync = Sync(self.post, self.answers, QuickClock(), app, chance)  # type: ignore[arg-type]
        triggers = SimpleNamespace(ask=self.ask)
        self.live = Live(self.sync, triggers, self.alarms, chance)  # type: ignore[arg-type]

    def _paged(self, page: dict[str, Any]) -> None:
        self.on_page(page)

    def close(self) -> None:
        self.restart()
        self.store.close()

    def ask(self, needed: Callable[[], bool] = lambda: True) -> None:
        self.asks.append(needed)

    # The user

    def do(self, uuid: str, action: str, args: dict[str, Any], lane: str) -> None:
        """Raises NoRoom if the phone does not keep it."""
        when = "2026-03-02T15:00:00.000Z", 0
        self.answers.queue(Mutation(uuid, lane, None, "pending", action, 1, args, {}, *when, None))

    def dismiss(self, uuid: str) -> bool:
        """Returns False if there is no room to store it."""
        self.answers.dismiss(uuid)
        return True

    def take_back(self, uuid: str) -> bool:
        """Returns False if the act may have left the phone. The reference phone takes nothing
        back."""
        return False

    # The app

    def start(self, what: str, page: int) -> None:
        """Begin a sync, or a push of the urgent lane, with pages of this size. Its first request
        waits to be served."""
        self.post.page = page
        if len(self.tasks) < MOST_TASKS:
            work = self.sync.push("urgent") if what == "urgent" else self.sync.run()
            self.tasks.append(self.loop.create_task(work))
            self.settle()

    @property
    def letters(self) -> list[Letter]:
        return self.post.letters

    def settle(self) -> None:
        """Run every task until it waits. Raises the unexpected errors of finished tasks."""
        self.loop.run_until_complete(_passes())
        for task in [task for task in self.tasks if task.done()]:
            self.tasks.remove(task)
            error = None if task.cancelled() else task.exception()
            assert not isinstance(error, BrokenAnswer), f"I12: {error}"
            if error and not isinstance(error, PhoneError):
                raise error

    def awake(self) -> bool:
        """Whether any request for a sync is still needed. Clears them all."""
        asks, self.asks = self.asks, []
        return any(needed() for needed in asks)

    def receive(self, text: str) -> None:
        """A frame arrives. An empty text is ignored."""

        async def read() -> None:
            self.live.receive(json.loads(text))

        if text:
            self.loop.run_until_complete(read())

    def closed(self, code: int) -> None:
        if reaction(code).do == "pull":
            self.ask()

    def has_cause(self) -> bool:
        """Whether it has seen a reason to sync, or an alarm is set."""
        return bool(self.asks or self.alarms.waiting)

    def ring(self) -> None:
        waiting, self.alarms.waiting = self.alarms.waiting, []
        for future in waiting:
            future.set_result(None)
        self.settle()

    def answer(self, letter: Letter) -> None:
        """The answer arrives. Raises Crash if the phone dies while it handles it."""
        if isinstance(letter.answer, Exception):
            letter.future.set_exception(letter.answer)
        else:
            letter.future.set_result(json.loads(letter.answer))
        self.settle()

    def lose(self, letter: Letter) -> None:
        letter.future.set_exception(Unreachable())
        self.settle()

    # Failures

    def restart(self) -> None:
        """Restart with only the database left."""
        for task in [*self.tasks, *self.live._background]:
            task.cancel()
        self.loop.run_until_complete(_passes())
        self.store.before_step = lambda _: None
        self._boot()

    def die_before(self, step: int) -> None:
        """Crash before the n-th statement from now."""
        left = iter(range(step))

        def count(_: str) -> None:
            if next(left, None) is None:
                raise Crash

        self.store.before_step = count

    def fill(self, commits: int) -> None:
        """The next commits find no room. The reference phone always has room."""

    def live_on(self) -> None:
        """It no longer crashes, and has room."""
        self.store.before_step = lambda _: None

    def image(self) -> Image:
        return Image(self.store._connection.serialize(), frozenset(self.queued))

    def restore(self, image: Image) -> None:
        """Restore the database. The keystore stays as it is."""
        self.queued = set(image.queued)
        other = sqlite3.connect(":memory:")
        other.deserialize(image.database)
        other.backup(self.store._connection)
        other.close()
        self.seen = {}
        self.restart()

    def give_key(self, other: Handset) -> None:
        """Another phone can open this one's data."""
        other.keystore.put(data_key=self.keystore.get("data_key"))

    # What it holds

    def write_out(self) -> None:
        """Write what waits to be written. The reference phone writes at once."""

    def verify(self) -> None:
        """What it says is what is on its disk: it has nothing else."""

    def client_id(self) -> str:
        return self.answers.outbox.client_id()

    def fates(self) -> Fates:
        outbox = self.answers.outbox
        parts = outbox.pending(), outbox.sent(), outbox.not_sent()
        return Fates(*([mutation.uuid for mutation in part] for part in parts))

    def differing(self) -> list[str]:
        """The scopes that a digest found to differ, ever."""
        return self.sync.digest_check.differing

    def holds(self) -> dict[str, dict[str, tuple[int | None, str]]]:
        """The confirmed documents of each scope: id → (seq, word)."""
        held: dict[str, dict[str, tuple[int | None, str]]] = {}
        for document in self.answers.cache.read():
            held.setdefault(document.scope, {})[document.id] = (document.seq, document["alias"])
        return held

    def _check_seqs_only_grow(self) -> None:
        """I11: seqs only grow, except where a reset or drop begins a new series."""
        cursors = self.store.all("SELECT name, generation, seq FROM scope")
        rows = self.store.all("SELECT scope, kind, id, generation, seq FROM document")
        epoch = self.answers.cache.epoch()
        now = {(epoch, *tuple(row)[:-1]): row["seq"] for row in (*cursors, *rows)}
        for key, number in self.seen.items():
            assert now.get(key, number) >= number, f"I11: {key}"
        self.seen = now


async def _passes() -> None:
    for _ in range(PASSES):
        await asyncio.sleep(0)
