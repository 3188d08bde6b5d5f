"""The reference of `live`: pgbench running the statements of one message, recorded once.

What was new in the recorded message (its ids) is new in each run; nothing else is done. Each group
has a pgbench of its own with one connection, as each has one message in flight in the benchmark.
"""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

from tools.bench.circles import Circle
from tools.local.postgres import PROGRAMS, wheel

# Not a part of something longer, such as a hash.
UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])")
LITERAL = re.compile(r"E'((?:[^'\\]|''|\\.)*)'|'((?:[^']|'')*)'")


def rate(circles: list[Circle], folder: Path, *, seconds: float) -> float:
    """Messages per second when each group has a connection of its own."""
    runs = [
        _start(folder / f"message-{n}.sql", circle, seconds) for n, circle in enumerate(circles)
    ]
    return sum(_rate(run) for run in runs)


def _start(script: Path, circle: Circle, seconds: float) -> subprocess.Popen[str]:
    script.write_text(_script(_record(circle), _known(circle)))
    command = [
        str(wheel() / PROGRAMS / "pgbench"),
        "--no-vacuum",
        "--protocol=prepared",
        f"--file={script}",
    ]
    return subprocess.Popen(
        [*command, f"--time={round(seconds)}", os.environ["DATABASE_URL"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _rate(run: subprocess.Popen[str]) -> float:
    told = run.communicate()[0]
    found = re.search(r"tps = ([\d.]+)", told)
    if run.returncode or not found:
        raise RuntimeError(told)
    return float(found[1])


def _record(circle: Circle) -> list[str]:
    """The statements of one message by the first member, with their parameters in them."""
    from django.db import connection
    from psycopg import ClientCursor

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        writer = ClientCursor(connection.connection)
        seen.append(writer.mogrify(sql, params))
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(note):
        _post(circle)
    return seen


def _script(statements: list[str], known: set[uuid.UUID]) -> str:
    """As pgbench takes it: one transaction, with new ids each time."""
    found = {uuid.UUID(text) for text in UUID.findall("\n".join(statements))} - known
    names = {each: f"new{n}" for n, each in enumerate(sorted(found))}
    fresh = ", ".join(f"gen_random_uuid() AS {name}" for name in names.values())
    renewed = [f"{_renewed(statement, names)};" for statement in statements]
    return "\n".join([f"SELECT {fresh} \\gset", "BEGIN;", *renewed, "END;"])


def _renewed(statement: str, names: dict[uuid.UUID, str]) -> str:
    """The statement on one line, each new id in it replaced by pgbench's variable."""
    return " ".join(LITERAL.sub(lambda m: _literal(m, names), statement).split())


def _literal(found: re.Match[str], names: dict[uuid.UUID, str]) -> str:
    escaped, plain = found.groups()
    text = plain if escaped is None else re.sub(r"\\(.)", r"\1", escaped)
    text = text.replace("''", "'")
    value = _quoted(text)
    for old in {each for each in UUID.findall(text) if uuid.UUID(each) in names}:
        value = f"replace({value}, '{old}', :{names[uuid.UUID(old)]})"
    return value


def _quoted(text: str) -> str:
    """Without a colon, which pgbench would take for a variable, and without a space or newline
    that putting the statement on one line would change."""
    for character, code in (("\\", "\\\\"), ("'", "''"), (":", "\\003A"), (" ", "\\0020")):
        text = text.replace(character, code)
    return f"U&'{text}'"


def _known(circle: Circle) -> set[uuid.UUID]:
    """The ids that stay as they are: the group, its people and their cards."""
    users = [member.user_id for member in circle.members]
    cards = [uuid.uuid5(circle.group_id, str(user)) for user in users]
    return {circle.group_id, *users, *cards}


def _post(circle: Circle) -> None:
    from django.test import Client
    from uuid_utils.compat import uuid7

    data = {"group": str(circle.group_id), "id": str(uuid7()), "text": "I was tempted. " * 5}
    headers = {
        "authorization": f"Bearer {circle.members[0].token}",
        "idempotency-key": str(uuid7()),
        "host": "localhost",
    }
    path = "/api/v1/actions/groups.post_message"
    answer = Client(headers=headers).post(path, data, content_type="application/json")
    assert answer.status_code == 200, answer.content
