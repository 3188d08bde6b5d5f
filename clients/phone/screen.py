"""Whether the phone may show its documents: not when wiped, signed out or without a lease."""

from clients.phone.answers import Answers
from clients.phone.cache import Document
from clients.phone.clock import parse_time
from clients.phone.errors import Locked, Wiped
from clients.phone.session import Session
from clients.phone.wire import Wire

LOCKED = {
    "signed out": "Sign in again.",
    "lease ran out": "This phone was away for too long; connect once to unlock it.",
}


class Screen:
    def __init__(self, answers: Answers, session: Session, wire: Wire) -> None:
        self.answers = answers
        self.session = session
        self.wire = wire

    def documents(self, kind: str | None, scope: str | None) -> list[Document]:
        self.unlock()
        return self.answers.overlay.read(kind, scope)

    def unlock(self) -> None:
        """Raises `Wiped` or `Locked` unless documents may be shown."""
        state = self.state()
        if state == "wiped":
            raise Wiped
        if state != "open":
            raise Locked(LOCKED[state])

    def state(self) -> str:
        """`open`, or why no document may be shown: `wiped`, `signed out` or `lease ran out`."""
        if self.session.is_wiped:
            return "wiped"
        if self.answers.store.get("user") and not self.session.is_signed_in:
            return "signed out"
        return "lease ran out" if self._lease_ran_out() else "open"

    def _lease_ran_out(self) -> bool:
        store = self.answers.store
        lease = store.get("lease")
        if lease and self.wire.now() >= parse_time(lease) and not store.get("lease_ran_out"):
            with store.transaction():
                # Stored, so that turning the clock back does not unlock the phone. A pull does.
                store.put(lease_ran_out=True)
        return bool(store.get("lease_ran_out"))

    def is_loading(self, scope: str) -> bool:
        return not self.answers.cache.is_complete(scope)
