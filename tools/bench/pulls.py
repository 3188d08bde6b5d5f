"""How long one phone waits, alone on a quiet server: an idle pull, a first sync, a growing feed.

Milliseconds cover the whole HTTP exchange on loopback, so the server's own share is smaller.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tools.bench import http, phones
from tools.local import data_directory, stack

SECONDS = 1.0
# Short, so that in at least one of them no one else uses the machine.
MOMENT, MOMENTS = 0.25, 24
SIZES = (1_000, 100_000, 1_500_000)
FIRST_SYNC = 2_000
# PostgreSQL chooses between a generic and a custom plan after five executions.
EXPLAIN, PLANNED = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ", 10


def run() -> list[dict[str, Any]]:
    """Return three figures: `idle_pull_12`, `first_sync` and `feed_size`."""
    environ = {**os.environ, "GRANIAN_WORKERS": "1"}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web",), data=False) as system,
    ):
        return [_feed_size(system), _idle(system), _first_sync(system)]


def _idle(system: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(system.variables, phones=1, scopes=12, documents=1_200, new=0)
    load = _alone(system.web, phone, 0)
    return _figure(
        "idle_pull_12",
        goal_ms=5,
        p50_ms=load.percentile(50),
        p95_ms=load.percentile(95),
        n=len(load.millis),
        note=f"one phone, 12 scopes, nothing new, {SIZES[-1]} documents in the feed",
    )


def _first_sync(system: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(system.variables, phones=1, scopes=5, documents=FIRST_SYNC, new=0)
    asyncio.run(_pull_everything(system.web, phone))
    runs = [asyncio.run(_pull_everything(system.web, phone)) for _ in range(10)]
    return _figure(
        "first_sync",
        goal_ms=300,
        p50_ms=round(median(millis for millis, _ in runs), 1),
        n=len(runs),
        note=f"{FIRST_SYNC} documents over 5 scopes in {runs[0][1]} pages, one after the other",
    )


def _feed_size(system: stack.Stack) -> dict[str, Any]:
    """Time the same pull of 50 documents while the very scopes that it reads grow."""
    (phone,) = phones.seed(system.variables, phones=1, scopes=5, documents=SIZES[0], new=10)
    millis, ranges, blocks = {}, {}, {}
    for size in SIZES:
        phone = phones.grow(phone, size)
        moments = sorted(_medians(system.web, phone, 10))
        millis[size], ranges[size] = round(median(moments), 2), [moments[0], moments[-1]]
        blocks[size] = _blocks(phone, 10)
    return _figure(
        "feed_size",
        goal_ratio=1.15,
        ratio=round(max(millis.values()) / min(millis.values()), 2),
        p50_ms=millis,
        p50_ms_range=ranges,
        blocks=blocks,
        note="a pull of 50 documents over 5 scopes, by the number of documents in those scopes,"
        f" with the receipts of 90 days: the median of {MOMENTS} moments' medians, and their range;"
        " blocks: the pages PostgreSQL reads for one",
    )


def _medians(web: str, phone: phones.Seeded, new: int) -> Iterator[float]:
    """Yield the median of each moment, in milliseconds."""
    request = _pull(phone, new)
    asyncio.run(http.load(web, [request], seconds=SECONDS))
    for _ in range(MOMENTS):
        yield asyncio.run(http.load(web, [request], seconds=MOMENT)).percentile(50)


def _blocks(phone: phones.Seeded, new: int) -> int:
    """Return how many pages the pull's statement reads, once its plans are cached."""
    from tools.bench.bare_pull import pull

    sql, parameters = pull(phone.token, json.loads(phone.body(new)))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for _ in range(PLANNED):
            row: Any = connection.execute(EXPLAIN + sql, parameters).fetchone()
    plan = row[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _alone(web: str, phone: phones.Seeded, new: int) -> http.Load:
    request = _pull(phone, new)
    asyncio.run(http.load(web, [request], seconds=SECONDS / 4))
    return asyncio.run(http.load(web, [request], seconds=SECONDS))


def _pull(phone: phones.Seeded, new: int) -> bytes:
    return http.request("/api/v1/sync/pull", phone.token, phone.body(new))


async def _pull_everything(web: str, phone: phones.Seeded) -> tuple[float, int]:
    """Pull from an empty cursor to the end. Returns the milliseconds and the number of pages."""
    address = urlsplit(web)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    cursor: dict[str, Any] = {}
    millis, pages, more = 0.0, 0, True
    while more:
        writer.write(http.request("/api/v1/sync/pull", phone.token, phone.body_with(cursor)))
        taken, body = await http.timed(reader)
        page = json.loads(body)
        scopes = cursor.get("scopes", {}) | {s["scope"]: s["pos"] for s in page["scopes"]}
        cursor, more = {"epoch": page["epoch"], "scopes": scopes}, page["has_more"]
        millis, pages = millis + taken, pages + 1
    writer.close()
    return millis, pages


def _figure(name: str, **values: Any) -> dict[str, Any]:
    return {"bench": name, **values, "cores": os.cpu_count()}
