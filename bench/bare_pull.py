"""The reference: the pull's SQL in a bare ASGI application with an async pool, and nothing else."""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from typing import Any

import django
from psycopg_pool import AsyncConnectionPool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django.setup()

from recovery.api.sync.pull import OWN, SNAPSHOT  # noqa: E402
from recovery.feed.read import ORDER, READ  # noqa: E402
from recovery.people.authentication import SESSION  # noqa: E402
from recovery.people.tokens import digest  # noqa: E402

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
    told = asked["cursor"]["scopes"]
    async with pool.connection() as db:
        session = await (await db.execute(SESSION, [digest(token), datetime.now(UTC)])).fetchone()
        user = session[1]
        await db.execute(f"{SNAPSHOT}; SELECT set_config('app.user_id', '{user}', true)")
        own = {"user": user, "client": asked["client_id"], "ack": "{}"}
        epoch, lmid, *_ = await (await db.execute(OWN, own)).fetchone()
        rows = await (await db.execute(READ, _parameters(user, told))).fetchall()
        await db.execute("COMMIT")
    scopes = ",".join(
        f'{{"scope":"{r[0]}","pos":[{r[1]},{r[2]},"{r[3]}"],"put":[{r[8] or ""}],"del":[]}}'
        for r in rows
    )
    return f'{{"epoch":"{epoch}","lmid":{json.dumps(lmid)},"scopes":[{scopes}]}}'.encode()


def _parameters(user: uuid.UUID, told: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "user": user,
        "ids": [name.partition(":")[2] for name in told],
        "seqs": [p[0] for p in told.values()],
        "bases": [p[1] for p in told.values()],
        "grants": [p[2] for p in told.values()],
        "new_epoch": False,
        "schema": 1,
        "limit": 500,
        "order": ORDER,
        "only": None,
    }
