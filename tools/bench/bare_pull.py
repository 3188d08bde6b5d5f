"""The reference: the pull's SQL in a bare ASGI application with an async pool, and nothing else."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import django
from psycopg_pool import AsyncConnectionPool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from recovery.feed.pull import PULL_OF_WHO  # noqa: E402
from recovery.signin.authentication import SESSION_AND, Session  # noqa: E402
from recovery.signin.tokens import sha256  # noqa: E402

STATEMENT = SESSION_AND.format(PULL_OF_WHO)

pool: AsyncConnectionPool | None = None


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers every request as a pull."""
    global pool
    if scope["type"] != "http":
        return
    if pool is None:
        pool = AsyncConnectionPool(
            os.environ["DATABASE_URL"],
            min_size=8,
            max_size=8,
            open=False,
            kwargs={"autocommit": True},
        )
        await pool.open()
    token = dict(scope["headers"])[b"authorization"].decode().partition(" ")[2]
    asked = json.loads((await receive())["body"])
    text = await _pull(pool, token, asked)
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": text})


async def _pull(pool: AsyncConnectionPool, token: str, asked: dict[str, Any]) -> bytes:
    async with pool.connection() as db:
        row: Any = await (await db.execute(STATEMENT, parameters(token, asked))).fetchone()
    epoch, lmid, _, _, results, scopes, _, _ = row[len(Session._fields) :]
    answer = f'{{"epoch":"{epoch}","lmid":{lmid},"results":{results},"scopes":[{scopes or ""}]}}'
    return answer.encode()


def parameters(token: str, asked: dict[str, Any]) -> list[Any]:
    """What STATEMENT takes for a request with this token and body."""
    epoch, told = asked["cursor"]["epoch"], json.dumps(asked["cursor"]["scopes"])
    who = [sha256(token), datetime.now(UTC)]
    return [*who, asked["client_id"], "{}", epoch, "1", "{}", 500, told, None]
