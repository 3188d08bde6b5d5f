"""What must be so: a model of the feed that goes by commits alone, and the checks against it."""

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
class Place:
    """One person in one scope; `grant` counts every change of it."""

    grant: int = 1
    visible_from: int = 0
    inside: bool = True


@dataclass
class Scope:
    seq: int = 0
    is_open: bool = True
    rows: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)

    def visible_to(self, person: UUID) -> Rows | None:
        """None: they are not in it."""
        place = self.places.get(person)
        if not self.is_open or place is None or not place.inside:
            return None
        rows = self.rows.items()
        return {k: (n, w) for k, (n, w) in rows if w is not None and n > place.visible_from}


@dataclass
class Server:
    """What a backup holds. `outcomes` is by mutation, `taken` the mutation behind each id."""

    scopes: dict[UUID, Scope]
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[tuple[str, str, int], str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@dataclass
class Word:
    """When and where a word was committed, and who was there to see it."""

    scope: UUID
    seq: int
    seen_by: frozenset[UUID]


class Truth:
    def __init__(self, scopes: dict[UUID, list[UUID]]) -> None:
        self.now = Server({s: Scope(places={p: Place() for p in who}) for s, who in scopes.items()})
        self.refused: set[str] = set()  # at any time, whatever was restored since
        self.words: dict[str, Word] = {}
        self.queues: dict[str, list[str]] = {}  # what was done on each phone, in order
        self._queue_of: dict[str, str] = {}

    def queued(self, queue: str, key: str) -> None:
        self.queues.setdefault(queue, []).append(key)
        self._queue_of[key] = queue

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
        for scope_id, object_id, word in done.told:
            scope = self.now.scopes[UUID(scope_id)]
            scope.seq += 1
            scope.rows[object_id] = (scope.seq, word)
            if word:
                seen_by = frozenset(p for p in scope.places if scope.visible_to(p) is not None)
                self.words[word] = Word(UUID(scope_id), scope.seq, seen_by)

    def _in_order(self, key: str) -> None:
        queue = self.queues.get(self._queue_of.get(key, ""), [])
        later = queue[queue.index(key) + 1 :] if key in queue else []
        assert not self.now.done & set(later), "I5: taken in another order than it was done"

    def _moved(self, done: Done) -> None:
        scope = self.now.scopes[done.told["scope"]]
        place = scope.places.setdefault(done.told["user"], Place(0))
        place.grant += 1
        place.inside = done.what == "in"
        if place.inside:
            place.visible_from = scope.seq if done.told["from_now"] else 0

    def visible_to(self, person: UUID) -> dict[UUID, Rows]:
        """Everything that this person's phones should hold."""
        found = {id_: scope.visible_to(person) for id_, scope in self.now.scopes.items()}
        return {id_: rows for id_, rows in found.items() if rows is not None}

    def no_leak(self, person: UUID, text: str) -> None:
        """I8: every word in these bytes is one that the person may see now, or that was
        committed while they were there."""
        for found in set(WORD.findall(text)):
            word = self.words.get(found)
            if word and person not in word.seen_by:
                place = self.now.scopes[word.scope].places[person]
                inside = self.now.scopes[word.scope].visible_to(person) is not None
                sees = inside and word.seq > place.visible_from
                assert sees, f"I8: {found} leaked"

    def same_result(self, key: str, told: dict[str, Any], acked: bool) -> None:
        """I6: as it was answered first; details only until they were acknowledged."""
        result = {k: v for k, v in told.items() if k not in ("id", "uuid", "lane", "dup")}
        if result["status"] == "rejected":
            self.refused.add(key)
        first = self.now.outcomes.setdefault(key, result)
        names = ("status", "code") if acked else (*first, *result)
        assert all(first.get(n) == result.get(n) for n in names), f"I6: {first} then {result}"
