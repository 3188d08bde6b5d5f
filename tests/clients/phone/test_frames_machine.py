"""Frames lost, duplicated, reordered and late, between pulls, resets and restores.

After every step no object and no cursor has gone backwards, and each scope that the phone shows
as complete equals the server's rows at that number. At the end one heartbeat is enough to sync.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clients.phone.answers import Request
from clients.phone.frames import Frames
from tests.clients.phone.feed_model import Feed, Scope
from tests.clients.phone.pages import GROUP, ME, phone_memory, take

SCOPES = st.sampled_from([ME, GROUP])
KEYS = st.sampled_from(["a", "b", "c", "d"])
NUMBERS = st.integers(0, 3)
MANY = 50  # pages; there are at most eight rows
CHANGES = st.dictionaries(KEYS, st.sampled_from(["text", None]), min_size=1, max_size=3)


class PhoneAndFeed(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed({ME: Scope(), GROUP: Scope()})
        self.memory = phone_memory()
        self.in_flight: list[dict[str, Any]] = []  # frames; one may arrive again
        self.pulls: list[tuple[Request, dict[str, Any]]] = []  # pages in flight
        self.pull_conditions: list[Callable[[], bool]] = []
        self.alarms: list[Callable[[], None]] = []
        self.frames = Frames(
            self.memory,
            is_pulling=lambda: bool(self.pulls),
            ask_pull=self.pull_conditions.append,
            later=lambda _, call: self.alarms.append(call),
        )
        self.words = 0
        self.is_void = False  # the socket belongs to an epoch or a grant that has ended
        self.seen: dict[str, Any] = {}
        self.frames.opened("e1")
        self._pull_to_the_end()
        self.pull_conditions.clear()

    # The server

    @rule(scope=SCOPES, changes=CHANGES)
    def commit(self, scope: str, changes: dict[str, str | None]) -> None:
        self.words += 1
        written = {k: text and f"{text} {self.words}" for k, text in changes.items()}
        self.in_flight.append({**self.feed.scopes[scope].commit(written), "s": scope})

    @rule(scope=SCOPES, several=st.lists(CHANGES, min_size=2, max_size=4))
    def chatter(self, scope: str, several: list[dict[str, str | None]]) -> None:
        """Several commits in a row, so that their frames can arrive out of order."""
        for changes in several:
            self.commit(scope, changes)

    @precondition(lambda self: self.words > 2)
    @rule(scope=SCOPES, forgets=st.booleans())
    def restrict(self, scope: str, forgets: bool) -> None:
        """Rejoin or change role: the grant changes, and perhaps only later rows are visible."""
        state = self.feed.scopes[scope]
        state.grant += 1
        self.is_void = True
        state.visible_from = state.seq if forgets else state.visible_from

    @precondition(lambda self: self.words > 4)
    @rule(scope=SCOPES)
    def restore(self, scope: str) -> None:
        """Restore a backup without the last commit of one scope."""
        self.feed.scopes[scope].lose_last_commit()
        self.feed.epoch += 1
        self.is_void = True

    @rule()
    def reconnect(self) -> None:
        """Open a new socket. Frames in flight on the old one are lost."""
        self.in_flight.clear()
        self.is_void = False
        self.frames.opened(f"e{self.feed.epoch}")

    # The network

    @precondition(lambda self: self.in_flight)
    @rule(which=NUMBERS, how=st.sampled_from(["once", "once", "once", "again", "poke", "lost"]))
    def deliver(self, which: int, how: str) -> None:
        frame = self.in_flight[which % len(self.in_flight)]
        if how != "again":
            self.in_flight.remove(frame)
        if how != "lost":
            rows = {"put", "del"} if how == "poke" else set()
            self.frames.changed({k: v for k, v in frame.items() if k not in rows})

    @rule()
    def heartbeat(self) -> None:
        self.frames.heads(self.feed.heads())

    # The phone

    @precondition(lambda self: len(self.pulls) < 2)
    @rule(limit=st.integers(1, 4))
    def ask(self, limit: int) -> None:
        request = self.memory.request()
        self.pulls.append((request, self.feed.page(request.cursor, limit)))

    @precondition(lambda self: self.pulls)
    @rule(which=NUMBERS, lost=st.sampled_from([False, False, False, True]))
    def answer(self, which: int, lost: bool) -> None:
        """Answers come in any order, or not at all."""
        request, page = self.pulls.pop(which % len(self.pulls))
        if not lost:
            take(self.memory, page, request)
        if not self.pulls:
            self.frames.look_again()

    @precondition(lambda self: self.pulls or not self.is_current())
    @rule()
    def catch_up(self) -> None:
        while self.pulls:
            self.answer(0, lost=False)
        self._pull_to_the_end()

    def is_current(self) -> bool:
        return not self.feed.page(self.memory.cache.cursor(), 1)["scopes"]

    @precondition(lambda self: self.alarms)
    @rule()
    def ring(self) -> None:
        self.alarms.pop(0)()

    # What must hold

    @invariant()
    def nothing_goes_backwards(self) -> None:
        now = self._positions()
        for key, number in self.seen.items():
            assert now.get(key, number) >= number, key
        self.seen = now

    def _positions(self) -> dict[Any, int]:
        """Positions of cursors and rows, keyed so that a reset starts a new series."""
        generations = self.memory.store.all("SELECT name, generation, seq FROM scope")
        rows = self.memory.store.all("SELECT scope, kind, id, generation, seq FROM document")
        epoch = self.memory.cache.epoch()
        cursors = {(epoch, r["name"], r["generation"]): r["seq"] for r in generations}
        return cursors | {(epoch, *tuple(row)[:4]): row["seq"] for row in rows}

    @invariant()
    def complete_scopes_equal_the_server(self) -> None:
        cursor = self.memory.cache.cursor()
        if cursor.get("epoch") != f"e{self.feed.epoch}":
            return
        for name, (seq, _, grant) in cursor["scopes"].items():
            state = self.feed.scopes[name]
            if self.memory.cache.is_complete(name) and grant == str(state.grant):
                assert self._local(name) == state.visible(seq)

    def _local(self, scope: str) -> dict[str, tuple[int | None, str]]:
        return {d.id: (d.seq, d["text"]) for d in self.memory.cache.read("message", scope)}

    def teardown(self) -> None:
        """The network calms down. One heartbeat, and pulls only where the phone asks for one; a
        new socket too if a grant or the epoch changed, which the server closes sockets for."""
        while self.pulls:
            self.answer(0, lost=False)
        while self.alarms:
            self.ring()
        if self.is_void:
            self.reconnect()
        self.frames.heads(self.feed.heads())
        if any(needed() for needed in self.pull_conditions):
            self._pull_to_the_end()
        for name, scope in self.feed.scopes.items():
            assert self._local(name) == scope.visible(scope.seq)

    def _pull_to_the_end(self) -> None:
        for _ in range(MANY):
            page = self.feed.page(self.memory.cache.cursor(), 2)
            take(self.memory, page)
            if not page["has_more"]:
                return
        raise AssertionError("paging does not end")


TestPhoneAndFeed = PhoneAndFeed.TestCase
TestPhoneAndFeed.settings = settings(max_examples=150, stateful_step_count=40)
