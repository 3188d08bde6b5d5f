"""How long one phone waits, alone on a quiet server: an idle pull, a first sync, a growing feed.

Milliseconds cover the whole HTTP exchange on loopback, so the server's own share is smaller.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tools.bench import figures, http, phones, processor
from tools.local import data_directory, stack

ROUNDS, SECONDS = 5, 1.0
# Short, so that in at least one of them no one else uses the machine.
MOMENTS, MOMENT = 24, 0.25
SIZES = (1_000, 100_000, 1_500_000)
FIRST_SYNC = 2_000
# PostgreSQL chooses between a generic and a custom plan after five executions.
EXPLAIN, PLANNED = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ", 10


def run() -> list[dict[str, Any]]:
    """Return three figures: `feed_size`, `idle_pull_12` and `first_sync`."""
    environ = {**os.environ, "GRANIAN_WORKERS": "1"}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web",), data=False) as system,
    ):
        return [_feed_size(system), _idle(system), _first_sync(system)]


def _feed_size(system: stack.Stack) -> dict[str, Any]:
    """Time the same pull of 50 documents while the very scopes that it reads grow."""
    (phone,) = phones.seed(system.variables, phones=1, scopes=5, documents=SIZES[0], new=10)
    sizes, blocks = {}, {}
    for size in SIZES:
        phone = phones.grow(phone, size)
        sizes[size] = figures.medians(_rounds(system, phone, 10, MOMENTS, MOMENT))
        blocks[size] = _blocks(phone, 10)
    middle = {size: each["p50_ms"] for size, each in sizes.items()}
    return figures.line(
        "feed_size",
        ratio=round(max(middle.values()) / min(middle.values()), 2),
        p50_ms=middle,
        p50_ms_range={size: each["p50_ms_range"] for size, each in sizes.items()},
        processor_ms={size: each["processor_ms"]["total"] for size, each in sizes.items()},
        blocks=blocks,
        note="a pull of 50 documents over 5 scopes, by the number of documents in those scopes,"
        f" with the receipts of 90 days: the median of {MOMENTS} moments' medians, and their range;"
        " blocks: the pages PostgreSQL reads for one",
    )


def _idle(system: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(system.variables, phones=1, scopes=12, documents=1_200, new=0)
    return figures.line(
        "idle_pull_12",
        **figures.medians(_rounds(system, phone, 0, ROUNDS, SECONDS)),
        note=f"one phone, 12 scopes, nothing new, {SIZES[-1]} documents in the feed",
    )


def _first_sync(system: stack.Stack) -> dict[str, Any]:
    (phone,) = phones.seed(system.variables, phones=1, scopes=5, documents=FIRST_SYNC, new=0)
    _, pages = asyncio.run(_pull_everything(system.web, phone))
    rounds: list[dict[str, figures.Value]] = []
    for _ in range(2 * ROUNDS):
        meter = processor.Meter(system.running)
        millis, _ = asyncio.run(_pull_everything(system.web, phone))
        rounds.append({"p50_ms": millis, "processor_ms": meter.millis_each(1)})
    return figures.line(
        "first_sync",
        **figures.medians(rounds),
        note=f"{FIRST_SYNC} documents over 5 scopes in {pages} pages, one after the other",
    )


def _rounds(
    system: stack.Stack, phone: phones.Seeded, new: int, count: int, seconds: float
) -> list[dict[str, figures.Value]]:
    """One phone alone pulls `new` documents of each group again and again."""
    request = http.request("/api/v1/sync/pull", phone.token, phone.body(new))
    asyncio.run(http.load(system.web, [request], seconds=SECONDS))
    rounds = []
    for _ in range(count):
        meter = processor.Meter(system.running)
        millis = asyncio.run(http.load(system.web, [request], seconds=seconds)).millis
        used = meter.millis_each(len(millis))
        rounds.append(figures.percentiles(millis) | {"processor_ms": used})
    return rounds


def _blocks(phone: phones.Seeded, new: int) -> int:
    """Return how many pages the pull's statement reads, once its plans are cached."""
    from tools.bench.bare_pull import pull

    sql, parameters = pull(phone.token, json.loads(phone.body(new)))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for _ in range(PLANNED):
            row: Any = connection.execute(EXPLAIN + sql, parameters).fetchone()
    plan = row[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


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
