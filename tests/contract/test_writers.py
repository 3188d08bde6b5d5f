"""Many concurrent writers: seqs are allocated in commit order and without gaps (I3, I4), and no
transaction deadlocks (I16)."""

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
from django.conf import settings
from django.db import connection, transaction
from psycopg.errors import DeadlockDetected
from uuid_utils.compat import uuid7

from foundation.problems import InProgress
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.signin.models import User
from tests.cast import ReferencePhone, act, employ, load_programme, make_user
from tests.contract.cases.care import HOME, NORTHLIGHT
from tests.contract.observers import owner
from tests.roles import set_scene

WRITERS, LONGEST_PAUSE = 16, 0.003  # seconds between allocation and commit
FLUSH = """
SELECT scope_id, seq_from, seq_to FROM flush_feed(
    %s::uuid[], array_fill('message'::text, ARRAY[%s]),
    %s::uuid[], array_fill('{"text":"x"}'::text, ARRAY[%s]), NULL, %s::uuid[], NULL, now())
"""
# Sixteen writers on three row locks are slow on a busy machine. That is not a deadlock.
NO_TIMEOUTS = "-c lock_timeout=0 -c statement_timeout=0"
Allocation = tuple[UUID, int, int]


@dataclass
class Run:
    """What the writers did, and how many commits are left."""

    reader: User
    scopes: list[UUID]
    left: int
    seed: int
    done: list[Allocation] = field(default_factory=list)
    rollbacks: int = 0
    deadlocks: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    taking: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        with self.taking:
            self.left -= 1
            return self.left >= 0


def stage(commits: int) -> Run:
    """Three groups with one reader."""
    reader, ids = make_user(), [uuid7() for _ in range(3)]
    with transaction.atomic(), collecting(), set_scene():
        for id_ in ids:
            scopes.open_scope("group", id_, home_id=id_, user_id=reader.id, role="member")
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    return Run(reader, ids, commits, seed)


def write(run: Run, number: int, one: Callable[[Run, random.Random, Any], None]) -> None:
    """Call `one` until no commits are left."""
    rng = random.Random(f"{run.seed}/{number}")
    served = settings.DATABASES["default"]
    names = {
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
        "dbname": "NAME",
    }
    where = {name: served[key] for name, key in names.items()}
    with psycopg.connect(**where, autocommit=True, options=NO_TIMEOUTS) as database:
        database.execute("SET ROLE jobs")  # which may write without an author
        while run.take():
            try:
                one(run, rng, database)
            except DeadlockDetected:
                run.deadlocks += 1


def publish(run: Run, rng: random.Random, database: Any) -> None:
    """Put new documents, and sometimes one that all writers change, in one to three scopes in
    random order. Roll back one time in ten."""
    targets = rng.sample(run.scopes, rng.randint(1, 3))
    new = [(scope, uuid7()) for scope in targets for _ in range(rng.randint(1, 2))]
    new += [(scope, scope) for scope in targets if rng.random() < 0.3]
    scope_ids, objects = [list(column) for column in zip(*new, strict=True)]
    with database.transaction() as commit:
        rows = database.execute(FLUSH, [scope_ids, len(new), objects, len(new), []]).fetchall()
        time.sleep(rng.uniform(0, LONGEST_PAUSE))
        if rng.random() < 0.1:
            run.rollbacks, rows = run.rollbacks + 1, []
            raise psycopg.Rollback(commit)
    run.done.extend(rows)


def change_members_or_publish(run: Run, rng: random.Random, database: Any) -> None:
    """Grant or revoke a membership, or publish."""
    if rng.random() < 0.5:
        return publish(run, rng, database)
    scope, user = rng.choice(run.scopes), UUID(int=rng.randrange(1, 8))
    change = rng.choice([
        "SELECT grant_membership(%s, %s, 'member', false, true)",
        "SELECT revoke_membership(%s, %s)",
    ])  # fmt: skip
    args = [rng.sample(run.scopes, 2), 2, [scope, uuid7()], 2, [scope]]
    with database.transaction():
        database.execute("SELECT set_config('app.user_id', %s, true)", [str(run.reader.id)])
        database.execute(change, [scope, user])
        rows = database.execute(FLUSH, args).fetchall()
        time.sleep(rng.uniform(0, LONGEST_PAUSE))
    run.done.extend(rows)
    return None


