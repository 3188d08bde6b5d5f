"""What the phone does with an answer: one local transaction each, in the protocol's order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from clients.phone.cache import Cache
from clients.phone.clock import text
from clients.phone.files import Files, Outgoing
from clients.phone.outbox import LANES, MAIN, Mutation, Outbox
from clients.phone.overlay import Overlay
from clients.phone.store import Store

Answer = dict[str, Any]


class Asked(NamedTuple):
    """What was true on the phone when the request left."""

    client_id: str
    cursor: dict[str, Any]


class Answers:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.cache = Cache(store)
        self.outbox = Outbox(store)
        self.overlay = Overlay(store, self.cache, self.outbox)
        self.files = Files(store)

    def asking(self) -> Asked:
        return Asked(self.outbox.client_id(), self.cache.cursor())

    def needs_registration(self) -> bool:
        """True on a new phone, one restored from a backup, one refused, and in a new epoch."""
        epoch = self.cache.epoch()
        return (
            not self.outbox.client_id()
            or self.store.get("client_install") != self.store.keystore.get("install")
            or epoch not in (None, self.store.get("client_epoch"))
        )

    def client_refused(self, client_id: str) -> None:
        """The server does not know this client id: register before anything else."""
        with self.store.transaction():
            if self.outbox.client_id() == client_id:
                self.store.put(client_install=None)

    def take_registration(self, answer: Answer) -> None:
        """A new client id: the outbox is renumbered. In a new epoch what was sent lately is
        offered again, because the server may come from a backup older than that."""
        known = self.store.get("client_epoch")
        with self.store.transaction():
            if answer["client_id"] != self.outbox.client_id():
                reoffer = known not in (None, answer["epoch"])
                self.outbox.renumber(answer["client_id"], reoffer=reoffer)
            self.store.put(
                client_epoch=answer["epoch"],
                client_install=self.store.keystore.get("install"),
                limits=answer["limits"],
            )
            self.overlay.reapply()

    def take_pull(self, asked: Asked, page: Answer, at: datetime) -> bool:
        """Apply a page. False if it was discarded because the phone has moved on meanwhile."""
        with self.store.transaction():
            return self._pull(asked, page, at)

    def take_push(self, asked: Asked, lane: str, answer: Answer, at: datetime) -> bool:
        """Apply a push's results, and the page that came with it; False if that was discarded."""
        with self.store.transaction():
            self._settle(asked, answer, lane, at)
            page = answer.get("pull")
            taken = self._pull(asked, page, at) if page else True
            self.overlay.reapply()
        return taken

    def take_frame(self, frame: Answer) -> None:
        """Apply a live frame that begins exactly where our cursor stands."""
        with self.store.transaction():
            self.cache.apply(frame["s"], frame.get("put", []), frame.get("del", []))
            self.cache.advance(frame["s"], frame["to"])
            self.files.sweep()
            self.overlay.reapply()

    def take_digest(self, answer: Answer, app: str, at: datetime) -> list[str]:
        """Compare what we hold with what the server says we should. What differs is read anew;
        answers the scopes. One that has moved on meanwhile is compared another day."""
        with self.store.transaction():
            told = answer["scopes"] if answer["epoch"] == self.cache.epoch() else []
            differed = [each["scope"] for each in told if self.cache.differs_from(each)]
            for scope in differed:
                self.cache.forget(scope)
            self.store.put(checked={"at": text(at), "app": app})
        return differed

    def mark_too_old(self) -> None:
        """The server no longer writes for this app; the update screen shows until a pull works."""
        with self.store.transaction():
            self.store.put(too_old=True)

    def queue(self, mutation: Mutation, files: Iterable[Outgoing] = ()) -> None:
        """Something its owner did, with its files: kept, numbered and shown, in one step."""
        with self.store.transaction():
            self.outbox.add(mutation)
            self.files.keep(mutation.uuid, files)
            self.overlay.lay(mutation)

    def dismiss(self, uuid: str) -> None:
        with self.store.transaction():
            self.outbox.dismiss(uuid)
            self.files.sweep()

    def show_pending(self) -> None:
        """Lay pending actions over again, because the app's projections may have changed."""
        with self.store.transaction():
            self.overlay.reapply()

    def set_aside(self, uuid: str, code: str, at: datetime) -> None:
        """Move to the "not sent" box what the server will never accept."""
        mutation = self.outbox.find(uuid)
        with self.store.transaction():
            if mutation:
                self.outbox.set_aside(mutation, code, at)
            self.overlay.reapply()

    def files_missing(self, lane: str, stopped: Answer, at: datetime) -> None:
        """The server has let go of files that we had sent: send them again. What we no longer
        have ourselves can never be sent."""
        stuck = [m for m in self.outbox.pending(lane) if m.id == stopped["id"]]
        with self.store.transaction():
            for mutation in stuck:
                if not self.files.send_again(mutation.uuid, stopped["missing"]):
                    self.outbox.set_aside(mutation, stopped["code"], at)
            self.overlay.reapply()

    def reopen(self, lane: str, expected: int) -> bool:
        """The server misses what we thought sent. False if this phone no longer has it all."""
        with self.store.transaction():
            reopened = self.outbox.reopen(lane, expected)
            self.overlay.reapply()
        return reopened

    def _pull(self, asked: Asked, page: Answer, at: datetime) -> bool:
        if self.cache.cursor() != asked.cursor:
            return False
        self.cache.enter_epoch(page["epoch"])
        for gone in page["drop"]:
            self.cache.drop(gone["scope"])
        for scope in page["scopes"]:
            self._scope(scope)
        self._settle(asked, page, MAIN, at)
        self.outbox.prune(at)
        self.files.sweep()
        self.store.put(lease=page["lease_expires_at"], lease_ran_out=False, too_old=False)
        self.overlay.reapply()
        return True

    def _scope(self, scope: Answer) -> None:
        name, pos = scope["scope"], scope["pos"]
        self.cache.reset(name, scope["reset"])
        self.cache.apply(name, scope["put"], scope["del"])
        self.cache.place(name, pos, complete=pos[0] >= scope["head"])

    def _settle(self, asked: Asked, answer: Answer, lane: str, at: datetime) -> None:
        """Results name their lane, or belong to `lane`. An answer to an earlier client id says
        nothing about mutations that were renumbered since; one about a copy's mutations says
        that this phone needs a client id of its own."""
        if asked.client_id != self.outbox.client_id():
            return
        for each in LANES:
            if each in answer["lmid"]:
                mine = [r for r in answer["results"] if r.get("lane", lane) == each]
                if self.outbox.is_anothers(each, mine):
                    self.store.put(client_install=None)
                else:
                    self.outbox.settle(each, answer["lmid"][each], mine, at)
