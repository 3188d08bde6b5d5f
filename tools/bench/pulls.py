"""What one phone waits for, alone on a quiet server: an idle pull, a first sync, a growing feed.

Milliseconds are those of the whole HTTP exchange on loopback, so the server's own are fewer.
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
from tools.local import place, stack

SECONDS = 1.0
# Short, for in one of them the machine is ours alone.
MOMENT, MOMENTS = 0.25, 24
SIZES = (1_000, 100_000, 1_000_000)
WHOLE = 2_000
EXPLAIN, PLANNED = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ", 10


def run() -> list[dict[str, Any]]:
    """Three figures: `idle_pull_12`, `first_sync` and `feed_size`."""
    given = {**os.environ, "GRANIAN_WORKERS": "1"}
    with (
        place.temporary() as held,
        stack.running(held, given=given, names=("web",), data=False) as house,
    ):
        return [_feed_size(house), _idle(house), _first_sync(house)]


def _idle(house: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(house.variables, phones=1, scopes=12, documents=1_200, new=0)
    load = _alone(house.web, phone, 0)
    return _figure(
        "idle_pull_12",
        goal_ms=5,
        p50_ms=load.percentile(50),
        p95_ms=load.percentile(95),
        n=len(load.millis),
        note=f"one phone, 12 scopes, nothing new, {SIZES[-1]} documents in the feed",
    )


def _first_sync(house: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(house.variables, phones=1, scopes=5, documents=WHOLE, new=0)
    asyncio.run(_whole(house.web, phone))
    runs = [asyncio.run(_whole(house.web, phone)) for _ in range(10)]
    return _figure(
        "first_sync",
        goal_ms=300,
        p50_ms=round(median(millis for millis, _ in runs), 1),
        n=len(runs),
        note=f"{WHOLE} documents over 5 scopes in {runs[0][1]} pages, one after the other",
    )


def _feed_size(house: stack.Stack) -> dict[str, Any]:
    """The same pull of 50 documents while the feed around it grows."""
    (phone,) = phones.seed(house.variables, phones=1, scopes=5, documents=SIZES[0], new=10)
    held, millis, blocks = SIZES[0], {}, {}
    for size in SIZES:
        phones.fill_others(size - held)
        held = size
        millis[size] = min(_moments(house.web, phone, 10))
        blocks[size] = _blocks(phone, 10)
    return _figure(
        "feed_size",
        goal_ratio=1.2,
        ratio=round(max(millis.values()) / min(millis.values()), 2),
        p50_ms=millis,
        blocks=blocks,
        note="a pull of 50 documents over 5 scopes, by the number of documents in the feed,"
        f" the quickest of {MOMENTS} moments; blocks: how often PostgreSQL looks at a page for one",
    )


def _moments(web: str, phone: phones.Seeded, new: int) -> Iterator[float]:
    """The median of each moment, in milliseconds."""
    asked = _pull(phone, new)
    asyncio.run(http.load(web, [asked], seconds=SECONDS))
    for _ in range(MOMENTS):
        yield asyncio.run(http.load(web, [asked], seconds=MOMENT)).percentile(50)


def _blocks(phone: phones.Seeded, new: int) -> int:
    """How often the pull's statement looks at a page, once its plans are made."""
    from tools.bench.bare_pull import STATEMENT, parameters

    asked = parameters(phone.token, json.loads(phone.body(new)))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for _ in range(PLANNED):
            told: Any = connection.execute(EXPLAIN + STATEMENT, asked).fetchone()
    plan = told[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _alone(web: str, phone: phones.Seeded, new: int) -> http.Load:
    asked = _pull(phone, new)
    asyncio.run(http.load(web, [asked], seconds=SECONDS / 4))
    return asyncio.run(http.load(web, [asked], seconds=SECONDS))


def _pull(phone: phones.Seeded, new: int) -> bytes:
    return http.request("/api/v1/sync/pull", phone.token, phone.body(new))


async def _whole(web: str, phone: phones.Seeded) -> tuple[float, int]:
    """Milliseconds and pages until a phone that has nothing has everything."""
    where = urlsplit(web)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    cursor: dict[str, Any] = {}
    millis, pages, more = 0.0, 0, True
    while more:
        writer.write(http.request("/api/v1/sync/pull", phone.token, phone.asking(cursor)))
        taken, answer = await http.timed(reader)
        told = json.loads(answer)
        scopes = cursor.get("scopes", {}) | {s["scope"]: s["pos"] for s in told["scopes"]}
        cursor, more = {"epoch": told["epoch"], "scopes": scopes}, told["has_more"]
        millis, pages = millis + taken, pages + 1
    writer.close()
    return millis, pages


def _figure(name: str, **told: Any) -> dict[str, Any]:
    return {"bench": name, **told, "cores": os.cpu_count()}
