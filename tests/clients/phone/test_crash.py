"""A phone that dies in the middle of a step has done all of it or nothing.

Each case runs in a child process that really dies (no rollback, no close) before the n-th
statement, for every n. Then the database is opened again and compared.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.phone import Phone
from clients.phone.answers import Answers
from clients.phone.files import Outgoing
from clients.phone.keystore import Keystore
from clients.phone.store import Store
from tests.clients.phone.pages import (
    AT,
    GROUP,
    ME,
    digest,
    message,
    mutation,
    page,
    part,
    registration,
    take,
)

Step = Callable[[Answers], object]
TABLES = ("scope", "document", "overlay", "lane", "mutation", "outgoing", "file")
DIED, SURVIVED = 9, 0


def open_phone(path: Path) -> Answers:
    answers = Answers(Store(path, Keystore(path.with_suffix(".keys"))))
    answers.overlay.projections = {
        "groups.post": lambda args: (GROUP, "message", args["id"], {"text": "mine"})
    }
    return answers


def before(answers: Answers) -> None:
    """A phone in use: two scopes, one mutation sent, one pending."""
    answers.take_registration(registration())
    scopes = part(ME, 2, [message("a", 1), message("b", 2)], reset="sweep")
    group = part(GROUP, 5, [message("m", 3), message("n", 5)], reset="sweep")
    take(answers, page(scopes, group))
    answers.queue(mutation("sent", id="p"))
    take(answers, page(lmid={"main": 1}))
    answers.queue(mutation("one", id="x"))
    answers.queue(mutation("two", id="y"))
    answers.queue(mutation("help", "urgent", id="z"))


def contents(answers: Answers) -> dict[str, Any]:
    """All stored rows, with sealed values decrypted."""
    rows = {table: answers.store.all(f"SELECT * FROM {table}") for table in TABLES}  # noqa: S608
    plain = {
        table: sorted(
            tuple(value for value in tuple(row) if not isinstance(value, bytes)) for row in rows
        )
        for table, rows in rows.items()
    }
    meta = {row["name"]: row["value"] for row in answers.store.all("SELECT * FROM meta")}
    return {**plain, "meta": meta, "shown": answers.overlay.read()}


def pull(answers: Answers) -> None:
    """Everything that a page can hold: a drop, a reset, rows, tombstones, results, a cursor."""
    personal = part(ME, 4, [message("c", 3)], [["message", "a", 4]], head=9, reset="sweep")
    refusal = {"id": 2, "lane": "main", "status": "rejected", "code": "conflict"}
    answer = page(personal, lmid={"main": 3}, results=[refusal], drop=[GROUP], epoch="e2")
    answers.take_pull(answers.request(), answer, AT)


def push(answers: Answers) -> None:
    refusal = {"id": 2, "status": "rejected", "code": "conflict"}
    done = {"id": 3, "status": "applied", "at": [[GROUP, 6]]}
    read = page(part(GROUP, 6, [message("y", 6)]), lmid={"main": 3})
    answer = {"lmid": {"main": 3}, "results": [refusal, done], "pull": read}
    answers.take_push(answers.request(), "main", answer, AT)


def frame(answers: Answers) -> None:
    rows = {"put": [message("y", 6)], "del": [["message", "m", 7]]}
    answers.take_frame({"t": "c", "s": GROUP, "from": 5, "to": 7, **rows})


def another_epoch(answers: Answers) -> None:
    answers.take_registration(registration("cl_2", epoch="e2"))


STEPS: dict[str, Step] = {
    "pull": pull,
    "push": push,
    "frame": frame,
    "register": another_epoch,
    "queue": lambda answers: answers.queue(mutation("three", id="w"), [Outgoing(ME, b"picture")]),
    "set aside": lambda answers: answers.set_aside("one", "too_large", AT),
    "digest": lambda answers: answers.take_digest(digest((GROUP, 5, 9, "")), "1.0.0", AT),
    "reopen": lambda answers: answers.reopen("main", 1),
}


def copy_of(path: Path, name: str) -> Path:
    for suffix in (".db", ".keys"):
        shutil.copy(path.with_suffix(suffix), path.with_name(name + suffix))
    return path.with_name(f"{name}.db")


def die_ahead_of(n: int, path: Path, step: Step) -> int:
    """Run `step` in a child process that dies before its n-th statement. Returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        answers = open_phone(path)
        left = iter(range(n))
        answers.store.before_step = lambda _: None if next(left, None) is not None else os._exit(9)
        step(answers)
        os._exit(SURVIVED)
    finally:
        os._exit(1)


@pytest.mark.parametrize("name", STEPS)
def test_a_crash_leaves_the_old_state_or_the_new(name: str, tmp_path: Path) -> None:
    step = STEPS[name]
    old = open_phone(tmp_path / "old.db")
    before(old)
    was = contents(old)
    old.store.close()
    new = open_phone(copy_of(tmp_path / "old.db", "new"))
    step(new)
    will_be = contents(new)
    assert was != will_be
    seen_old, ending, n = 0, DIED, 0
    while ending == DIED:
        path = copy_of(tmp_path / "old.db", str(n))
        ending, n = die_ahead_of(n, path, step), n + 1
        now = contents(open_phone(path))
        assert now in (was, will_be), f"died ahead of statement {n - 1}"
        seen_old += now == was
    assert ending == SURVIVED
    assert now == will_be
    assert seen_old == n - 2  # all runs but the death after the commit and the survivor


def test_a_wipe_interrupted_between_keys_and_data_is_finished_at_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "phone.db"
    phone = Phone("http://127.0.0.1:9", path)
    before(phone.answers)
    phone.keystore.erase(wiped=True, receipt="r")
    again = Phone("http://127.0.0.1:9", path)
    assert again.is_wiped
    assert again.store.all("SELECT * FROM document") == []
    assert again.store.all("SELECT * FROM mutation") == []
    assert again.keystore.get("receipt") == "r"
