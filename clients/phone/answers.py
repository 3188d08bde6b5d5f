"""Applies the server's answers, each in one local transaction, in the protocol's order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from clients.phone.cache import Cache
from clients.phone.clock import format_time
from clients.phone.files import Files, Outgoing
from clients.phone.outbox import LANES, MAIN, Mutation, Outbox
from clients.phone.overlay import Overlay
from clients.phone.store import Store

Answer = dict[str, Any]


class Request(NamedTuple):
    """The phone's state when the request left. An answer is applied only if it still holds."""

    client_id: str
    cursor: dict[str, Any]


class Answers:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.cache = Cache(store)
        self.outbox = Outbox(store)
        self.overlay = Overlay(store, self.cache, self.outbox)
        self.files = Files(store)

    def request(self) -> Request:
        return Request(self.outbox.client_id(), self.cache.cursor())

    def needs_registration(self) -> bool:
        """True on a new phone, after a restore from backup, after a refusal, and in a new epoch."""
        epoch = self.cache.epoch()
        return (
            not self.outbox.client_id()
            or self.store.get("client_install") != self.store.keystore.get("install")
            or epoch not in (None, self.store.get("client_epoch"))
        )

    def client_refused(self, client_id: str) -> None:
        """The server does not know this client id, so the phone must register again."""
        with self.store.transaction():
            if self.outbox.client_id() == client_id:
                self.store.put(client_install=None)

    def take_registration(self, answer: Answer) -> None:
        """Renumber the outbox under a new client id. In a new epoch, queue recently sent mutations
        again, because the server may have been restored from an older backup."""
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

    def take_pull(self, request: Request, page: Answer, at: datetime) -> bool:
        """Apply a page. Returns False if it was discarded because the cursor has moved since."""
        with self.store.transaction():
            return self._pull(request, page, at)

    def take_push(self, request: Request, lane: str, answer: Answer, at: datetime) -> bool:
        """Apply a push's results and its page, if any. Returns False if the page was discarded."""
        with self.store.transaction():
            self._store_results(request, answer, lane, at)
            page = answer.get("pull")
            applied = self._pull(request, page, at) if page else True
            self.overlay.reapply()
        return applied

    def take_frame(self, frame: Answer) -> None:
        """Apply a live frame whose `from` equals our cursor."""
        with self.store.transaction():
            self.cache.apply(frame["s"], frame.get("put", []), frame.get("del", []))
            self.cache.advance(frame["s"], frame["to"])
            self.files.sweep()
            self.overlay.reapply()

    def take_digest(self, answer: Answer, app: str, at: datetime) -> list[str]:
        """Compare the server's digests with the local copy. Scopes that differ are read again from
        the beginning and returned. A scope whose head has moved since is not compared."""
        with self.store.transaction():
            digests = answer["scopes"] if answer["epoch"] == self.cache.epoch() else []
            differing = [each["scope"] for each in digests if self.cache.differs_from(each)]
            for scope in differing:
                self.cache.mark_unread(scope)
            self.store.put(checked={"at": format_time(at), "app": app})
        return differing

    def cursor_refused(self) -> None:
        """This phone has damaged its cursor: read everything again. The outbox stays."""
        with self.store.transaction():
            self.cache.empty()
            self.files.sweep()
            self.overlay.reapply()

    def mark_too_old(self) -> None:
        """Show the update screen until a pull works again: the server refuses this app's schema."""
        with self.store.transaction():
            self.store.put(too_old=True)

    def queue(self, mutation: Mutation, files: Iterable[Outgoing] = ()) -> None:
        """Store, number and show an action of the user, with its files, in one step."""
        with self.store.transaction():
            self.outbox.add(mutation)
            self.files.keep(mutation.uuid, files)
            self.overlay.apply(mutation)

    def dismiss(self, uuid: str) -> None:
        with self.store.transaction():
            self.outbox.dismiss(uuid)
            self.files.sweep()

    def show_pending(self) -> None:
        """Rebuild the overlay, because the app's projections may have changed."""
        with self.store.transaction():
            self.overlay.reapply()

    def set_aside(self, uuid: str, code: str, at: datetime) -> None:
        """Move a mutation that the server will never accept to the "not sent" box."""
        mutation = self.outbox.find(uuid)
        with self.store.transaction():
            if mutation:
                self.outbox.set_aside(mutation, code, at)
            self.overlay.reapply()

    def files_missing(self, lane: str, stopped: Answer, at: datetime) -> None:
        """The server has deleted uploaded files: send them again. A mutation whose files are gone
        here too is set aside."""
        blocked = [m for m in self.outbox.pending(lane) if m.id == stopped["id"]]
        with self.store.transaction():
            for mutation in blocked:
                if not self.files.send_again(mutation.uuid, stopped["missing"]):
                    self.outbox.set_aside(mutation, stopped["code"], at)
            self.overlay.reapply()

    def reopen(self, lane: str, expected: int) -> bool:
        """Queue again what the server lacks. Returns False if some of it is gone here."""
        with self.store.transaction():
            reopened = self.outbox.reopen(lane, expected)
            self.overlay.reapply()
        return reopened

    def _pull(self, request: Request, page: Answer, at: datetime) -> bool:
        if self.cache.cursor() != request.cursor:
            return False
        self.cache.enter_epoch(page["epoch"])
        for dropped in page["drop"]:
            self.cache.drop(dropped["scope"])
        for scope in page["scopes"]:
            name, pos = scope["scope"], scope["pos"]
            self.cache.reset(name, scope["reset"])
            self.cache.apply(name, scope["put"], scope["del"])
            self.cache.set_position(name, pos, complete=pos[0] >= scope["head"])
        self._store_results(request, page, MAIN, at)
        self.outbox.prune(at)
        self.files.sweep()
        self.store.put(lease=page["lease_expires_at"], lease_ran_out=False, too_old=False)
        self.overlay.reapply()
        return True

    def _store_results(self, request: Request, answer: Answer, lane: str, at: datetime) -> None:
        """Results without a `lane` belong to the lane of the push."""
        # The answer to an earlier client id does not apply to mutations renumbered since.
        if request.client_id != self.outbox.client_id():
            return
        for each in LANES:
            if each in answer["lmid"]:
                results = [r for r in answer["results"] if r.get("lane", lane) == each]
                if self.outbox.is_forked(each, results):
                    # A copy of this phone has used our client id: register for another.
                    self.store.put(client_install=None)
                else:
                    self.outbox.store_results(each, answer["lmid"][each], results, at)
