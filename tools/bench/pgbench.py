"""The reference of `live`: pgbench runs the recorded statements of one message.

The ids that were new in the recorded message are new in each transaction; nothing else changes.
Each group has its own pgbench with one connection, because `live` has one message in flight per
group.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

from tools.bench.groups import Group
from tools.local.postgres import PROGRAMS, wheel

# Not a part of something longer, such as a hash.
UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])")
LITERAL = re.compile(r"E'((?:[^'\\]|''|\\.)*)'|'((?:[^']|'')*)'")


def rate(groups: list[Group], folder: Path, *, seconds: float) -> float:
    """Return the messages per second of all groups together."""
    runs = [_start(folder / f"message-{n}.sql", group, seconds) for n, group in enumerate(groups)]
    return sum(_rate(run) for run in runs)


def _start(script: Path, group: Group, seconds: float) -> subprocess.Popen[str]:
    script.write_text(_script(_record(group), _known(group)))
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
    output = run.communicate()[0]
    match = re.search(r"tps = ([\d.]+)", output)
    if run.returncode or not match:
        raise RuntimeError(output)
    return float(match[1])


def _record(group: Group) -> list[str]:
    """Post one message as the first member; return its statements with parameters filled in."""
    from django.db import connection
    from psycopg import ClientCursor

    statements: list[str] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        writer = ClientCursor(connection.connection)
        statements.append(writer.mogrify(sql, params))
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(record):
        _post(group)
    return statements


def _script(statements: list[str], known: set[uuid.UUID]) -> str:
    """One transaction in pgbench's language, with fresh ids each time it runs."""
    new_ids = {uuid.UUID(text) for text in UUID.findall("\n".join(statements))} - known
    names = {each: f"new{n}" for n, each in enumerate(sorted(new_ids))}
    fresh = ", ".join(f"gen_random_uuid() AS {name}" for name in names.values())
    lines = []
    for statement in statements:
        text = LITERAL.sub(lambda match: _literal(match, names), statement)
        lines.append(" ".join(text.split()) + ";")  # each on one line, as pgbench reads them
    return "\n".join([f"SELECT {fresh} \\gset", "BEGIN;", *lines, "END;"])


def _literal(match: re.Match[str], names: dict[uuid.UUID, str]) -> str:
    """A literal with each new id in it replaced by its pgbench variable."""
    escaped, plain = match.groups()
    text = plain if escaped is None else re.sub(r"\\(.)", r"\1", escaped)
    text = text.replace("''", "'")
    value = _quoted(text)
    for old in {each for each in UUID.findall(text) if uuid.UUID(each) in names}:
        value = f"replace({value}, '{old}', :{names[uuid.UUID(old)]})"
    # A literal fits any type, but what replace() returns is text.
    return f"{value}::jsonb" if value.startswith("replace") and _is_json(text) else value


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    """Escape the colon, which starts a variable in pgbench, and the space, because white space
    is folded when the statement is put on one line."""
    for character, code in (("\\", "\\\\"), ("'", "''"), (":", "\\003A"), (" ", "\\0020")):
        text = text.replace(character, code)
    return f"U&'{text}'"


def _known(group: Group) -> set[uuid.UUID]:
    """The ids that stay the same: the group, its members and their cards."""
    users = [member.user_id for member in group.members]
    cards = [uuid.uuid5(group.group_id, str(user)) for user in users]
    return {group.group_id, *users, *cards}


def _post(group: Group) -> None:
    from django.test import Client
    from uuid_utils.compat import uuid7

    data = {"group": str(group.group_id), "id": str(uuid7()), "text": "I was tempted. " * 5}
    headers = {
        "authorization": f"Bearer {group.members[0].token}",
        "idempotency-key": str(uuid7()),
        "host": "localhost",
    }
    path = "/api/v1/actions/groups.post_message"
    answer = Client(headers=headers).post(path, data, content_type="application/json")
    assert answer.status_code == 200, answer.content
