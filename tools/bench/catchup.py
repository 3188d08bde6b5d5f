"""Catching up over the real endpoint, and the same SQL in a bare ASGI application beside it.

16 phones with 50 new documents over 5 scopes each, and the same phones with nothing new; a
million documents in the table. Both have a worker process for each core, and then only one, where
a thread of ours waits for the others' Python and the bare application has a core for PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from tools.bench import http, phones
from tools.local import place, processes, stack

SECONDS = 12.0
ROUNDS = 12
SCOPES, NEW, PHONES, DOCUMENTS = 5, 10, 16, 1_000_000


WEB = ["granian", "--interface", "wsgi", "server.wsgi:application"]
BARE = ["granian", "--interface", "asginl", "bench.bare_pull:application"]


def run() -> list[dict[str, Any]]:
    """Two figures for each number of workers: 50 new documents, and an idle pull."""
    with (
        place.temporary() as held,
        stack.running(held, given=dict(os.environ), names=(), data=False) as house,
    ):
        seeded = phones.seed(
            house.variables, phones=PHONES, scopes=SCOPES, documents=DOCUMENTS, new=NEW
        )
        cores = os.cpu_count() or 1
        return [*_with(house, seeded, cores, ""), *_with(house, seeded, 1, "_one_worker")]


def _with(
    house: stack.Stack, seeded: list[phones.Seeded], workers: int, suffix: str
) -> Iterator[dict[str, Any]]:
    with _served(house, WEB, workers, 3) as web, _served(house, BARE, workers, 1) as bare:
        yield _compare(web, bare, seeded, f"catchup{suffix}", NEW)
        yield _compare(web, bare, seeded, f"idle_pull{suffix}", 0)


def _compare(
    web: str, bare: str, seeded: list[phones.Seeded], name: str, new: int
) -> dict[str, Any]:
    """Both servers in turn, and the median of the rounds: the machine is not ours alone."""
    bodies = [http.request("/api/v1/sync/pull", s.token, s.body(new)) for s in seeded]
    asyncio.run(http.load(web, bodies, seconds=1))
    asyncio.run(http.load(bare, bodies, seconds=1))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(asyncio.run(http.load(web, bodies, seconds=SECONDS / ROUNDS)))
        theirs.append(asyncio.run(http.load(bare, bodies, seconds=SECONDS / ROUNDS)))
    middle = sorted(ours, key=_rate)[ROUNDS // 2]
    return {
        "bench": name,
        "rate": round(middle.rate),
        "reference": {"name": "bare ASGI, same SQL", "rate": round(median(map(_rate, theirs)))},
        "ratio": round(median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True)), 2),
        "p50_ms": middle.percentile(50),
        "p99_ms": middle.percentile(99),
        "n": len(middle.millis),
        "cores": os.cpu_count(),
        "note": f"{PHONES} phones, {SCOPES * new} new documents over {SCOPES} scopes,"
        f" {DOCUMENTS} in the feed, {middle.size} bytes an answer",
    }


def _rate(load: http.Load) -> float:
    return load.rate


@contextmanager
def _served(house: stack.Stack, command: list[str], workers: int, threads: int) -> Iterator[str]:
    port, log = place.free_port(), house.place.root / f"{command[2]}.{workers}.log"
    environment = house.environment() | {
        "GRANIAN_PORT": str(port),
        "DATABASE_ROLE": "app",
        "GRANIAN_WORKERS": str(workers),
        "GRANIAN_BLOCKING_THREADS": str(threads),
    }
    server = processes.start_process(command, log=log, cwd=place.CHECKOUT, env=environment)
    try:
        processes.wait_until(lambda: stack.listens(port), server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        processes.stop(server)
