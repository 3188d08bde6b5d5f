"""A phone as its owner uses it: do something, look at something, be offline for a while."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

from uuid_utils.compat import uuid7

from clients.phone import history
from clients.phone.answers import Answers
from clients.phone.awake import Awake
from clients.phone.cache import Document
from clients.phone.clock import Clock, SystemClock, text
from clients.phone.ephemeral import Ephemeral
from clients.phone.errors import UnsentWork, Wiped
from clients.phone.files import Outgoing
from clients.phone.keystore import Keystore
from clients.phone.live import Live
from clients.phone.network import Network
from clients.phone.outbox import MAIN, URGENT, Mutation
from clients.phone.overlay import Projection
from clients.phone.push import ACTION as REGISTER_PUSH
from clients.phone.push import Pushes
from clients.phone.registration import App
from clients.phone.screen import Screen
from clients.phone.session import Session
from clients.phone.signin import SignIn
from clients.phone.store import Store
from clients.phone.sync import Sync
from clients.phone.triggers import Triggers
from clients.phone.wire import Wire

STATES = {"pending": "saved here", "sent": "sent", "refused": "needs you"}


class Phone:
    """`home` is the server's URL; `path` the database file (its keystore lies beside it), or
    None to keep everything in memory. `chance` and `new_id` make jitter and ids repeatable;
    `live` is the URL of the socket where it has a port of its own."""

    def __init__(
        self,
        home: str,
        path: Path | None = None,
        *,
        name: str = "Phone",
        app: App | None = None,
        clock: Clock | None = None,
        overlays: Mapping[str, Projection] | None = None,
        live: str | None = None,
        network: Network | None = None,
        chance: Random | None = None,
        new_id: Callable[[], str] = lambda: str(uuid7()),
    ) -> None:
        self.home, self.path, self.name = home, path, name
        self.app, self.clock = app or App(), clock or SystemClock()
        self.chance, self.new_id = chance or Random(), new_id
        self.network = network or Network()
        self._open_store()
        self._wire_up()
        self.live.url = live
        self.overlays = overlays or {}

    def _open_store(self) -> None:
        self.keystore = Keystore(self.path.with_suffix(".keys") if self.path else None)
        self.store = Store(self.path, self.keystore)
        self.answers = Answers(self.store)
        self.wire = Wire(self.network, self.store, self.clock)
        self.session = Session(self.home, self.wire, self.store, self.keystore)

    def _wire_up(self) -> None:
        self.signin = SignIn(self.session, self.app, self.name)
        self.screen = Screen(self.answers, self.session, self.wire)
        self.syncing = Sync(self.session, self.answers, self.clock, self.app, self.chance)
        self.triggers = Triggers(self.syncing, self.network, self.clock, self.chance)
        self.live = Live(self.syncing, self.triggers, self.clock, self.chance)
        self.awake = Awake(self.live, self.triggers, self.store)
        self.pushes = Pushes(self.network, self.triggers.ask)

    @property
    def overlays(self) -> Mapping[str, Projection]:
        """How pending actions show: action name to projection."""
        return self.answers.overlay.projections

    @overlays.setter
    def overlays(self, projections: Mapping[str, Projection]) -> None:
        self.answers.overlay.projections = projections
        if not self.is_wiped:
            self.answers.show_pending()

    # Getting in and out

    async def enrol(self, code: str, date_of_birth: str) -> str:
        """Join with the clinic's one-use code and a date of birth (YYYY-MM-DD); the user's id."""
        return await self.signin.enrol(code, date_of_birth)

    async def request_code(self, email: str) -> None:
        """Ask for a sign-in code by e-mail; silent about whether the address is known."""
        await self.signin.request_code(email)

    async def confirm_code(self, code: str) -> str:
        """Sign in with the code from the e-mail; the user's id."""
        return await self.signin.confirm_code(code)

    def register_push(self, value: str, kind: str = "token") -> str:
        """Tell the server where pushes reach this phone; `kind` is token or fid."""
        registration = {"kind": kind, "value": value, "platform": self.app.platform}
        return self.do(REGISTER_PUSH, registration)

    async def sign_out(self, *, even_if_unsent: bool = False) -> None:
        """Leave this phone empty. Raises `UnsentWork` rather than lose words silently."""
        if (self.outbox() or self.not_sent()) and not even_if_unsent:
            raise UnsentWork(self.outbox(), self.not_sent())
        await self.session.sign_out()

    @property
    def is_wiped(self) -> bool:
        return self.session.is_wiped

    @property
    def needs_upgrade(self) -> bool:
        """The update screen shows; the outbox still goes out."""
        return bool(self.store.get("too_old"))

    # Doing

    def do(
        self,
        action: str,
        args: dict[str, Any],
        *,
        v: int = 1,
        base: Iterable[Document] = (),
        urgent: bool = False,
        attach: Iterable[Outgoing] = (),
    ) -> str:
        """Queue an action and show it at once; its uuid. `base` are the documents that its owner
        was looking at, `attach` files that go with it (named in the argument `attachments`).
        Works offline, for weeks, and while the cache is locked."""
        if self.is_wiped:
            raise Wiped
        files = list(attach)
        if files:
            args = {**args, "attachments": [file.sha256 for file in files]}
        lane = URGENT if urgent else MAIN
        seen = {f"{d.kind}/{d.id}": d.seq for d in base if d.seq is not None}
        when = text(self.clock.now()), self.wire.offset_ms()
        mutation = Mutation(
            self.new_id(), lane, None, "pending", action, v, args, seen, *when, None
        )
        self.answers.queue(mutation, files)
        if self.awake.is_awake:
            self.triggers.queued(lane)
        return mutation.uuid

    def state(self, uuid: str) -> str:
        """ "saved here", "sent" or "needs you". Raises KeyError once it is forgotten."""
        return STATES[self.mutation(uuid).state]

    def mutation(self, uuid: str) -> Mutation:
        found = self.answers.outbox.find(uuid)
        if not found:
            raise KeyError(uuid)
        return found

    def outbox(self) -> list[Mutation]:
        return self.answers.outbox.pending()

    def not_sent(self) -> list[Mutation]:
        """What the server refused, with its words, until its owner dismisses it."""
        return self.answers.outbox.not_sent()

    def dismiss(self, uuid: str) -> None:
        self.answers.dismiss(uuid)

    # Looking

    def documents(self, kind: str | None = None, scope: str | None = None) -> list[Document]:
        """Confirmed documents under what is pending. Raises `Locked` or `Wiped`."""
        return self.screen.documents(kind, scope)

    async def older(
        self, scope: str, kind: str = "message", before: history.Place | None = None
    ) -> history.Page:
        """What was said before the documents begin, a page at a time; needs the network."""
        self.screen.unlock()
        return await history.older(self.session, self.app.schema, scope, kind, before)

    def is_loading(self, scope: str) -> bool:
        """True until this phone has read the whole scope once."""
        return self.screen.is_loading(scope)

    async def file(self, shown_by: Document, sha256: str) -> bytes:
        """A file that a document shows: from this phone, or fetched and kept here with it."""
        self.screen.unlock()
        return await self.syncing.attaching.fetch(shown_by, sha256)

    def ephemerals(self, scope: str) -> list[Ephemeral]:
        return self.live.ephemerals.now(scope)

    async def wait_for(self, predicate: Callable[[], object], within: float = 10) -> None:
        """Until `predicate()` holds; raises TimeoutError after `within` seconds."""
        await self.awake.wait_for(predicate, within)

    # The network, good and bad

    async def sync(self) -> None:
        """Hand in the outbox and read to the end. Raises what stopped it; nothing is lost."""
        await self.syncing.run()

    def connected(self) -> Awake:
        """`async with phone.connected():` the app is open, its socket up, syncing by itself."""
        return self.awake

    async def offline(self) -> None:
        await self.network.offline()

    def online(self) -> None:
        """The network is back: a socket is dialled and a sync runs, if the app is open."""
        self.network.back_online()
        self.triggers.ask()

    def lose_next_answer(self, path: str = "") -> None:
        """The next request reaches the server, its answer does not reach us."""
        self.network.plan("answer", path)

    def lose_next_request(self, path: str = "") -> None:
        self.network.plan("request", path)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.network.close()
        self.store.close()
