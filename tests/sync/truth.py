"""A model of the feed, driven by commits alone, and the checks against it."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.sync.actions import Done

WORD = re.compile(r"\bw\d+\b")
Rows = dict[str, tuple[int, str]]


@dataclass
class Membership:
    """A person's membership of a scope. `grant` goes up with every change of it."""

    grant: int = 1
    visible_from: int = 0
    inside: bool = True


@dataclass
class Scope:
    seq: int = 0
    is_open: bool = True
    rows: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    memberships: dict[UUID, Membership] = field(default_factory=dict)

    def visible_to(self, person: UUID) -> Rows | None:
        """Returns None if the person is not a member."""
        membership = self.memberships.get(person)
        if not self.is_open or membership is None or not membership.inside:
            return None
        rows = self.rows.items()
        return {k: (n, w) for k, (n, w) in rows if w is not None and n > membership.visible_from}


@dataclass
class Server:
    """What a backup holds. `outcomes` is keyed by mutation; `taken` has the mutation of each id."""

    scopes: dict[UUID, Scope]
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[tuple[str, str, int], str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@dataclass
class Word:
    """Where and at which seq a word was committed, and who could see it then."""

    scope: UUID
    seq: int
    seen_by: frozenset[UUID]


class Truth:
    def __init__(self, scopes: dict[UUID, list[UUID]]) -> None:
        self.now = Server(
            {s: Scope(memberships={p: Membership() for p in who}) for s, who in scopes.items()}
        )
        self.refused: set[str] = set()  # ever, even if a restore has undone it
        self.ever_done: set[str] = set()
        self.words: dict[str, Word] = {}
        self.queues: dict[str, list[str]] = {}  # the mutations of each phone and lane, in order
        self._queue_of: dict[str, str] = {}
        self._copied: set[str] = set()  # acts that two phones may send

    def queued(self, queue: str, key: str) -> None:
        self.queues.setdefault(queue, []).append(key)
        self._queue_of[key] = queue

    def copied(self, keys: set[str]) -> None:
        """These acts are on two phones."""
        self._copied |= keys

    def taken_back(self, key: str) -> None:
        assert key in self._copied or key not in self.ever_done, "taken back, but was applied"

    def back_up(self) -> Server:
        return copy.deepcopy(self.now)

    def learn(self, commits: list[Done]) -> None:
        for done in commits:
            if done.what == "write":
                self._written(done)
            else:
                self._moved(done)
        commits.clear()

    def _written(self, done: Done) -> None:
        key = str(done.key)
        assert key not in self.now.done, "I5: a mutation took effect twice"
        self._in_order(key)
        self.now.done.add(key)
        self.ever_done.add(key)
        for scope_id, object_id, word in done.effect:
            scope = self.now.scopes[UUID(scope_id)]
            scope.seq += 1
            scope.rows[object_id] = (scope.seq, word)
            if word:
                seen_by = frozenset(p for p in scope.memberships if scope.visible_to(p) is not None)
                self.words[word] = Word(UUID(scope_id), scope.seq, seen_by)

    def _in_order(self, key: str) -> None:
        queue = self.queues.get(self._queue_of.get(key, ""), [])
        later = queue[queue.index(key) + 1 :] if key in queue else []
        assert not self.now.done & set(later), "I5: applied out of order"

    def _moved(self, done: Done) -> None:
        scope = self.now.scopes[done.effect["scope"]]
        membership = scope.memberships.setdefault(done.effect["user"], Membership(0))
        membership.grant += 1
        membership.inside = done.what == "in"
        if membership.inside:
            membership.visible_from = scope.seq if done.effect["from_now"] else 0

    def visible_to(self, person: UUID) -> dict[UUID, Rows]:
        """The rows that this person's phones should hold, by scope."""
        rows_by_scope = {id_: scope.visible_to(person) for id_, scope in self.now.scopes.items()}
        return {id_: rows for id_, rows in rows_by_scope.items() if rows is not None}

    def no_leak(self, person: UUID, text: str) -> None:
        """I8: the person may see every word in `text` now, or could when it was committed."""
        for text_word in set(WORD.findall(text)):
            word = self.words.get(text_word)
            if word and person not in word.seen_by:
                membership = self.now.scopes[word.scope].memberships[person]
                inside = self.now.scopes[word.scope].visible_to(person) is not None
                sees = inside and word.seq > membership.visible_from
                assert sees, f"I8: {text_word} leaked"

    def same_result(self, key: str, answer: dict[str, Any], acked: bool) -> None:
        """I6: a retry has the first result. Once acknowledged, only status and code are kept."""
        result = {k: v for k, v in answer.items() if k not in ("id", "uuid", "lane", "dup")}
        if result["status"] == "rejected":
            self.refused.add(key)
        first = self.now.outcomes.setdefault(key, result)
        names = ("status", "code") if acked else (*first, *result)
        assert all(first.get(n) == result.get(n) for n in names), f"I6: {first} then {result}"