def follow(run: Run, limit: int) -> dict[str, Any]:
    """Pull until the writers are done. Returns what the phone then holds."""
    try:
        phone = ReferencePhone(run.reader, page=limit)
        while not run.over.is_set():
            phone.pull()
        phone.pull()
        return phone.contents()
    finally:
        connection.close()


def run_writers(run: Run, one: Callable[[Run, random.Random, Any], None]) -> list[dict[str, Any]]:
    """Run all writers while three phones pull. Returns what the phones hold at the end."""
    with ThreadPoolExecutor(WRITERS + 3) as threads:
        reading = [threads.submit(follow, run, limit) for limit in (3, 40, 500)]
        writing = [threads.submit(write, run, n, one) for n in range(WRITERS)]
        wait(writing)
        run.over.set()
        for each in writing:
            each.result()
        held = [each.result() for each in reading]
    print(f"{len(run.done)} allocations, {run.rollbacks} rollbacks, {run.deadlocks} deadlocks")
    return held


def published(run: Run) -> dict[str, dict[UUID, int]]:
    """The seq of every document in the database, by scope."""
    with psycopg.connect(owner()) as database:
        rows = database.execute("SELECT scope_id, object_id, seq FROM recovery_feedentry")
        seqs: dict[str, dict[UUID, int]] = {f"group:{id_}": {} for id_ in run.scopes}
        for scope, id_, seq in rows.fetchall():
            seqs[f"group:{scope}"][id_] = seq
        return seqs


def check_i03(run: Run, held: list[dict[str, Any]]) -> None:
    written = published(run)
    for phone in held:
        for name, documents in written.items():
            mine = {k: v[0] for k, v in phone[name].items() if k != "at"}
            assert mine == {f"message/{id_}": seq for id_, seq in documents.items()}
    assert run.deadlocks == 0


def check_i04(run: Run) -> None:
    """The committed allocations are contiguous, from 0 to the head."""
    with psycopg.connect(owner()) as database:
        heads = dict(database.execute("SELECT id, seq FROM recovery_scope").fetchall())
    for scope in run.scopes:
        expected = 0
        for _, start, end in sorted(row for row in run.done if row[0] == scope):
            assert start == expected
            expected = end
        assert expected == heads[scope]


def test_i03_a_reader_misses_nothing_whatever_the_order_of_commits(committed_db: None) -> None:
    run = stage(1_000)
    check_i03(run, run_writers(run, publish))
    assert len({(scope, end) for scope, _, end in run.done}) == len(run.done)


def test_i04_seqs_of_commits_are_contiguous(committed_db: None) -> None:
    run = stage(300)
    run_writers(run, publish)
    assert run.rollbacks > 0
    check_i04(run)


def test_i16_joining_leaving_and_writing_never_deadlock(committed_db: None) -> None:
    run = stage(400)
    check_i03(run, run_writers(run, change_members_or_publish))
    check_i04(run)


def test_i16_a_locked_programme_blocks_its_writers(committed_db: None) -> None:
    """Shows that the same lock around a patient's moves in test_actions.py would be noticed."""
    load_programme(NORTHLIGHT)
    admin = employ(HOME, "admin")
    with psycopg.connect(owner()) as database:
        database.execute("SELECT FROM recovery_scope WHERE kind = 'program' FOR NO KEY UPDATE")
        with pytest.raises(InProgress):
            act(admin, "care.change_settings", programme=HOME, settings={"name": "Other"})


@pytest.mark.soak
@pytest.mark.parametrize("one", [publish, change_members_or_publish])
def test_i03_i04_i16_over_ten_thousand_commits(
    committed_db: None, one: Callable[[Run, random.Random, Any], None]
) -> None:
    run = stage(10_000)
    check_i03(run, run_writers(run, one))
    check_i04(run)
