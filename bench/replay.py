"""The reference of `live`: the statements of one message, recorded once, run again from threads.

What was new in the recorded message (its ids) is new in each run; nothing else is done.
"""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
from typing import Any

import psycopg

from bench.circles import Circle

Statement = tuple[str, list[Any]]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def record(circle: Circle) -> list[Statement]:
    """The statements of one `groups.post_message` by the first member, with their parameters."""
    from django.db import connection

    seen: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, list(params or [])))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        _post(circle)
    return seen


def known(circle: Circle) -> set[str]:
    """The ids that stay as they are: the group, its people and their cards."""
    users = [member.user_id for member in circle.members]
    cards = [uuid.uuid5(circle.group_id, str(user)) for user in users]
    return {str(id_) for id_ in [circle.group_id, *users, *cards]}


def rate(circles: list[Circle], *, seconds: float) -> float:
    """Messages per second when each group has a thread and a connection of its own."""
    scripts = [(record(circle), known(circle)) for circle in circles]
    done = [0] * len(scripts)
    until = time.perf_counter() + seconds

    def work(n: int) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.prepare_threshold = 0
            while time.perf_counter() < until:
                _run(connection, *scripts[n])
                done[n] += 1

    threads = [threading.Thread(target=work, args=[n]) for n in range(len(scripts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _run(connection: psycopg.Connection[Any], script: list[Statement], known_ids: set[str]) -> None:
    ids = {id_: id_ for id_ in known_ids}
    with connection.transaction():
        for sql, parameters in script:
            connection.execute(sql, [_renewed(value, ids) for value in parameters])


def _renewed(value: Any, ids: dict[str, str]) -> Any:
    """The parameter with each unknown id replaced, the same one in the same way."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(_renewed(str(value), ids))
    if isinstance(value, str):
        return UUID.sub(lambda found: ids.setdefault(found[0], str(uuid.uuid4())), value)
    if isinstance(value, list):
        return [_renewed(each, ids) for each in value]
    return value


def _post(circle: Circle) -> None:
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from recovery.actions import Call, perform
    from recovery.people.models import User

    author = User.objects.get(id=circle.members[0].user_id)
    data = {"group": str(circle.group_id), "id": str(uuid7()), "text": "I was tempted. " * 5}
    perform("groups.post_message", data=data, call=Call(author, timezone.now()))
