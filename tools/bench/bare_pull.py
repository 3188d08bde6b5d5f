"""The reference of `catchup`: only the pull's SQL, in a bare ASGI application with a pool."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import django
from psycopg_pool import AsyncConnectionPool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from foundation.postgresql.functions import statement  # noqa: E402
from recovery.signin.authentication import Session  # noqa: E402
from recovery.signin.tokens import sha256  # noqa: E402

pool: AsyncConnectionPool | None = None


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Treat every request as a pull."""
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
    request_body = json.loads((await receive())["body"])
    text = await _pull(pool, token, request_body)
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": text})


async def _pull(pool: AsyncConnectionPool, token: str, request_body: dict[str, Any]) -> bytes:
    async with pool.connection() as db:
        cursor = await db.execute(*pull(token, request_body))
        row: Any = await cursor.fetchone()
    epoch, lmid, _, _, results, scopes, _, _ = row[len(Session._fields) :]
    answer = f'{{"epoch":"{epoch}","lmid":{lmid},"results":{results},"scopes":{scopes}}}'
    return answer.encode()


def pull(token: str, request_body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The statement of a pull and its parameters."""
    cursor = request_body["cursor"]
    parameters = {
        "presented": sha256(token),
        "at": datetime.now(UTC),
        "client": request_body["client_id"],
        "acked": json.dumps(request_body["ack"]),
        "asked_epoch": cursor["epoch"],
        "schema": "1",
        "changed": "{}",
        "page": 500,
        "positions": json.dumps(cursor["scopes"]),
        "only_names": None,
    }
    return statement("pull_by_token", *parameters), parameters
