"""The phone as its user sees it: sign in, act, read, go offline and come back."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

from uuid_utils.compat import uuid7

from clients.phone import history
from clients.phone.answers import Answers
from clients.phone.awake import Awake
from clients.phone.cache import Document
from clients.phone.clock import Clock, SystemClock, format_time
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
    """`home`: the server's URL. `path`: the database file, with the keystore next to it, or None to
    keep everything in memory. `chance` and `new_id`: for repeatable jitter and ids. `live`: the
    socket's URL if it has another port than `home`."""

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
        self._connect_parts()
        self.live.url = live
        self.overlays = overlays or {}

    def _open_store(self) -> None:
        self.keystore = Keystore(self.path.with_suffix(".keys") if self.path else None)
        self.store = Store(self.path, self.keystore)
        self.answers = Answers(self.store)
        self.wire = Wire(self.network, self.store, self.clock)
        self.session = Session(self.home, self.wire, self.store, self.keystore)

    def _connect_parts(self) -> None:
        self.signin = SignIn(self.session, self.app, self.name)
        self.screen = Screen(self.answers, self.session, self.wire)
        self.syncing = Sync(self.session, self.answers, self.clock, self.app, self.chance)
        self.triggers = Triggers(self.syncing, self.network, self.clock, self.chance)
        self.live = Live(self.syncing, self.triggers, self.clock, self.chance)
        self.awake = Awake(self.live, self.triggers, self.store)
        self.pushes = Pushes(self.network, self.triggers.ask)

    @property
    def overlays(self) -> Mapping[str, Projection]:
        """The projection of each action, by its name."""
        return self.answers.overlay.projections

    @overlays.setter
    def overlays(self, projections: Mapping[str, Projection]) -> None:
        self.answers.overlay.projections = projections
        if not self.is_wiped:
            self.answers.show_pending()

    # Signing in and out

    async def enrol(self, code: str, date_of_birth: str) -> str:
        """Enrol with the clinic's one-use code and a date of birth (YYYY-MM-DD). Returns the user's
        id."""
        return await self.signin.enrol(code, date_of_birth)

    async def request_code(self, email: str) -> None:
        """Request a sign-in code by e-mail. The answer is the same for an unknown address."""
        await self.signin.request_code(email)

    async def confirm_code(self, code: str) -> str:
        """Sign in with the code from the e-mail. Returns the user's id."""
        return await self.signin.confirm_code(code)

    def register_push(self, value: str, kind: str = "token") -> str:
        """Register this phone's push address; `kind` is token or fid."""
        registration = {"kind": kind, "value": value, "platform": self.app.platform}
        return self.do(REGISTER_PUSH, registration)

    async def register_browser(self, simulator: str) -> str:
        """Register for pushes as a browser does. Returns the name of its inbox in the simulator, or
        nothing if the server has no pushes for browsers yet."""
        bearer = {"Authorization": f"Bearer {self.session.token()}"}
        settings = await self.network.get(f"{self.session.home}/api/v1/push", bearer)
        if not settings["browser_key"]:
            return ""
        subscription = await self.pushes.subscribe(simulator, settings["browser_key"])
        self.do(REGISTER_PUSH, {"kind": "web", "platform": "web", "subscription": subscription})
        return str(subscription["endpoint"].rpartition("/")[2])

    async def sign_out(self, *, even_if_unsent: bool = False) -> None:
        """Sign out and erase everything. Raises `UnsentWork` if unsent changes would be lost."""
        if (self.outbox() or self.not_sent()) and not even_if_unsent:
            raise UnsentWork(self.outbox(), self.not_sent())
        await self.session.sign_out()

    @property
    def is_wiped(self) -> bool:
        return self.session.is_wiped

    @property
    def needs_upgrade(self) -> bool:
        """Whether to show the update screen. The outbox is still pushed."""
        return bool(self.store.get("too_old"))

    # Acting

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
        """Queue an action and show it at once. Returns the mutation's uuid.

        `base`: the documents that the user was looking at. `attach`: files of the action, which its
        argument `attachments` names. Works offline for weeks, and while the cache is locked.
        """
        if self.is_wiped:
            raise Wiped
        files = list(attach)
        if files:
            args = {**args, "attachments": [file.sha256 for file in files]}
        lane = URGENT if urgent else MAIN
        seen = {f"{d.kind}/{d.id}": d.seq for d in base if d.seq is not None}
        when = format_time(self.clock.now()), self.wire.offset_ms()
        mutation = Mutation(
            self.new_id(), lane, None, "pending", action, v, args, seen, *when, None
        )
        self.answers.queue(mutation, files)
        if self.awake.is_awake:
            self.triggers.queued(lane)
        return mutation.uuid

    def state(self, uuid: str) -> str:
        """ "saved here", "sent" or "needs you". Raises KeyError once the mutation is pruned."""
        return STATES[self.mutation(uuid).state]

    def mutation(self, uuid: str) -> Mutation:
        mutation = self.answers.outbox.find(uuid)
        if not mutation:
            raise KeyError(uuid)
        return mutation

    def outbox(self) -> list[Mutation]:
        return self.answers.outbox.pending()

    def not_sent(self) -> list[Mutation]:
        """Refused mutations, with the user's text, until they are dismissed."""
        return self.answers.outbox.not_sent()

    def dismiss(self, uuid: str) -> None:
        self.answers.dismiss(uuid)

    # Reading

    def documents(self, kind: str | None = None, scope: str | None = None) -> list[Document]:
        """Confirmed documents with pending changes applied. Raises `Locked` or `Wiped`."""
        return self.screen.documents(kind, scope)

    async def older(
        self,
        scope: str,
        kind: str = "message",
        before: history.PageToken | None = None,
        limit: int | None = None,
    ) -> history.Page:
        """Fetch a page of at most `limit` rows older than the documents on this phone."""
        self.screen.unlock()
        return await history.older(self.session, self.app.schema, scope, kind, before, limit)

    def is_loading(self, scope: str) -> bool:
        """True until this phone has read the whole scope once."""
        return self.screen.is_loading(scope)

    async def file(self, shown_by: Document, sha256: str) -> bytes:
        """Return a file that a document shows; fetch and store it if it is not here."""
        self.screen.unlock()
        return await self.syncing.file_transfer.fetch(shown_by, sha256)

    def ephemerals(self, scope: str) -> list[Ephemeral]:
        return self.live.ephemerals.now(scope)

    async def wait_for(self, predicate: Callable[[], object], within: float = 10) -> None:
        """Wait until `predicate()` holds. Raises TimeoutError after `within` seconds."""
        await self.awake.wait_for(predicate, within)

    # The network

    async def sync(self) -> None:
        """Push the outbox, then pull to the end. An error stops it without losing anything."""
        await self.syncing.run()

    def connected(self) -> Awake:
        """`async with phone.connected():` opens the app: its socket is up and it syncs itself."""
        return self.awake

    async def offline(self) -> None:
        await self.network.offline()

    def online(self) -> None:
        """The network is back. If the app is open, it connects its socket and syncs."""
        self.network.back_online()
        self.triggers.ask()

    def lose_next_answer(self, path: str = "") -> None:
        """Let the next request reach the server but lose its answer."""
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
