"""Many writers at once: numbers are given in the order of the commits, without holes (I3, I4),
and nobody waits for somebody who waits for them (I16)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from psycopg.errors import DeadlockDetected
from uuid_utils.compat import uuid7

from foundation.problems import InProgress
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import act, employ, load_programme, make_user
from tests.contract.cases.care import HOME, NORTHLIGHT
from tests.contract.handset import Handset
from tests.contract.house import owner

WRITERS, LONGEST = 16, 0.003  # seconds between numbering and commit
FLUSH = """
SELECT scope_id, seq_from, seq_to FROM flush_feed(
    %s::uuid[], array_fill('message'::text, ARRAY[%s]),
    %s::uuid[], array_fill('{"text":"x"}'::text, ARRAY[%s]), NULL, %s::uuid[], NULL, now())
"""
# Sixteen at three locks on a busy machine are slow, which is no deadlock.
PATIENT = "-c lock_timeout=0 -c statement_timeout=0"
Allocation = tuple[UUID, int, int]


@dataclass
class Run:
    """What the writers did. `left` commits are still to be made."""

    reader: User
    scopes: list[UUID]
    left: int
    seed: int
    done: list[Allocation] = field(default_factory=list)
    undone: int = 0
    deadlocks: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    taking: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        with self.taking:
            self.left -= 1
            return self.left >= 0


def stage(commits: int) -> Run:
    """Three groups that one person reads."""
    reader, ids = make_user(), [uuid7() for _ in range(3)]
    with transaction.atomic(), collecting():
        set_actor(reader.id)
        for id_ in ids:
            scopes.open_scope("group", id_, home_id=id_, user_id=reader.id, role="member")
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    return Run(reader, ids, commits, seed)


def write(run: Run, number: int, one: Callable[[Run, random.Random, Any], None]) -> None:
    """Commit after commit, or now and then not."""
    chance = random.Random(f"{run.seed}/{number}")
    with psycopg.connect(owner(), autocommit=True, options=PATIENT) as database:
        while run.take():
            try:
                one(run, chance, database)
            except DeadlockDetected:
                run.deadlocks += 1


def publish(run: Run, chance: random.Random, database: Any) -> None:
    """New documents, and one that everybody changes, in one to three scopes in any order."""
    places = chance.sample(run.scopes, chance.randint(1, 3))
    new = [(place, uuid7()) for place in places for _ in range(chance.randint(1, 2))]
    new += [(place, place) for place in places if chance.random() < 0.3]
    wheres, objects = [list(column) for column in zip(*new, strict=True)]
    with database.transaction() as commit:
        rows = database.execute(FLUSH, [wheres, len(new), objects, len(new), []]).fetchall()
        time.sleep(chance.uniform(0, LONGEST))
        if chance.random() < 0.1:
            run.undone, rows = run.undone + 1, []
            raise psycopg.Rollback(commit)
    run.done.extend(rows)


def come_and_go(run: Run, chance: random.Random, database: Any) -> None:
    """Somebody is let in or out, or something is said."""
    if chance.random() < 0.5:
        return publish(run, chance, database)
    place, who = chance.choice(run.scopes), UUID(int=chance.randrange(1, 8))
    change = chance.choice([
        "SELECT grant_membership(%s, %s, 'member', false, true)",
        "SELECT revoke_membership(%s, %s)",
    ])  # fmt: skip
    given = [chance.sample(run.scopes, 2), 2, [place, uuid7()], 2, [place]]
    with database.transaction():
        database.execute("SELECT set_config('app.user_id', %s, true)", [str(run.reader.id)])
        database.execute(change, [place, who])
        rows = database.execute(FLUSH, given).fetchall()
        time.sleep(chance.uniform(0, LONGEST))
    run.done.extend(rows)
    return None


def follow(run: Run, limit: int) -> dict[str, Any]:
    """What a phone holds that read on, page by page, for as long as there were writers."""
    try:
        phone = Handset(run.reader, limit)
        while not run.over.is_set():
            phone.pull()
        phone.pull()
        return phone.holds()
    finally:
        connection.close()


def at_work(run: Run, one: Callable[[Run, random.Random, Any], None]) -> list[dict[str, Any]]:
    """All writers at once, three phones reading meanwhile; what these hold at the end."""
    with ThreadPoolExecutor(WRITERS + 3) as threads:
        reading = [threads.submit(follow, run, limit) for limit in (3, 40, 500)]
        writing = [threads.submit(write, run, n, one) for n in range(WRITERS)]
        wait(writing)
        run.over.set()
        for each in writing:
            each.result()
        held = [each.result() for each in reading]
    print(f"{len(run.done)} numberings, {run.undone} undone, {run.deadlocks} deadlocks")
    return held


def published(run: Run) -> dict[str, dict[UUID, int]]:
    """Every document and its number, as the database has them."""
    with psycopg.connect(owner()) as database:
        rows = database.execute("SELECT scope_id, object_id, seq FROM recovery_feedentry")
        found: dict[str, dict[UUID, int]] = {f"group:{id_}": {} for id_ in run.scopes}
        for scope, id_, seq in rows.fetchall():
            found[f"group:{scope}"][id_] = seq
        return found


def check_i03(run: Run, held: list[dict[str, Any]]) -> None:
    written = published(run)
    for phone in held:
        for name, documents in written.items():
            mine = {k: v[0] for k, v in phone[name].items() if k != "at"}
            assert mine == {f"message/{id_}": seq for id_, seq in documents.items()}
    assert run.deadlocks == 0


def check_i04(run: Run) -> None:
    """The allocations of what was committed lie one behind the other, from 1 to the head."""
    with psycopg.connect(owner()) as database:
        heads = dict(database.execute("SELECT id, seq FROM recovery_scope").fetchall())
    for scope in run.scopes:
        at = 0
        for _, start, end in sorted(row for row in run.done if row[0] == scope):
            assert start == at
            at = end
        assert at == heads[scope]


def test_i03_a_reader_misses_nothing_whatever_the_order_of_commits(committed_db: None) -> None:
    run = stage(1_000)
    check_i03(run, at_work(run, publish))
    assert len({(scope, end) for scope, _, end in run.done}) == len(run.done)


def test_i04_numbers_of_commits_follow_each_other_without_a_hole(committed_db: None) -> None:
    run = stage(300)
    at_work(run, publish)
    assert run.undone > 0
    check_i04(run)


def test_i16_joining_leaving_and_writing_never_deadlock(committed_db: None) -> None:
    run = stage(400)
    check_i03(run, at_work(run, come_and_go))
    check_i04(run)


def test_i16_the_hold_on_a_programme_is_felt_by_who_writes_there(committed_db: None) -> None:
    """So the same hold around every act of a patient, in test_actions.py, tells something."""
    load_programme(NORTHLIGHT)
    admin = employ(HOME, "admin")
    with psycopg.connect(owner()) as database:
        database.execute("SELECT FROM recovery_scope WHERE kind = 'program' FOR NO KEY UPDATE")
        with pytest.raises(InProgress):
            act(admin, "care.change_settings", programme=HOME, settings={"name": "Other"})


@pytest.mark.soak
@pytest.mark.parametrize("one", [publish, come_and_go])
def test_i03_i04_i16_over_ten_thousand_commits(
    committed_db: None, one: Callable[[Run, random.Random, Any], None]
) -> None:
    run = stage(10_000)
    check_i03(run, at_work(run, one))
    check_i04(run)
