"""Invariants that need real concurrency: writers in threads, and a reader among them."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from foundation.fields import parsed
from recovery.actions import Call
from recovery.actions.perform import attempt
from recovery.api.sync.mutations import PushRequest
from recovery.api.sync.pull import pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import pull_request
from tests.sync.actions import WRITE, committed
from tests.sync.house import Person
from tests.sync.play import Play, Stage

WRITERS, EACH = 8, 126


def read(play: Play, person: Person, client_id: str, cursor: dict[str, Any]) -> dict[str, Any]:
    body = {"client_id": client_id, "schema": 1, "limit": 7, "cursor": cursor}
    return dict(json.loads(pull(person, pull_request(body), play.house.now)))


def follow(cursor: dict[str, Any], page: dict[str, Any]) -> dict[str, Any]:
    known = cursor.get("scopes", {}) | {scope["scope"]: scope["pos"] for scope in page["scopes"]}
    return {"epoch": page["epoch"], "scopes": known}


def commit_often(play: Play, number: int) -> None:
    """Each transaction puts an object of its own and sleeps before and after it."""
    rng = random.Random(number)
    for n in range(EACH):
        change = [str(play.world.group), str(uuid7()), f"w{number}x{n}"]
        with transaction.atomic():
            time.sleep(rng.uniform(0, 0.002))
            call = Call(play.people["ana"], play.house.now)
            attempt(WRITE, data={"changes": [change], "fate": "applied"}, call=call)
            time.sleep(rng.uniform(0, 0.002))
    connection.close()


def test_i03_a_reader_who_follows_the_cursor_misses_no_commit(stage: Stage) -> None:
    """1,008 commits by eight writers in random order. The cursor skips none."""
    play = Play(stage)
    ben = play.people["ben"]
    client_id, cursor, seen = play.house.new_client(ben), {}, []
    with ThreadPoolExecutor(WRITERS) as threads:
        writing = [threads.submit(commit_often, play, n) for n in range(WRITERS)]
        while len(seen) < WRITERS * EACH:
            was_over = not wait(writing, timeout=0).not_done
            page = read(play, ben, client_id, cursor)
            cursor = follow(cursor, page)
            seen += [row[1] for scope in page["scopes"] for row in scope["put"]]
            assert not was_over or page["has_more"] or len(seen) == WRITERS * EACH, "I3: missed"
        for done in writing:
            done.result()
    assert len(set(seen)) == len(seen) == len(committed)
    committed.clear()
    play.close()


def test_i07_lmid_and_data_are_from_one_snapshot(stage: Stage) -> None:
    """While one connection pushes a queue, every page that another pulls shows exactly the effects
    of the mutations up to its lmid."""
    play, number = Play(stage), 120
    ana = play.people["ana"]
    client_id, keys = play.house.new_client(ana), [str(uuid7()) for _ in range(120)]

    def push_queue() -> None:
        for n, key in enumerate(keys, start=1):
            args = {"changes": [[str(play.world.ana), key, f"w{n}"]], "fate": "applied"}
            mutation = {"id": n, "uuid": key, "action": WRITE, "v": 1, "args": args}
            request = {"client_id": client_id, "mutations": [mutation]}
            push(ana, parsed(PushRequest, request), play.house.now)
        connection.close()

    taken, pages = 0, 0
    with ThreadPoolExecutor(1) as threads:
        pushing = threads.submit(push_queue)
        while taken < number:
            page = read(play, ana, client_id, {}) | {}
            taken, pages = page["lmid"].get("main", 0), pages + 1
            [mine] = [s for s in page["scopes"] if UUID(s["scope"].partition(":")[2]) == ana.id]
            assert (mine["head"], len(page["results"])) == (taken, taken), "I7"
            assert [row[1] for row in mine["put"]] == keys[: min(taken, 7)]
        pushing.result()
    assert pages > 5
    committed.clear()
    play.close()
