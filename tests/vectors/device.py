"""The reference phone under a test's control: requests wait for answers, the clock is frozen."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from httpx import Headers

from clients.phone import App, Phone, close_codes
from clients.phone.clock import format_time
from clients.phone.errors import PhoneError
from clients.phone.files import Outgoing
from clients.phone.network import Reply
from tests.vectors.held_network import HeldNetwork, Request

HOME = "http://testserver"
# The parts of the state that every client has once it has settled. The others are the reference
# phone's own.
SETTLED = ("screen", "update_screen", "cursor", "entries", "pending", "outbox", "not_sent")
OUTCOMES = {
    "UpgradeRequired": "upgrade_required",
    "SignedOut": "signed_out",
    "Wiped": "wiped",
    "Stuck": "stuck",
    "Crash": "crash",
}


class Crash(BaseException):
    """The app dies. Nothing in the phone may catch this."""


@dataclass
class Pause:
    """The phone backs off for `seconds`, of which `jitter` is the longest possible jitter."""

    seconds: float
    jitter: float
    over: asyncio.Future[None] = field(default_factory=asyncio.Future)

    def fits(self, waits: dict[str, Any]) -> bool:
        """`waits`: of an exchange."""
        least, most = round(self.seconds - self.jitter, 3), round(self.seconds, 3)
        return (least, most) == (waits["at_least"], waits["at_most"])

    def end(self) -> None:
        self.over.set_result(None)


Event = Request | Pause | str | Exception
Handler = Callable[[Any], Awaitable[None]]


class LongestJitter(Random):
    """Always draws the longest jitter, so a pause shows both of its bounds."""

    most = 0.0

    def uniform(self, a: float, b: float) -> float:
        self.most = b - a
        return b


class FrozenClock:
    """A frozen clock. Sleeping in a sync is a backoff; any other sleep is an alarm."""

    def __init__(self, at: datetime, chance: LongestJitter, events: asyncio.Queue[Event]) -> None:
        self.at, self.chance, self.events = at, chance, events
        self.syncing: set[asyncio.Task[Any]] = set()
        self.alarms: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if asyncio.current_task() in self.syncing:
            pause = Pause(seconds, self.chance.most)
            await self.events.put(pause)
            await pause.over
        else:
            rings = asyncio.Event()
            self.alarms.append((self.at + timedelta(seconds=seconds), rings))
            await rings.wait()

    async def pass_time(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        due = [rings for at, rings in self.alarms if at <= self.at]
        self.alarms = [(at, rings) for at, rings in self.alarms if at > self.at]
        for rings in due:
            rings.set()
        await run_pending()


async def run_pending() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


def overlay_of(overlay: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """The projection that a vector's overlay describes."""

    def project(args: dict[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
        fields = {name: args[name] for name in overlay["fields"]}
        return overlay["scope"].format(**args), overlay["kind"], args[overlay["id"]], fields

    return project


class Device:
    """One device as a vector's `given` describes it, with its data in `folder`."""

    opens = Phone

    def __init__(self, setup: dict[str, Any], folder: Path, at: datetime) -> None:
        self.setup, self.folder = setup, folder
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.chance = LongestJitter()
        self.clock = FrozenClock(at, self.chance, self.events)
        self.new_ids: list[str] = []
        self.place: list[str] | None = None  # the `before` of the next page of history
        self.shown: Any = None  # what the last page or file showed
        self.network = HeldNetwork(self.events)
        self.phone = self._open()
        self.listening: asyncio.Task[Any] | None = None

    def _open(self) -> Phone:
        app = self.setup["app"]
        return self.opens(
            self.setup["home"],
            self.folder / "phone.db",
            app=App(app["platform"], app["version"], app["schema"], app["page"]),
            clock=self.clock,
            overlays={
                name: overlay_of(overlay) for name, overlay in self.setup["overlays"].items()
            },
            network=self.network,
            chance=self.chance,
            new_id=lambda: self.new_ids.pop(0),
        )

    def sign_in(self, user: str, install: str, tokens: dict[str, Any]) -> None:
        self.phone.keystore.put(install=install)
        self.phone.session.begin(user, tokens)

    def act(self, mutation: dict[str, Any]) -> None:
        """The owner does something. `mutation` is a `do` member of a vector."""
        self.new_ids.append(mutation["uuid"])
        base = [entry[:3] for entry in mutation["base"]]
        shown = self.phone.answers.overlay.read()
        self.phone.do(
            mutation["action"],
            {name: value for name, value in mutation["args"].items() if name != "attachments"},
            v=mutation["v"],
            base=[d for d in shown if [d.scope, d.kind, d.id] in base],
            urgent=mutation["urgent"],
            attach=[
                Outgoing(file["scope"], base64.b64decode(file["base64"]))
                for file in mutation.get("files", [])
            ],
        )

    def dismiss(self, uuid: str) -> None:
        self.phone.dismiss(uuid)

    def now(self) -> datetime:
        return self.clock.now()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.pass_time(seconds)

    def wants_sync(self) -> bool:
        """Whether the phone sees a reason to sync by itself. It is about to be answered."""
        wants = self.phone.triggers.is_needed
        self.phone.triggers.clear()
        return wants

    def is_busy(self) -> bool:
        """Whether a part of a sync is under way."""
        return bool(self.clock.syncing)

    @staticmethod
    def reaction(code: int) -> dict[str, Any]:
        """What the phone does when its socket closes with `code`: the `then` of a vector."""
        return close_codes.reaction(code)._asdict()

    def documents(self) -> dict[tuple[str, str, str, int], Any]:
        """The confirmed documents, by scope, kind, id and seq."""
        return {
            (d.scope, d.kind, d.id, d.seq or 0): d.body for d in self.phone.answers.cache.read()
        }

    async def update(self, version: str, schema: int) -> None:
        """The app is updated."""
        self.setup = self.setup | {
            "app": self.setup["app"] | {"version": version, "schema": schema}
        }
        await self.restart()

    async def play(self, step: dict[str, Any], asks: Handler, pauses: Handler) -> str:
        """Do what a step says, calling back for each request and pause. Returns the outcome's
        name."""
        task = asyncio.create_task(self._run(step))
        task.add_done_callback(self._report)
        self.clock.syncing.add(task)
        try:
            while not isinstance(event := await self.events.get(), str):
                if isinstance(event, Exception):
                    raise event
                await (asks(event) if isinstance(event, Request) else pauses(event))
        finally:
            self.clock.syncing.discard(task)
            task.cancel()
        return event

    def _report(self, task: asyncio.Task[None]) -> None:
        """A defect of the phone itself ends the play."""
        defect = None if task.cancelled() else task.exception()
        if isinstance(defect, Exception):
            self.events.put_nowait(defect)

    async def _run(self, step: dict[str, Any]) -> None:
        try:
            if "connects" in step:
                await self._connect(use_ticket=step["connects"] == "ticket")
            elif "scrolls_up" in step:
                await self._scroll_up(**step["scrolls_up"])
            elif "opens_file" in step:
                await self._open_file(*step["opens_file"])
            else:
                await self._sync(step["sync"])
            outcome = "done"
        except (PhoneError, Crash) as end:
            outcome = OUTCOMES.get(type(end).__name__, str(end))
        await self.events.put(outcome)

    async def _connect(self, *, use_ticket: bool) -> None:
        """Open the socket and say hello. The server's hello is a frame of the next step."""
        self.phone.live.use_ticket = use_ticket
        self.listening = asyncio.create_task(self.phone.live._run_socket())
        await self.network.has_dialled.wait()
        assert self.network.socket is not None
        await self.network.socket.has_spoken.wait()

    async def receive(self, frame: dict[str, Any]) -> None:
        """A frame arrives, on the socket if the phone has opened one."""
        if self.network.socket:
            self.network.socket.frames.put_nowait(json.dumps(frame))
            await run_pending()
        else:
            self.phone.live.receive(frame)
            await asyncio.sleep(0)

    async def said(self) -> dict[str, Any]:
        """`dials` and `sends` of a step: what the phone did on the socket since the last call."""
        await run_pending()
        dialled, sent = list(self.network.dialled), list(self.network.sent)
        self.network.dialled.clear()
        self.network.sent.clear()
        words = {"dials": dialled, "sends": sent}
        return {name: value for name, value in words.items() if value}

    async def _sync(self, what: str) -> None:
        """`sync` (push, then pull to the end) or one part of it."""
        part, _, lane = what.partition(" ")
        if part == "sync":
            await self.phone.syncing.run()
        elif part == "pull":
            await self.phone.syncing.pull()
        else:
            await self.phone.syncing.push(lane)

    async def _scroll_up(self, scope: str, kind: str, limit: int) -> None:
        """Read the next page of history, and remember what it shows."""
        page = await self.phone.older(scope, kind, self.place, limit)
        self.place = page.next
        self.shown = [[d.kind, d.id, d.seq] for d in page.documents]

    async def _open_file(self, scope: str, kind: str, id_: str, sha256: str) -> None:
        document = self.phone.answers.cache.find(scope, kind, id_)
        assert document is not None
        self.shown = hashlib.sha256(await self.phone.file(document, sha256)).hexdigest()

    def deliver(self, request: Request, answer: dict[str, Any], *, crash: bool = False) -> None:
        """Deliver an answer. With `crash` the app dies before it commits the answer."""
        if crash:
            self.phone.store.before_step = _die_at_commit
        headers, body = Headers(answer.get("headers", {})), answer["body"]
        content = base64.b64decode(answer.get("base64", ""))
        request.reply.set_result(Reply(answer["status"], headers, body, content))

    async def restart(self) -> None:
        """Open the app again with what is on the disk."""
        self._hang_up()
        await self.phone.close()
        self.clock.alarms.clear()
        self.phone = self._open()

    def copy(self, folder: Path, *, with_keys: bool) -> Device:
        """Another phone with this one's data, as after restoring a backup or cloning."""
        folder.mkdir()
        self.phone.store.all("PRAGMA wal_checkpoint(TRUNCATE)")
        for suffix in (".db", ".keys"):
            shutil.copy(self.folder / f"phone{suffix}", folder / f"phone{suffix}")
        copy = type(self)(self.setup, folder, self.clock.at)
        if not with_keys:
            data_key = copy.phone.keystore.get("data_key")
            copy.phone.keystore.erase(data_key=data_key)
            copy.phone.keystore.provision()
        return copy

    def forget(self, *entry: str) -> None:
        store = self.phone.store
        with store.transaction():
            store.run("DELETE FROM document WHERE scope = ? AND kind = ? AND id = ?", *entry)

    def state(self) -> dict[str, Any]:
        """The state that a vector compares."""
        answers = self.phone.answers
        return {
            "screen": self.phone.screen.state(),
            "update_screen": self.phone.needs_upgrade,
            "client_id": answers.outbox.client_id() or None,
            "home": self.phone.session.home,
            "cursor": answers.cache.cursor(),
            "entries": self._entries(),
            "pending": [
                [d.scope, d.kind, d.id, d.body] for d in answers.overlay.read() if d.pending
            ],
            "loading": [s for s in answers.cache.scopes() if not answers.cache.is_complete(s)],
            "acknowledged": answers.outbox.acks(),
            "outbox": [[m.lane, m.uuid] for m in answers.outbox.pending()],
            "outbox_ids": [m.id for m in answers.outbox.pending()],
            "sent": [m.uuid for m in answers.outbox.sent()],
            "not_sent": [[m.uuid, (m.result or {}).get("code")] for m in answers.outbox.not_sent()],
            "held_frames": len(self.phone.live.frames.held),
            "next": self._next(),
        }

    def _entries(self) -> dict[str, list[Any]]:
        cache = self.phone.answers.cache
        return {
            scope: [[d.kind, d.id, d.seq] for d in cache.read(scope=scope)]
            for scope in cache.scopes()
        }

    def _next(self) -> list[str]:
        if self.phone.is_wiped:
            return []
        answers = self.phone.answers
        register = ["register"] if answers.needs_registration() else []
        push = sorted({f"push {m.lane}" for m in answers.outbox.pending()})
        pull = ["pull"] if self.phone.triggers.is_needed else []
        times = sorted(at for at, _ in self.clock.alarms)
        alarms = [f"look again at {format_time(at)}" for at in times]
        return [*register, *push, *pull, *alarms]

    def _hang_up(self) -> None:
        self.network.socket = None
        if self.listening:
            self.listening.cancel()

    async def close(self) -> None:
        self._hang_up()
        self.phone.live.stop()
        await self.phone.close()


def _die_at_commit(step: str) -> None:
    if step == "COMMIT":
        raise Crash
